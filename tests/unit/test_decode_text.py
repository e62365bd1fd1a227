# SPDX-License-Identifier: Apache-2.0
"""Text from the wire is safe on a terminal and fits a table."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich import cells

from ringscope.decode.text import escape, shorten, wire_text

ANY_TEXT = st.text(st.characters(codec=None, categories=None))


@given(ANY_TEXT)
def test_what_is_left_is_printable(text: str) -> None:
    assert escape(text).isprintable()


@given(ANY_TEXT)
def test_what_is_escaped_stays_as_it_is(text: str) -> None:
    once = escape(text)
    assert escape(once) == once


def test_every_character_left_is_one_or_two_cells_wide_alone_and_beside_others() -> None:
    left = [text for text in (escape(chr(code)) for code in range(0x110000)) if len(text) == 1]
    assert len(left) > 100_000
    for first in range(0, len(left), 64):
        some = left[first : first + 64]
        assert {cells.cell_len(text) for text in some} <= {1, 2}, some
        together = "".join(f"a{text}a漢{text}漢\U0001f469{text}" for text in some)
        apart = sum(cells.cell_len(character) for character in together)
        assert cells.cell_len(together) == apart, some


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\tb\r\nc", "a\\x09b\\x0d\\x0ac"),
        ("\x9b31m", "\\x9b31m"),
        ("user\u202etxt.exe", "user\\u202etxt.exe"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("e\u0301", "e\\u0301"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("\u00a0", "\\xa0"),
        ("\U0001f1e9\U0001f1ea", "\\U0001f1e9\\U0001f1ea"),
    ],
)
def test_a_dangerous_character_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert escape(text) == shown


@pytest.mark.parametrize("text", ["plain", "größer", "漢字", "Ελλάδα", "→ ▌ ·", "back\\slash"])
def test_ordinary_letters_are_left_alone(text: str) -> None:
    assert escape(text) == text


def test_a_byte_that_is_no_utf8_is_shown_as_its_number() -> None:
    assert wire_text(b"caf\xe9 \xc3\xa9") == "caf\\xe9 é"


@given(st.binary())
def test_any_bytes_become_safe_text(raw: bytes) -> None:
    text = wire_text(raw)
    assert text.isprintable()
    assert not any(unicodedata.category(character).startswith("M") for character in text)


def test_a_long_text_is_shortened_and_says_so() -> None:
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abcdefg", 6) == "abcde…"
