# SPDX-License-Identifier: Apache-2.0
"""Where numbers are from: a table without gaps, and every number that is calculated has its row."""

from __future__ import annotations

import re
from pathlib import Path

import ringscope
from ringscope.weather.provenance import PROVENANCE
from ringscope.weather.provenance.capture import CAPTURE
from ringscope.weather.provenance.file import FILE
from ringscope.weather.provenance.host import HOST
from ringscope.weather.provenance.screen import SCREEN


def test_every_row_says_where_what_when_and_of_what_and_no_key_stands_twice() -> None:
    rows = (*HOST, *CAPTURE, *SCREEN, *FILE)
    assert len(rows) == len(PROVENANCE)
    for row in rows:
        assert row.read and row.drops and row.resets and row.scope, row.key
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", row.key)


def test_every_key_that_the_code_names_has_its_row() -> None:
    """What a figure, a clue or a number of a screen says of its source is written out where it is made."""
    rooms = "|".join(sorted({key.split(".")[0] for key in PROVENANCE} - {"file"}))
    named: dict[str, str] = {}
    for room in ("weather", "app"):
        for path in (Path(ringscope.__file__).parent / room).rglob("*.py"):
            if path.parent.name != "provenance" and path.name != "commands.py":
                for key in re.findall(rf'"((?:{rooms})\.[a-z_]+)"', path.read_text()):
                    named[key] = path.name
    assert len(named) > 30
    assert {key: file for key, file in named.items() if key not in PROVENANCE} == {}


def test_a_tap_that_is_open_changes_rx_dropped_and_the_row_of_it_says_so() -> None:
    assert "capturing makes it stop" in PROVENANCE["link.rx_dropped"].defects
