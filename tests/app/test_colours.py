# SPDX-License-Identifier: Apache-2.0
"""Themes on the screen: all of them draw, live; NO_COLOR and 256 colours are honoured."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringscope.app import themes
from support.screen import Driven, driven

NAMES = sorted(themes.load(themes.shipped())[0])


def _colours(d: Driven) -> set[str]:
    styles = [segment.style for line in d.segments() for segment in line if segment.style]
    return {colour.name for style in styles for colour in (style.color, style.bgcolor) if colour is not None}


@pytest.mark.parametrize("name", NAMES)
async def test_every_shipped_theme_draws_the_screen_in_its_own_colours_only(name: str) -> None:
    theme = themes.load(themes.shipped())[0][name]
    async with driven(theme=name, size=(120, 36)) as d:
        await d.grow(100)
        await d.rest()
        await d.press("up", "enter", "down")
        d.session.lose(2)
        await d.tick()
        assert "Layers" in d.text
        if theme.kind == "terminal":
            assert not any(colour.startswith("#") for colour in _colours(d))
        else:
            assert _colours(d) <= set(theme.roles.values())


async def test_t_changes_the_theme_live_and_says_which_it_is() -> None:
    async with driven(theme="midnight") as d:
        await d.grow(100)
        seen = []
        for _ in NAMES:
            await d.press("T")
            assert "theme: " in d.lines[-1]
            seen.append(frozenset(_colours(d)))
        assert len(set(seen)) == len(NAMES)


async def test_no_color_draws_without_any_colour_and_the_cursor_is_seen_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with driven(theme=None) as d:
        await d.grow(100)
        d.session.lose(5)
        await d.tick()
        assert _colours(d) == {"default"}
        cursor = next(line for line in d.segments() if line[0].text.startswith("▌"))
        for line in (cursor, d.segments()[1]):
            assert line[0].style is not None and line[0].style.reverse
        for _ in NAMES:
            await d.press("T", "f")
            assert _colours(d) == {"default"}
            await d.press("escape")


async def test_a_terminal_of_256_colours_gets_the_nearest_and_not_black_and_navy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    async with driven(theme="midnight") as d:
        await d.grow(100)
        assert all(colour == "default" or not colour.startswith("#") for colour in _colours(d))
        numbers = {
            segment.style.bgcolor.number
            for line in d.segments()
            for segment in line
            if segment.style and segment.style.bgcolor
        }
        assert numbers <= set(range(16, 256)) and not numbers & {16, 17}


async def test_without_a_theme_named_the_terminals_own_colours_are_used_unless_it_has_millions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("COLORTERM", raising=False)
    async with driven(theme=None) as d:
        assert d.app.theme == "ringscope-terminal"
    monkeypatch.setenv("COLORTERM", "truecolor")
    async with driven(theme=None) as d:
        assert d.app.theme == "ringscope-midnight"


async def test_a_bad_theme_of_the_users_own_is_reported_and_the_screen_is_there(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('kind = "dark"\n[roles]\ntext = "bluish"\n')
    good = (themes.shipped() / "daylight.toml").read_text(encoding="utf-8")
    (tmp_path / "paper.toml").write_text(good.replace("Daylight", "Paper"))
    async with driven(theme="paper", user_themes=tmp_path, size=(160, 36)) as d:
        assert d.app.theme == "ringscope-paper"
        assert "mine.toml: roles." in d.lines[-1]
        await d.grow(10)
        assert "stored" in d.lines[1]


async def test_a_theme_nobody_knows_is_reported_with_those_there_are() -> None:
    async with driven(theme="nocturne", size=(160, 36)) as d:
        assert "there is no theme 'nocturne'; there are: daylight, midnight, terminal" in d.lines[-1]
