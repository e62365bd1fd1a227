# SPDX-License-Identifier: Apache-2.0
"""What a packet brings to a stream: the innermost transport's bytes, those captured and those there were."""

from __future__ import annotations

from struct import pack

from ringscope.decode.streams import Follow, Hole, Piece, Transport, Turn, transport
from support.packets import IPV6, client_hello, ethernet, ipv4, ipv6, samples, tcp, udp
from support.streams import sides


def _brought(frame: bytes, kept: int | None = None) -> Transport | None:
    return transport(frame[:kept], 1, len(frame))


def _made(frame: bytes, kept: int | None = None) -> Transport:
    brought = _brought(frame, kept)
    assert brought is not None
    return brought


def test_a_segment_has_its_numbers_and_its_bytes_but_no_padding() -> None:
    frame = ethernet(ipv4(tcp(b"hi", sequence=77), 6)).ljust(60, b"\0")
    assert _brought(frame) == Transport(
        "tcp", ("10.0.0.1", 40412), ("10.0.0.2", 443), b"hi", 2, False, 77, _made(frame).acknowledged, 0x18
    )


def test_both_directions_are_one_flow() -> None:
    there = _made(ethernet(ipv6(udp(b"a", (1000, 53)), 17), IPV6))
    back = _made(ethernet(ipv6(udp(b"b", (53, 1000)), 17, source="fd00::2", destination="fd00::1"), IPV6))
    assert there.flow == back.flow and there.source == back.destination == ("fd00::1", 1000)


def test_of_a_packet_that_was_cut_the_size_is_that_on_the_wire() -> None:
    frame = ethernet(ipv4(tcp(b"x" * 100), 6))
    brought = _made(frame, len(frame) - 60)
    assert (brought.data, brought.size) == (b"x" * 40, 100)
    assert _brought(frame, 40) is None


def test_the_innermost_transport_counts() -> None:
    inner = ethernet(ipv4(tcp(b"inside"), 6, source="192.168.0.1", destination="192.168.0.2"))
    tunnelled = ethernet(ipv4(udp(b"\x08\0\0\0\0\0\x2a\0" + inner, (40000, 4789)), 17))
    assert _made(tunnelled).data == b"inside" and _made(tunnelled).source[0] == "192.168.0.1"
    assert _made(ethernet(ipv4(ipv4(tcp(b"deep"), 6, source="10.9.9.9"), 4))).source[0] == "10.9.9.9"
    assert _made(ethernet(ipv4(tcp(client_hello()), 6))).data == client_hello()


def test_what_an_error_quotes_and_a_later_fragment_bring_nothing() -> None:
    assert _brought(samples()["fragment"]) is None
    quoted = ipv4(udp(b"y" * 8, (1, 2)), 17)
    assert _brought(ethernet(ipv4(pack(">BBHI", 3, 3, 0, 0) + quoted, 1))) is None


def test_a_datagram_in_fragments_says_what_is_not_joined() -> None:
    whole = udp(b"z" * 3000)
    first = _made(ethernet(ipv4(whole[:1480], 17, fragment=0x2000)))
    assert first.fragment and (len(first.data), first.size) == (1472, 3000)
    follow = Follow(first, 1)
    follow.add(1, first)
    [turn] = follow.stream.order
    assert isinstance(turn, Turn)
    assert list(follow.stream.pieces(turn))[1] == Piece(1472, 1528, b"", 1, Hole.FRAGMENT)


def test_each_datagram_is_a_turn_of_its_own() -> None:
    ask, answer = udp(b"ask", (40000, 53)), udp(b"answer", (53, 40000))
    frames = [ipv4(ask, 17), ipv4(ask, 17), ipv4(answer, 17, source="10.0.0.2", destination="10.0.0.1")]
    brought = [_made(ethernet(frame)) for frame in frames]
    follow = Follow(brought[2], 3)
    for number, one in enumerate(brought, 1):
        follow.add(number, one)
    assert follow.stream.ends == (("10.0.0.1", 40000), ("10.0.0.2", 53))
    assert [(turn.side, turn.start, turn.stop) for turn in follow.stream.order if isinstance(turn, Turn)] == [
        (0, 0, 3), (0, 3, 6), (1, 0, 6)]  # fmt: skip
    assert sides(follow.stream) == (b"askask", b"answer")
