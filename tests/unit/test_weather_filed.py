# SPDX-License-Identifier: Apache-2.0
"""What a file tells of its capture, and which stages it cannot know."""

from __future__ import annotations

from dataclasses import replace

from ringscope.capture.session import Snapshot
from ringscope.native import FileInterface
from ringscope.weather.filed import file_path, file_verdict
from ringscope.weather.model import OPEN, STAGES, Path, Verdict
from ringscope.weather.provenance import PROVENANCE
from support.moments import QUEUE

ETH0 = FileInterface("eth0", "", "", 1, 0, 1000, True, 1204, 204, 204)
ETH1 = FileInterface("eth1", "", "", 1, 0, 50, True, 60, 10, 0)
SILENT = FileInterface("", "", "", 1, 0, 1000, False, 0, 0, 0)


def _made(*interfaces: FileInterface, fault: str = "", snapped: int = 0) -> tuple[Path, Verdict]:
    total = replace(QUEUE, stored=1000, delivered=1000, snapped=snapped)
    snapshot = Snapshot(5.0, "file", "", total, (), 1000, 1, 0, 1, 0)
    way = file_path(snapshot, interfaces, expression="", fault=fault)
    return way, file_verdict(way, fault=fault)


def test_drops_that_the_file_tells_are_of_the_ring_and_told_once_an_interface() -> None:
    way, said = _made(ETH0, ETH1)
    assert way.stage("ring").lost == 214, "isb_osdrop tells of the same loss as isb_ifdrop"
    assert said.severity == "lost" and said.sentence.startswith(
        "214 packets were dropped when these 1 000 were captured"
    )
    assert [figure.value for figure in way.stage("nic").figures] == [1204, 60]


def test_a_file_without_statistics_does_not_tell_and_is_not_called_whole() -> None:
    way, said = _made(SILENT)
    assert said.severity == "told" and "does not tell what was lost" in said.sentence
    assert way.stage("ring").figures == () and "no statistics" in way.stage("ring").unread[0]
    assert said.clues[0].answer == OPEN


def test_cuts_and_damage_are_told_in_the_sentence() -> None:
    _, said = _made(replace(ETH0, dropped=0, os_dropped=0), snapped=12, fault="cut off in packet 1001 at byte 77")
    assert "12 are kept without their end" in said.sentence and "cut off in packet 1001 at byte 77" in said.sentence
    assert said.severity == "cut"


def test_what_no_file_can_know_says_so_stage_by_stage() -> None:
    way, _ = _made(ETH0)
    assert {stage.key for stage in way.stages} == set(STAGES) - {"merge", "xdp"} and way.stage("store").title == "file"
    for key in ("wire", "softirq", "tap", "worker"):
        assert "a file does not tell" in way.stage(key).unread[0]
    assert way.unaccounted is None
    figures = [figure for stage in way.stages for figure in stage.figures]
    assert all(figure.source in PROVENANCE for figure in figures)
