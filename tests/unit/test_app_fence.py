# SPDX-License-Identifier: Apache-2.0
"""The fence: at most two frames on their way, and no terminal can make the screen stand still for good."""

from __future__ import annotations

from ringscope.app.driver import PATIENCE, Fence


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_no_further_frame_while_two_are_unanswered() -> None:
    fence = Fence(_Clock())
    fence.asked()
    assert fence.ready
    fence.asked()
    assert not fence.ready
    assert fence.answered() and fence.ready


def test_a_report_nobody_here_asked_for_is_somebody_elses() -> None:
    fence = Fence(_Clock())
    assert not fence.answered()
    fence.asked()
    assert fence.answered() and not fence.answered()


def test_answers_that_never_come_stop_nothing_for_longer_than_the_patience() -> None:
    clock = _Clock()
    fence = Fence(clock)
    fence.asked()
    fence.asked()
    clock.now = PATIENCE - 0.1
    assert not fence.ready
    clock.now = PATIENCE
    assert fence.ready


def test_a_terminal_that_has_never_answered_is_not_asked_any_more() -> None:
    clock = _Clock()
    fence = Fence(clock)
    for _ in range(2):
        fence.asked()
    assert not fence.mute
    clock.now = PATIENCE
    assert fence.ready
    fence.asked()
    assert fence.mute and fence.ready


def test_late_answers_are_swallowed_and_do_no_harm() -> None:
    clock = _Clock()
    fence = Fence(clock)
    fence.asked()
    fence.asked()
    clock.now = PATIENCE
    assert fence.ready
    assert fence.answered() and fence.answered() and not fence.answered()
    assert fence.ready and not fence.mute


def test_after_a_reset_nothing_is_owed() -> None:
    fence = Fence(_Clock())
    fence.asked()
    fence.asked()
    fence.reset()
    assert fence.ready and not fence.answered()
