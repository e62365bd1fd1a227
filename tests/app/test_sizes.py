# SPDX-License-Identifier: Apache-2.0
"""Every size of terminal: nothing crashes, nothing is wider than the screen."""

from __future__ import annotations

import random

import pytest

from support.screen import driven

SIZES = [(1, 1), (5, 2), (20, 5), (39, 30), (40, 8), (60, 16), (80, 24), (110, 30), (126, 40), (200, 50), (300, 90)]


@pytest.mark.parametrize("size", SIZES)
async def test_every_pane_of_the_screen_fits(size: tuple[int, int]) -> None:
    async with driven(size=size) as d:
        await d.grow(1_000_000)
        d.session.lose(3)
        for key in ("tab", "tab", "tab", "up", "enter", "enter", "escape", "f", "escape", "question_mark", "escape"):
            await d.press(key)
            lines = d.segments()
            assert len(lines) == size[1]
            assert {sum(segment.cell_length for segment in line) for line in lines} == {size[0]}


async def test_below_a_useful_size_one_sentence_says_what_is_needed() -> None:
    async with driven(size=(20, 5)) as d:
        assert d.text.split() == ["ringscope", "needs", "40x8", "cells,", "this", "is", "20x5.", "q", "quits."]


async def test_a_storm_of_resizes_leaves_a_sound_screen() -> None:
    chance = random.Random(7)
    async with driven() as d:
        await d.grow(100_000)
        for _ in range(25):
            await d.pilot.resize_terminal(chance.randint(1, 220), chance.randint(1, 60))
            await d.grow(1000)
        await d.pilot.resize_terminal(80, 24)
        await d.tick()
        assert d.app.packets.list.cursor == 125_000
        assert "▌ 125000" in d.text and "? help" in d.lines[-1]


async def test_columns_give_way_as_it_gets_narrower() -> None:
    headings = {}
    for width in (200, 120, 80, 60):
        async with driven(size=(width, 36)) as d:
            await d.grow(10)
            headings[width] = d.lines[2] + d.lines[3]
    assert "Length" in headings[120] and "Length" not in headings[80]
    assert "2030-" in headings[200] and "2030-" not in headings[120]
    assert ".00" in headings[120] and ".00" not in headings[80]
    assert "→ 443" in headings[80] and "→" not in headings[60]


async def test_the_bottom_line_keeps_help_and_quit_and_gives_labels_before_keys() -> None:
    for width in (40, 60, 80, 200):
        async with driven(size=(width, 24)) as d:
            await d.grow(5)
            await d.press("up")
            line = d.lines[-1]
            assert line.rstrip().endswith(("q", "q quit")) and "?" in line
            assert " f" in line and "End" in line
            assert ("f filter" in line) == (width >= 80)
