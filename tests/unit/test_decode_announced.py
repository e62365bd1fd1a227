# SPDX-License-Identifier: Apache-2.0
"""What a flow is called because another one announced it, and the middle of what began with a preface."""

from __future__ import annotations

from struct import pack

from ringscope.decode import Layer, Memory, dissect, protocols, summarize
from support.cases.rpc import call, record, reply
from support.packets import ethernet, ipv4, tcp, udp

FILLING = {"data", "padding"}
CLIENT, SERVER = "10.0.0.1", "10.0.0.2"
RTP = pack(">BBHII", 0x80, 0x88, 7, 160, 0xEAF0EAF) + bytes(160)
RTCP = (
    pack(">BBHIIIIII", 0x81, 200, 12, 0xEAF0EAF, 1, 2, 160, 1, 160)
    + pack(">IBBHIIII", 9, 0, 0xFF, 0xFFFE, 7, 1, 2, 65536)
    + pack(">BBHIBB", 0x81, 202, 3, 0xEAF0EAF, 1, 3)
    + b"a@b\0\0\0"
    + pack(">BBHI", 0x81, 203, 1, 0xEAF0EAF)
)


class Wire:
    """Packets between any ends; rows and layers each have a memory of their own."""

    def __init__(self) -> None:
        self.rows, self.layers = Memory(), Memory()
        self.last: tuple[Layer, ...] = ()

    def tcp(self, ports: tuple[int, int], payload: bytes, ends: tuple[str, str] = (CLIENT, SERVER)) -> str:
        """Protocols of a segment, from TCP on, and its info."""
        return self._say(ipv4(tcp(payload, ports=ports), 6, source=ends[0], destination=ends[1]))

    def udp(self, ports: tuple[int, int], payload: bytes, ends: tuple[str, str] = (CLIENT, SERVER)) -> str:
        """Protocols of a datagram, from UDP on, and its info."""
        return self._say(ipv4(udp(payload, ports), 17, source=ends[0], destination=ends[1]))

    def _say(self, packet: bytes) -> str:
        data = ethernet(packet)
        row = summarize(data, 1, len(data), self.rows)
        names = protocols(data, 1, len(data), self.rows)
        self.last = dissect(data, 1, len(data), self.layers)
        assert tuple(layer.name for layer in self.last if layer.name not in FILLING) == names
        return f"{':'.join(names[2:])} {row.info}"

    def shown(self, name: str) -> list[str]:
        """What the last packet's fields of that name show."""
        return [field.text for layer in self.last for field in layer.fields if field.name == name]


def test_a_passive_server_announces_where_its_data_is() -> None:
    wire = Wire()
    wire.tcp((21, 40000), b"227 Entering Passive Mode (10,0,0,2,4,5)\r\n", (SERVER, CLIENT))
    assert wire.tcp((40001, 1029), b"hello\r\n") == "tcp:ftp-data FTP Data: 7 bytes"
    assert wire.tcp((40001, 1030), b"hello\r\n").startswith("tcp 40001")
    wire.tcp((21, 40000), b"229 Entering Extended Passive Mode (|||1031|)\r\n", (SERVER, CLIENT))
    assert wire.tcp((1031, 40002), b"\0\1", (SERVER, CLIENT)) == "tcp:ftp-data FTP Data: 2 bytes"


def test_an_active_client_announces_where_its_data_comes() -> None:
    wire = Wire()
    wire.tcp((40000, 21), b"PORT 10,0,0,1,4,5\r\n")
    assert wire.tcp((7777, 1029), b"x", (SERVER, CLIENT)) == "tcp:ftp-data FTP Data: 1 bytes"
    wire.tcp((40000, 21), b"EPRT |1|10.0.0.1|1032|\r\n")
    assert wire.tcp((7777, 1032), b"x", (SERVER, CLIENT)) == "tcp:ftp-data FTP Data: 1 bytes"


def test_what_announces_no_port_is_no_harm() -> None:
    wire = Wire()
    for line in (b"PORT 1,2,3\r\n", b"PORT 1,2,3,4,5,999\r\n", b"EPRT ||\r\n", b"227 soon\r\n", b"229 (|||x|)\r\n"):
        assert wire.tcp((40000, 21), line).startswith("tcp:ftp")


