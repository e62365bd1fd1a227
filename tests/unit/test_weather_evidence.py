# SPDX-License-Identifier: Apache-2.0
"""The evidence of a verdict is what it was decided by, and every piece of it says where it is read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringscope.weather.judge import judge
from ringscope.weather.model import NO, OPEN, YES, Clue, Finding, Verdict
from ringscope.weather.provenance import PROVENANCE
from ringscope.weather.verdict import Tally, verdict
from support.losses import STAGED, Staged
from support.moments import QUEUE, cpu, device, moment


def _said(staged: Staged) -> Verdict:
    tally = Tally().plus(judge(staged.before, staged.now))
    return verdict(staged.setup, tally, staged.before, staged.now)


def _asked(clues: tuple[Clue, ...], word: str) -> Clue:
    (found,) = [clue for clue in clues if word in clue.asked]
    return found


@pytest.mark.parametrize("name", list(STAGED))
def test_the_first_question_answered_with_yes_names_the_cause(name: str) -> None:
    said = _said(STAGED[name])
    assert (said.stage, said.cause) == (STAGED[name].stage, STAGED[name].cause)
    speaking = [clue for clue in said.clues if clue.cause]
    assert speaking and all(clue.source in PROVENANCE for clue in said.clues)
    if said.stage == "ring" and said.cause != "block size":
        decisive = next(clue for clue in speaking if clue.answer == YES)
        assert (decisive.cause == said.cause and decisive.found in said.sentence) or said.cause == "early drop"
        assert all(clue.answer == NO for clue in speaking[: speaking.index(decisive)])


def test_what_was_lost_elsewhere_in_the_same_time_stands_beside_it() -> None:
    clues = _said(STAGED["slow reader"]).clues
    before, after = _asked(clues, "lost before it"), _asked(clues, "lost after it")
    assert (before.answer, before.found) == (NO, "wire 0, NIC 0, softirq 0")
    assert (after.answer, after.found) == (NO, "workers 0, store 0")
    staged = STAGED["slow reader"]
    broken = replace(staged, now=replace(staged.now, host=moment(2, devices=[device(rx_missed_errors=7)]).host))
    found = next(one for one in judge(broken.before, broken.now) if one.stage == "ring")
    assert "NIC 7" in _asked(found.clues, "lost before it").found
    assert _asked(found.clues, "lost before it").answer == YES


def test_a_worker_that_cannot_be_looked_at_leaves_its_questions_open() -> None:
    now = moment(2, replace(QUEUE, dropped=9, delivered=50, lag=0.4, longest_lag=0.4))
    (found,) = judge(moment(1), now)
    assert found.cause == "late" and _asked(found.clues, "kept from a CPU").answer == OPEN


def test_a_device_without_room_is_shown_with_its_counters_its_descriptors_and_the_budget() -> None:
    now = moment(2, devices=[device(rx_missed_errors=70, driver={"rx_discards": 70})], cpus=[cpu(0, squeezed=4)])
    (found,) = judge(moment(1, devices=[device(driver={"rx_discards": 0})], cpus=[cpu(0)]), now)
    assert _asked(found.clues, "which counters").found == "rx_missed_errors 70, rx_discards 70"
    assert "512 descriptors a queue, of at most 4 096" in _asked(found.clues, "more room").found
    assert _asked(found.clues, "budget").found == "4 times on CPU 0"


def test_that_nothing_is_lost_is_told_with_every_counter_that_stands_still() -> None:
    quiet = moment(2, replace(QUEUE, stored=40, delivered=40))
    said = verdict(STAGED["slow reader"].setup, Tally(), moment(1), quiet)
    assert said.severity == "fine" and len(said.clues) >= 8
    assert all(clue.source in PROVENANCE for clue in said.clues)
    assert [clue.answer for clue in said.clues] == [NO] * 7 + [YES]


def test_a_sum_of_findings_keeps_the_evidence_of_the_interval_that_lost_most() -> None:
    tally = Tally()
    for packets, word in ((5, "a"), (50, "b"), (7, "c"), (49, "d")):
        clue = Clue("late", "why?", word, "", YES, "worker.lag")
        tally = tally.plus([Finding("ring", "late", "lost", "queue 0", packets, 1.0, word, (clue,))])
    (sum_,) = tally.sums.values()
    assert (sum_.packets, sum_.because, sum_.clues[0].found, sum_.most) == (111, "b", "b", 50)
