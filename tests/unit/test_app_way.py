# SPDX-License-Identifier: Apache-2.0
"""The way of a packet in characters: boxes, lines, opened stages, evidence, cures; at every width."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringscope.app import cells
from ringscope.app.pieces import Form
from ringscope.app.way import lines, opened, taps
from ringscope.app.way.briefs import beside, briefs
from ringscope.app.way.diagram import Widths, draw, side_line
from ringscope.app.way.explained import explained, remedies
from ringscope.app.way.page import Line
from ringscope.capture.session import Snapshot
from ringscope.host.sockets import PacketSocket, RingGeometry, tap_warnings
from ringscope.native import FileInterface
from ringscope.weather.filed import file_path, file_verdict
from ringscope.weather.judge import judge
from ringscope.weather.model import LATER, STAGES, Path, Verdict
from ringscope.weather.path import path
from ringscope.weather.provenance import PROVENANCE
from ringscope.weather.verdict import Tally, verdict
from support.losses import STAGED, Staged
from support.moments import QUEUE, SETUP, device, moment


def _made(staged: Staged) -> tuple[Path, Verdict]:
    tally = Tally().plus(judge(staged.before, staged.now))
    way = path(staged.setup, staged.before, staged.before, staged.now)
    return way, verdict(staged.setup, tally, staged.before, staged.now)


def _text(forms: Iterable[Form]) -> list[str]:
    return ["".join(text for text, _ in form) for form in forms]


def _page(made: Iterable[Line]) -> list[str]:
    return _text(line.form for line in made)


@pytest.mark.parametrize("name", list(STAGED))
@pytest.mark.parametrize("width", [100, 140, 200])
def test_the_box_that_loses_is_heavy_and_marked_and_no_other_is(name: str, width: int) -> None:
    staged = STAGED[name]
    way, said = _made(staged)
    diagram = draw(briefs(way, said), beside(way, said), width, Widths(), said.stage)
    text = _text(diagram.lines)
    assert all(cells.width(line) <= width for line in text)
    heavy = [line[line.index("┏") :] for line in text if "┏" in line]
    assert len(heavy) == 1 and heavy[0].startswith(f"┏▌{staged.mark} {STAGES[staged.stage]} ")
    assert sum(line.count("┏") for line in text) == 1


def test_on_200_columns_all_stages_stand_side_by_side_joined_by_arrows() -> None:
    way, said = _made(STAGED["slow reader"])
    text = _text(draw(briefs(way, said), beside(way, said), 200, Widths(), "").lines)
    assert text[1].count("─▶") == 8 and sum(line.count("┌") + line.count("┏") for line in text) == 9
    assert any("LOST" in line and "1 204/s" in line for line in text)
    assert any("not accounted for" in line for line in text) and any("later, not our loss" in line for line in text)


def test_boxes_grow_with_their_numbers_and_never_shrink_while_the_width_stays() -> None:
    way, said = _made(STAGED["slow reader"])
    quiet, fine = _made(replace(STAGED["slow reader"], now=moment(2)))
    widths = Widths()
    large = draw(briefs(way, said), (), 200, widths, "").places
    small = draw(briefs(quiet, fine), (), 200, widths, "").places
    assert [place.x for place in small] == [place.x for place in large]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_lines_fit_and_the_losing_one_is_opened_by_queue(width: int) -> None:
    way, said = _made(STAGED["slow reader"])
    drawn = [lines.heading(width), *(lines.stage_line(box, width) for box in briefs(way, said))]
    text = _text([*drawn, *(lines.figure_line(figure, width) for figure in lines.opened(way.stage("ring"), 4))])
    assert all(cells.width(line) <= width for line in text)
    (ring,) = [line for line in text if line.startswith(" ▲")]
    assert "rings" in ring and "1 204/s" in ring
    assert "queue 0" in text[-1] and "1 204" in text[-1]


def test_xdp_and_a_view_have_their_box_where_there_is_one() -> None:
    before = moment(1, devices=[device(driver={"rx_xdp_drop": 0}, xdp="native")])
    now = moment(2, devices=[device(driver={"rx_xdp_drop": 500}, xdp="native")], hidden=12)
    way, said = _made(replace(STAGED["slow reader"], before=before, now=now))
    assert [box.key for box in briefs(way, said)] == list(STAGES)
    plain, fine = _made(replace(STAGED["slow reader"], before=moment(1), now=moment(2)))
    assert {box.key for box in briefs(plain, fine)} == set(STAGES) - {"xdp", "view"}


@pytest.mark.parametrize("width", [40, 79, 199])
@pytest.mark.parametrize("key", [*STAGES, LATER, "unaccounted"])
def test_every_number_of_an_opened_stage_says_where_it_is_from(key: str, width: int) -> None:
    before = moment(1, devices=[device(driver={"rx_xdp_drop": 0, "rx_discards": 0}, xdp="native")])
    busy = device(driver={"rx_xdp_drop": 500, "rx_discards": 3}, xdp="native", rx_packets=9000, rx_crc_errors=4)
    way = path(SETUP, before, before, moment(2, devices=[busy], hidden=12, evicted=4))
    made = list(opened.page(way, key, width))
    assert all(cells.width(text) <= width for text in _page(made))
    numbers = [line.number for line in made if line.number]
    assert numbers and all(number.source in PROVENANCE for number in numbers)


def test_what_could_not_be_read_says_why_and_is_no_zero() -> None:
    way, _ = _made(STAGED["slow reader"])
    stage = replace(way.stage("nic"), unread=("ring size of eth0: this driver does not tell",))
    way = replace(way, stages=tuple(stage if one.key == "nic" else one for one in way.stages))
    assert any("? not read: ring size of eth0" in text for text in _page(opened.page(way, "nic", 80)))


def test_where_nobody_can_tell_what_is_missing_that_is_said_instead_of_a_number() -> None:
    way, said = _made(STAGED["snaplen"])
    unknown, _ = beside(way, said)
    assert "not accounted for: cannot be told" in _text([side_line(unknown, chosen=False)])[0]
    assert any(
        "cannot be told: frames are put together" in text for text in _page(opened.page(way, "unaccounted", 199))
    )


@pytest.mark.parametrize("name", list(STAGED))
@pytest.mark.parametrize("width", [40, 80, 200])
def test_evidence_and_cures_fit_and_are_whole(name: str, width: int) -> None:
    _, said = _made(STAGED[name])
    why = list(explained(said, width))
    assert all(cells.width(text) <= width for text in _page([*why, *remedies(said, width)]))
    assert all(line.number.source in PROVENANCE for line in why if line.number)
    decided = [text for text in _page(why) if text.startswith(" ▶ yes")]
    assert len(decided) == 1
    copies = [line.copies for line in remedies(said, width) if line.copies]
    assert list(dict.fromkeys(copies)) == [cure.command for cure in said.cures]


def test_a_file_has_the_stages_that_it_tells_of_and_those_it_cannot_know_say_so() -> None:
    total = replace(QUEUE, stored=1000, delivered=1000, snapped=12)
    eth0 = FileInterface("eth0", "", "", 1, 0, 1000, True, 1204, 204, 0)
    way = file_path(Snapshot(5.0, "file", "", total, (), 1000, 1, 0, 1, 0), (eth0,), expression="", fault="")
    boxes = {box.key: box for box in briefs(way, file_verdict(way, fault=""))}
    assert boxes["ring"].mark == "lost" and (boxes["ring"].lost, boxes["ring"].lost_rate) == ("204", "")
    assert boxes["store"].title == "file" and boxes["store"].passed == "1 000" and boxes["wire"].absent == "not told"
    assert boxes["nic"].passed == "1 204" and [extra.value for extra in boxes["filter"].extras] == ["12"]


SOCKET = PacketSocket(
    inode=7,
    uid=0,
    ifindex=2,
    protocol=3,
    cooked=False,
    running=True,
    version=3,
    clock=0,
    promiscuous=True,
    rx_ring=RingGeometry(1 << 18, 8, 1 << 16, 32, 1000),
    tx_ring=None,
    fanout=None,
    fanout_mode="",
    program=((0x28, 0, 0, 12), (0x15, 0, 1, 0x800), (0x06, 0, 0, 262144), (0x06, 0, 0, 0)),
    memory=0,
    memory_limit=212992,
    drops=0,
    pid=4711,
    process="tcpdump",
)


def test_other_taps_are_a_table_with_what_each_costs_and_its_filter_unfolded() -> None:
    clone = replace(SOCKET, inode=8, rx_ring=None, process="dhclient\x1b[2J", pid=12, program=None, drops=3, fanout=9)
    mine = replace(SOCKET, inode=9, pid=500, process="ringscope", fanout=9, fanout_mode="hash", program=())
    sockets = (mine, SOCKET, clone)
    made = list(taps.table(sockets, tap_warnings(sockets, 500), 500, lambda index: f"eth{index}", {"socket 7"}, 100))
    text = _page(made)
    assert all(cells.width(line) <= 100 and line.isprintable() for line in text)
    assert any("▲" in line and "every packet is cloned" in line for line in text)
    assert any("▲" in line and "share fanout group 9" in line for line in text)
    at = next(index for index, line in enumerate(text) if "tcpdump (4711)" in line)
    assert "eth2" in text[at] and "V3 8 x 256 KiB" in text[at] and "4 instructions" in text[at]
    assert "(000) ldh      [12]" in "\n".join(text[at + 1 : at + 7])
    assert "this program" in text[-1] and "hash, group 9" in text[-1]
    assert any("not shown to us" in line for line in text)
    assert [line.unfolds for line in made if line.unfolds] == ["socket 8", "socket 7", "socket 9"]


@given(st.sampled_from(sorted(STAGED)), st.integers(1, 300))
def test_at_no_width_anything_is_wider_than_the_terminal(name: str, width: int) -> None:
    way, said = _made(STAGED[name])
    pages = [*(opened.page(way, key, max(width, 40)) for key in ("ring", "nic")), explained(said, max(width, 40))]
    assert all(cells.width(text) <= max(width, 40) for page in pages for text in _page(page))
    draw(briefs(way, said), beside(way, said), width, Widths(), "ring")