def test_a_session_announces_its_media() -> None:
    wire = Wire()
    session = b"v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 7000 RTP/AVP 8\r\nm=image 7010 udptl t38\r\n"
    wire.udp((5060, 5060), b"INVITE sip:a@b SIP/2.0\r\nContent-Type: application/sdp\r\n\r\n" + session)
    told = wire.udp((8000, 7000), RTP, (SERVER, CLIENT))
    assert told == "udp:rtp PT=ITU-T G.711 PCMA, SSRC=0xEAF0EAF, Seq=7, Time=160, Mark"
    assert wire.shown("Payload type") == ["8 (ITU-T G.711 PCMA)"]
    assert wire.udp((8001, 7001), RTCP, (SERVER, CLIENT)) == "udp:rtcp Sender Report   Source description   Goodbye"
    assert wire.shown("Packets lost") == ["-2"] and wire.shown("CNAME") == ["a@b"]
    assert wire.udp((8000, 7010), RTP, (SERVER, CLIENT)).startswith("udp 8000")


def test_media_that_each_name_their_address_and_nothing_that_is_none() -> None:
    wire = Wire()
    session = b"v=0\r\nm=audio 7000 RTP/AVP 96\r\nc=IN IP4 10.0.0.1\r\n"
    wire.udp((5060, 5060), b"SIP/2.0 200 OK\r\nc: application/sdp\r\n\r\n" + session)
    assert wire.udp((8000, 7000), b"\x80\x60" + RTP[2:], (SERVER, CLIENT)).startswith("udp:rtp PT=DynamicRTP-Type-96")
    assert wire.udp((8000, 7000), b"\x40" * 40, (SERVER, CLIENT)).startswith("udp 8000")


def test_frames_behind_a_preface_are_known_on_any_port() -> None:
    wire = Wire()
    data = b"\0\0\5\0\1\0\0\0\1hello"
    assert wire.tcp((40000, 9999), data).startswith("tcp 40000")
    wire.tcp((40000, 9999), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert wire.tcp((40000, 9999), data) == "tcp:http:http2 DATA[1]"
    assert wire.tcp((9999, 40000), b"\xee" * 20, (SERVER, CLIENT)) == "tcp:http:http2 Continuation"
    assert wire.tcp((40000, 9999), b"GET / HTTP/1.1\r\n\r\n") == "tcp:http GET / HTTP/1.1"


def test_a_reply_of_rpc_is_what_its_call_was() -> None:
    wire = Wire()
    attributes = pack(">IIIIII", 0, 2, 0o40755, 2, 564, 500)
    answer = record(reply(attributes))
    assert wire.tcp((2049, 900), answer, (SERVER, CLIENT)) == "tcp:rpc Reply XID 0xabcd0001"
    wire.tcp((900, 2049), record(call(100003, 3, 1, pack(">I", 4) + b"hand")))
    said = "tcp:rpc:nfs V3 GETATTR Reply  Directory mode: 0755 uid: 564 gid: 500"
    assert wire.tcp((2049, 900), answer, (SERVER, CLIENT)) == said
    assert wire.shown("Results") == ["24 bytes"]
    failed = record(reply(pack(">I", 2)))
    assert wire.tcp((2049, 900), failed, (SERVER, CLIENT)) == "tcp:rpc:nfs V3 GETATTR Reply Error: NFS3ERR_NOENT"


def test_what_rpc_answers_is_told_of_each_procedure() -> None:
    wire = Wire()
    for program, version, procedure, results, said in (
        (100000, 2, 3, pack(">I", 635), "portmap V2 GETPORT Reply Port:635"),
        (100000, 2, 3, pack(">I", 0), "portmap V2 GETPORT Reply PROGRAM_NOT_AVAILABLE"),
        (100003, 3, 3, pack(">II", 0, 4) + b"hand", "nfs V3 LOOKUP Reply, FH: 0x2762428f"),
        (100003, 3, 7, pack(">IIIII", 0, 0, 0, 8192, 2), "nfs V3 WRITE Reply Len: 8192 FILE_SYNC"),
        (100003, 3, 12, pack(">I", 0), "nfs V3 REMOVE Reply"),
        (100005, 3, 0, b"", "mount V3 NULL Reply"),
        (300000, 1, 4, b"abcd", " V1 proc-4 Reply of program 300000"),
    ):
        wire.udp((900, 111), call(program, version, procedure))
        found = wire.udp((111, 900), reply(results), (SERVER, CLIENT))
        assert found == f"udp:rpc{':' if said[0] != ' ' else ''}{said}"
