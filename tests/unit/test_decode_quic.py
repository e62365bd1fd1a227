# SPDX-License-Identifier: Apache-2.0
"""The keys of Initial packets and what they open are those of the standards' own examples."""

from __future__ import annotations

from ringscope.decode import Memory, dissect, protocols, summarize
from ringscope.decode.memory import Flow
from ringscope.decode.protocols.app.quic.aes import encrypt
from ringscope.decode.protocols.app.quic.initial import opened
from ringscope.decode.protocols.app.quic.packets import CLIENT, ORIGIN, read_header
from support.packets import ethernet, ipv4, udp
from support.quic import hello, initial, long_header, number

# RFC 9001 appendix A.3
SERVER_INITIAL = bytes.fromhex(
    "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf7"
    "3c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f"
    "58891850abbdca3d20398c276456cbc42158407dd074ee"
)
NEAR, FAR = "10.0.0.1", "10.0.0.2"


class Exchange:
    """Datagrams of one flow, with memories for rows and layers."""

    def __init__(self) -> None:
        self.rows, self.layers = Memory(), Memory()

    def say(self, payload: bytes, *, server: bool = False) -> str:
        ports, ends = ((443, 50000), (FAR, NEAR)) if server else ((50000, 443), (NEAR, FAR))
        data = ethernet(ipv4(udp(payload, ports), 17, source=ends[0], destination=ends[1]))
        assert protocols(data, 1, len(data), self.rows) == ("eth", "ip", "udp", "quic")
        row = summarize(data, 1, len(data), self.rows)
        assert f"QUIC  {row.info}" == dissect(data, 1, len(data), self.layers)[-1].title
        return row.info


def test_aes_encrypts_many_blocks_as_the_standard_encrypts_one() -> None:
    # FIPS 197 appendices B and C.1
    key, plain = bytes(range(16)), bytes.fromhex("00112233445566778899aabbccddeeff")
    other_key, other = (
        bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"),
        bytes.fromhex("3243f6a8885a308d313198a2e0370734"),
    )
    assert encrypt(key, plain * 3) == bytes.fromhex("69c4e0d86a7b0430d8cdb78070b4c55a") * 3
    assert encrypt(other_key, other) == bytes.fromhex("3925841d02dc09fbdc118597196a0b32")


def test_the_standards_example_of_a_servers_first_packet_is_read() -> None:
    flow = Flow()
    flow.note(ORIGIN, bytes.fromhex("8394c8f03e515708"))
    flow.note(CLIENT, "c 1")
    header = read_header(SERVER_INITIAL, 0, len(SERVER_INITIAL), flow, ("c", 1))
    found = opened(SERVER_INITIAL, header, flow, ("s", 2))
    assert found is not None
    assert (found.number, [frame.words for frame in found.frames]) == (
        1,
        ["ACK, up to 0", "CRYPTO, 90 bytes from 0 on"],
    )
    assert found.hello is not None and found.hello.version == 0x0304


def test_both_sides_are_read_once_the_client_was_seen() -> None:
    for version in (1, 0x6B3343CF, 0xFF00001D, 0xFF00001B):
        flow = Exchange()
        assert flow.say(initial(hello("a.example"), destination=b"original", source=b"mine", version=version)) == (
            "Initial, DCID=6f726967696e616c, SCID=6d696e65, PKN: 2, CRYPTO, PADDING, Client Hello (SNI=a.example)"
        )
        answer = initial(
            b"\x02\0\0\x04", destination=b"mine", source=b"yours", version=version, keys=b"original", server=True
        )
        assert flow.say(answer, server=True).startswith(
            "Initial, DCID=6d696e65, SCID=796f757273, PKN: 2, CRYPTO, PADDING"
        )
        again = initial(b"", destination=b"yours", source=b"mine", version=version, keys=b"original")
        assert flow.say(again) == "Initial, DCID=796f757273, SCID=6d696e65, PKN: 2, PADDING"


def test_a_short_header_shows_the_connection_id_that_its_receiver_has_chosen() -> None:
    flow = Exchange()
    flow.say(initial(hello("a.example"), destination=b"original", source=b""))
    flow.say(long_header(2, b"", b"server", 1) + number(30) + bytes(30), server=True)
    assert flow.say(b"\x45server" + bytes(30)) == "Protected Payload, DCID=736572766572"
    assert flow.say(b"\x45" + bytes(30), server=True) == "Protected Payload"
    assert flow.say(b"\x05server" + bytes(30)) == "Protected Payload, DCID=736572766572", "the fixed bit may be greased"


def test_a_packet_under_other_keys_keeps_what_its_header_says() -> None:
    flow = Exchange()
    packet = initial(hello("a.example"), destination=b"original", source=b"mine", keys=b"another")
    assert flow.say(packet) == "Initial, DCID=6f726967696e616c, SCID=6d696e65"
