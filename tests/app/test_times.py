# SPDX-License-Identifier: Apache-2.0
"""Formats of times, and the distance to the mark."""

from __future__ import annotations

import re

from support.screen import Driven, driven


def _row(d: Driven, number: int) -> str:
    return next(line for line in d.lines[3:] if re.match(rf". *{number}[ ◆]", line))


async def test_t_goes_round_the_formats_and_the_heading_names_each() -> None:
    async with driven() as d:
        await d.grow(1000)
        await d.go("500")
        met = []
        for _ in range(7):
            await d.press("t")
            head = d.lines[2].split("No. ")[1].split("Source")[0].strip()
            met.append((head, _row(d, 500).split("500", 1)[1].split(" 10.0")[0].strip()))
        heads = [head for head, _ in met]
        assert heads == ["Date and time", "s from first", "s from prev.", "s from mark", "UTC", "Unix time", "Time"]
        assert [text for _, text in met[1:4]] == ["0.004990", "0.000010", ""]
        assert met[4][1] == "17:46:40" and met[5][1] == "1900000000.005"
        assert met[0][1].startswith("2030-03-1") and "times, 1 of 7" in d.lines[-1]


async def test_times_from_the_mark_are_those_of_the_one_set_last() -> None:
    async with driven() as d:
        await d.grow(1000)
        await d.go("500")
        await d.press("t", "t", "t", "t")
        assert "since the mark; m marks a packet" in d.lines[-1]
        await d.press("m")
        assert "  0.000000" in _row(d, 500) and "  0.000010" in _row(d, 501)
        await d.press("up", "m", "down")
        assert "  0.000010" in _row(d, 500)
        await d.press("up", "m")
        assert "  0.000000" in _row(d, 500), "the mark before is the last one again"


async def test_the_time_since_the_row_above_is_that_of_the_view() -> None:
    async with driven() as d:
        await d.grow(1000)
        await d.press("v")
        await d.write("arp")
        await d.press("enter")
        await d.pilot.pause(0.2)
        await d.settle()
        await d.press("home", "t", "t", "t")
        assert "  0.000100" in _row(d, 18) and "0.0" not in _row(d, 8)


async def test_the_distance_to_the_mark_follows_the_cursor() -> None:
    async with driven() as d:
        await d.grow(100_000)
        assert "◆" not in d.text
        await d.go("50000")
        await d.press("m")
        assert "at ◆ 50 000" in d.text
        await d.press("down")
        assert "Δ 10 µs, 1 packet after ◆ 50 000" in d.text
        await d.go("19000")
        assert "Δ -310 ms, 31 000 packets before ◆ 50 000" in d.text
        await d.press("tab", "tab")
        assert "Layers" not in d.text and d.lines[2].endswith("Δ -310 ms "), "as much as has room beside the names"


async def test_without_a_column_of_times_the_key_says_so() -> None:
    async with driven() as d:
        await d.grow(10)
        await d.press("C", "ctrl+u", "ctrl+k")
        await d.write("number, info")
        await d.press("enter", "t")
        assert "no column of times; C adds one" in d.lines[-1]
