# SPDX-License-Identifier: Apache-2.0
"""A TCP stream is put together right, however its segments come; what is missing is told, and nothing misleads."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ringscope.decode.streams.transport import ACK, FIN, RST, SYN, Transport
from support.streams import Told, segment


def _opened(base: tuple[int, int] = (1000, 5000), **options: int) -> Told:
    """A connection whose first bytes have the numbers ``base``."""
    told = Told(**options)
    told.packet(segment(0, base[0] - 1, flags=SYN))
    told.packet(segment(1, base[1] - 1, flags=SYN | ACK, acknowledged=base[0]))
    return told


@st.composite
def _told(draw: st.DrawFn) -> tuple[tuple[bytes, bytes], tuple[int, int], list[tuple[int, int, int]]]:
    """What both sides say, with which numbers, and pieces (side, from, to) that cover it, overlapping, in any order."""
    said = draw(st.binary(max_size=400)), draw(st.binary(max_size=400))
    number = st.integers(0, 2**32 - 1) | st.integers(2**32 - 300, 2**32 - 1)
    pieces = []
    for side in (0, 1):
        cuts = draw(st.lists(st.integers(0, len(said[side])), max_size=12))
        edges = sorted({0, len(said[side]), *cuts})
        pieces += [(side, *edge) for edge in pairwise(edges)]
        pieces += [(side, *sorted(pair)) for pair in zip(cuts, reversed(cuts), strict=True)]
    return said, (draw(number), draw(number)), draw(st.permutations(pieces))


@given(_told())
def test_any_cutting_order_doubling_and_overlap_gives_what_was_said(
    case: tuple[tuple[bytes, bytes], tuple[int, int], list[tuple[int, int, int]]],
) -> None:
    said, base, pieces = case
    told = _opened(base)
    for side, start, stop in pieces:
        told.packet(segment(side, base[side] + start, said[side][start:stop], acknowledged=base[1 - side]))
    assert told.sides == said
    assert all(missing == 0 for _, missing, _ in told.stream.totals())
    assert told.events == []


@given(_told(), st.randoms(use_true_random=False))
def test_what_did_not_come_is_a_hole_of_just_that_size(
    case: tuple[tuple[bytes, bytes], tuple[int, int], list[tuple[int, int, int]]], dice: random.Random
) -> None:
    said, base, pieces = case
    told = _opened(base)
    came = [bytearray(len(said[0])), bytearray(len(said[1]))]
    for side, start, stop in pieces:
        if dice.random() < 0.5:
            told.packet(segment(side, base[side] + start, said[side][start:stop], acknowledged=base[1 - side]))
            came[side][start:stop] = bytes([1]) * (stop - start)
    for side in (0, 1):
        last = came[side].rfind(1) + 1
        here = bytes(byte for byte, there in zip(said[side], came[side], strict=True) if there)
        assert told.sides[side] == here
        assert told.stream.totals()[side][:2] == (len(here), last - len(here))


@settings(max_examples=200)
@given(st.lists(st.builds(
    segment, st.integers(0, 1), st.integers(0, 2**32 - 1) | st.integers(0, 3000), st.binary(max_size=60),
    st.sampled_from([ACK, SYN, FIN | ACK, RST, SYN | ACK, 0]), st.integers(0, 2**32 - 1) | st.integers(0, 3000),
    st.none() | st.integers(60, 2**16),
), max_size=60))  # fmt: skip
def test_no_sequence_of_segments_breaks_it(segments: list[Transport]) -> None:
    told = Told(limit=4000)
    for one in segments:
        told.packet(one)
    told.follow.settle()
    for side, (here, _, _) in enumerate(told.stream.totals()):
        assert len(told.sides[side]) == here
    assert told.stream.kept < 3 * (1 << 16)


def test_turns_stand_in_the_order_in_which_they_were_said() -> None:
    told = _opened()
    told.packet(segment(0, 1000, b"ask ", acknowledged=5000))
    told.packet(segment(0, 1004, b"this", acknowledged=5000))
    told.packet(segment(1, 5000, b"answer", acknowledged=1008))
    told.packet(segment(0, 1008, b"thanks", acknowledged=5006))
    assert told.shown == ["> ask ", "> this", "< answer", "> thanks"]


def test_a_hole_stands_where_the_bytes_belong_until_they_come() -> None:
    told = _opened()
    told.packet(segment(1, 5006, b"second", acknowledged=1000))
    told.packet(segment(0, 1000, b"ask", acknowledged=5000))
    assert told.shown == ["<? 6 unseen", "< second", "> ask"]
    told.packet(segment(1, 5000, b"first ", acknowledged=1003))
    assert told.shown == ["< first ", "< second", "> ask"]


def test_what_was_acknowledged_and_never_seen_is_told_from_what_may_still_come() -> None:
    told = _opened()
    told.packet(segment(1, 5010, b"later", acknowledged=1000))
    assert told.shown == ["<? 10 unseen", "< later"]
    told.packet(segment(0, 1000, acknowledged=5015))
    assert told.shown == ["<? 10 unseen!", "< later"]


def test_an_acknowledgement_shows_what_only_the_other_direction_tells() -> None:
    told = _opened()
    for place in range(0, 3000, 1000):
        told.packet(segment(1, 5000, acknowledged=2000 + place))
    told.packet(segment(1, 5000, b"done", acknowledged=4000))
    assert told.shown == [">? 3000 unseen!", "< done"]


def test_what_the_capture_cut_is_told_and_filled_when_it_comes_whole() -> None:
    told = _opened()
    told.packet(segment(0, 1000, b"abc", size=10))
    told.packet(segment(0, 1010, b"xyz"))
    assert told.shown == ["> abc", ">? 7 cut", "> xyz"]
    told.packet(segment(0, 1000, b"abcdefghij"))
    assert told.sides[0] == b"abcdefghijxyz" and told.stream.totals()[0] == (13, 0, 0)


def test_other_bytes_for_the_same_place_are_said_and_the_first_are_kept() -> None:
    told = _opened()
    told.packet(segment(0, 1000, b"harmless"))
    told.packet(segment(0, 1000, b"harmful!"))
    assert told.sides[0] == b"harmless"
    assert told.events == ["4 bytes of the client came again as others; the first are shown"]


def test_a_keep_alive_is_neither_shown_nor_taken_for_other_bytes() -> None:
    told = _opened()
    told.packet(segment(0, 1000, b"abc"))
    told.packet(segment(1, 5000, acknowledged=1003))
    told.packet(segment(0, 1002, b"\0"))
    told.packet(segment(0, 1002))
    assert told.shown == ["> abc"]


def test_a_keep_alive_is_no_beginning() -> None:
    told = Told()
    told.packet(segment(0, 1999, acknowledged=5000))
    told.packet(segment(1, 5000, acknowledged=2000))
    told.packet(segment(0, 2000, b"abc", acknowledged=5000))
    assert told.shown[1:] == ["> abc"]


def test_numbers_wrap_around_without_a_hole() -> None:
    told = _opened((2**32 - 3, 7))
    told.packet(segment(0, 2**32 - 3, b"abc"))
    told.packet(segment(0, 0, b"def"))
    assert told.shown == ["> abc", "> def"]


def test_a_wild_number_is_left_out_and_said() -> None:
    told = _opened()
    told.packet(segment(0, 1000, b"abc"))
    told.packet(segment(0, 1000 + 2**31 - 10, b"wild"))
    told.packet(segment(0, 1003, b"def"))
    told.follow.settle()
    assert told.sides[0] == b"abcdef"
    assert told.events == ["1 segment far outside of all others left out"]


def test_a_large_hole_is_believed_when_the_stream_goes_on_behind_it() -> None:
    for witness in (segment(0, 1000 + 9_000_004, b"more"), segment(1, 5000, acknowledged=1000 + 9_000_004)):
        told = _opened()
        told.packet(segment(0, 1000, b"abc"))
        told.packet(segment(0, 1000 + 9_000_000, b"then"))
        told.packet(witness)
        assert told.shown[:2] == ["> abc", f">? {9_000_000 - 3} unseen{'!' if witness.acknowledged else ''}"]
        assert told.sides[0].startswith(b"abcthen")


def test_a_capture_that_begins_in_the_middle_says_so_and_takes_what_is_late() -> None:
    told = Told()
    told.packet(segment(0, 2000, b"world"))
    told.packet(segment(0, 1994, b"hello "))
    assert told.events == ["the beginning was not captured: no SYN before this"]
    assert told.sides[0] == b"hello world"


def test_data_on_a_syn_and_the_ends_of_both_sides() -> None:
    told = Told()
    told.packet(segment(0, 999, b"early", SYN))
    told.packet(segment(1, 4999, flags=SYN | ACK, acknowledged=1005))
    told.packet(segment(0, 1005, b"!", FIN | ACK, acknowledged=5000))
    told.packet(segment(1, 5000, b"bye", FIN | ACK, acknowledged=1007))
    told.packet(segment(0, 1007, acknowledged=5004))
    assert told.shown == [
        "> early",
        "> !",
        "# the client has sent all (FIN)",
        "< bye",
        "# the server has sent all (FIN)",
    ]


def test_a_reset_is_said_and_whether_its_number_is_odd() -> None:
    for number, aside in ((5003, ""), (5900, ", with a number that is 897 off")):
        told = _opened()
        told.packet(segment(1, 5000, b"abc", acknowledged=1000))
        told.packet(segment(1, number, flags=RST))
        assert told.events == [f"the server resets the connection (RST){aside}"]


def test_ports_that_are_used_again_begin_another_conversation() -> None:
    def tell(told: Told) -> None:
        for base in (1000, 700_000, 90_000):
            told.packet(segment(0, base - 1, flags=SYN))
            told.packet(segment(1, base + 4999, flags=SYN | ACK, acknowledged=base))
            told.packet(segment(0, base, b"call %d" % base, acknowledged=base + 5000))

    for anchor, call, before, behind in ((3, 1000, 0, 4), (5, 700_000, 1, 7), (9, 90_000, 2, 0)):
        told = Told(anchor)
        tell(told)
        assert told.sides[0] == b"call %d" % call
        assert (told.follow.earlier, told.follow.later) == (before, behind)


def test_a_syn_in_the_midst_that_nobody_takes_up_is_said_and_nothing_else() -> None:
    told = _opened()
    told.packet(segment(0, 1000, b"abc", acknowledged=5000))
    told.packet(segment(0, 777_777, flags=SYN))
    told.packet(segment(0, 1003, b"def", acknowledged=5000))
    assert told.sides[0] == b"abcdef" and told.events == ["a SYN in the midst of it, which nobody took up"]
    assert told.follow.later == 0


def test_what_is_known_of_a_packet_is_said_before_its_bytes() -> None:
    told = _opened()
    told.packet(segment(0, 1000, b"abc"))
    told.packet(segment(0, 1010, b"xyz"), "packets were lost here")
    assert told.shown == ["> abc", "# packets were lost here", ">? 7 unseen", "> xyz"]


def test_a_stream_that_is_too_long_is_kept_around_its_packet() -> None:
    told = _opened(limit=100_000, anchor=300)
    for place in range(0, 1_000_000, 1000):
        told.packet(segment(0, 1000 + place, place.to_bytes(4, "big") * 250, acknowledged=5000))
    assert told.follow.full and told.stream.kept < 110_000
    first = int.from_bytes(told.sides[0][:4], "big")
    assert 250_000 < first < 297_000 < int.from_bytes(told.sides[0][-4:], "big")
    assert told.events == [f"{first:,} bytes before this are left out".replace(",", " ")]
