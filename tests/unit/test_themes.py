# SPDX-License-Identifier: Apache-2.0
"""Themes: the shipped ones are complete and legible, a bad one is told in one sentence that names file and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color

from ringscope.app import themes

SHIPPED = themes.load(themes.shipped())[0]
MIDNIGHT = (themes.shipped() / "midnight.toml").read_text(encoding="utf-8")


def _contrast(one: str, other: str) -> float:
    """WCAG 2.1: relative luminances, the lighter over the darker."""

    def luminance(colour: str) -> float:
        channels = Color.parse(colour).normalized
        parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_midnight_daylight_and_terminal_are_shipped_and_faultless() -> None:
    found, faults = themes.load(themes.shipped())
    assert {"midnight", "daylight", "terminal"} <= set(found) and faults == ()


@pytest.mark.parametrize("name", ["midnight", "daylight"])
@pytest.mark.parametrize(("role", "ground"), themes.TEXT_ON)
def test_text_can_be_read_on_what_it_stands_on(name: str, role: str, ground: str) -> None:
    roles = SHIPPED[name].roles
    assert _contrast(roles[role], roles[ground]) >= 4.5


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_theme_gives_every_role_a_colour(name: str) -> None:
    assert SHIPPED[name].roles.keys() == themes.ROLES.keys()


def test_a_theme_that_does_not_know_the_later_roles_has_other_colours_for_them() -> None:
    older = "\n".join(line for line in MIDNIGHT.splitlines() if not line.startswith(("view =", "mark =")))
    roles = themes.parse("older.toml", older).roles
    assert roles.keys() == themes.ROLES.keys()
    assert (roles["view"], roles["mark"]) == (roles["accent"], roles["warning"])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (('text = "#c8d0e0"', ""), "mine.toml: roles.text: missing; it colours: what is read."),
        (('text = "#c8d0e0"', 'text = "bluish"'), "mine.toml: roles.text: 'bluish' is not a colour"),
        (('text = "#c8d0e0"', "text = 7"), "mine.toml: roles.text: must be a colour in quotes."),
        (('text = "#c8d0e0"', 'text = "ansi_blue"'), "mine.toml: roles.text: 'ansi_blue': ansi_ names belong to"),
        (('text = "#c8d0e0"', 'text = "#c8d0e055"'), "mine.toml: roles.text: '#c8d0e055': must be opaque."),
        (("loss-text =", "los-text ="), "mine.toml: roles.los-text: there is no such role; did you mean loss-text?"),
        (('kind = "dark"', 'kind = "dim"'), "mine.toml: kind: must be dark, light or terminal, not 'dim'."),
        (('kind = "dark"', 'kind = "terminal"'), "a theme of kind terminal uses ansi_ names only"),
        (("title =", "titel ="), "mine.toml: titel: there is no such key"),
        (('title = "Midnight"', "title = 1"), "mine.toml: title: must be text."),
        (("[roles]", "[colours]"), "mine.toml: roles: there is no table [roles]."),
        (("[roles]", "[roles"), "mine.toml: not valid TOML: "),
    ],
)
def test_a_fault_is_one_sentence_that_names_file_and_key(change: tuple[str, str], sentence: str) -> None:
    with pytest.raises(themes.ThemeError) as caught:
        themes.parse("mine.toml", MIDNIGHT.replace(*change, 1))
    assert any(sentence in fault for fault in caught.value.faults)
    assert all("\n" not in fault and fault.endswith((".", "?")) for fault in caught.value.faults)


def test_every_fault_of_a_file_is_told() -> None:
    with pytest.raises(themes.ThemeError) as caught:
        themes.parse("mine.toml", 'kind = "dark"\n[roles]\n')
    assert len(caught.value.faults) == len(themes.ROLES) - len(themes.STAND_INS)


def test_a_folder_with_bad_files_gives_the_good_ones_and_the_faults(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(MIDNIGHT)
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "bad name.toml").write_text(MIDNIGHT)
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "notes.txt").write_text("no theme")
    found, faults = themes.load(tmp_path)
    assert set(found) == {"good"}
    assert [fault.split(":")[0] for fault in faults] == ["'bad name.toml'", "bad.toml", "folder.toml"]


def test_a_users_theme_replaces_a_shipped_one_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "midnight.toml").write_text(MIDNIGHT.replace('"Midnight"', '"My midnight"'))
    assert themes.load(themes.shipped(), tmp_path)[0]["midnight"].title == "My midnight"


def test_a_folder_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    assert themes.load(tmp_path / "none") == ({}, ())


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"COLORTERM": "truecolor"}, "midnight"),
        ({"COLORTERM": "24bit"}, "midnight"),
        ({}, "terminal"),
        ({"COLORTERM": "yes"}, "terminal"),
        ({"COLORTERM": "truecolor", "NO_COLOR": ""}, "terminal"),
    ],
)
def test_the_theme_suits_what_the_terminal_says_of_itself(environment: dict[str, str], name: str) -> None:
    assert themes.suitable(environment) == name
