# SPDX-License-Identifier: Apache-2.0
"""What a search means."""

from __future__ import annotations

import pytest

from ringscope.app.finding import MODES, NothingToFind, named_mode, wanted

DATA = b"\x16\x03\x01GET /Index\r\nHost: api.example.net\r\n\x00"


@pytest.mark.parametrize(
    ("text", "mode", "span"),
    [
        ("GET", "text", (3, 3)),
        ("get /index", "text", (3, 10)),
        ("Get", "text", None),
        ("16 03 01", "hex", (0, 3)),
        ("0x16,0x03", "hex", (0, 2)),
        ("hex: 1603", "text", (0, 2)),
        ("re: h.st:", "text", (15, 5)),
        (r"\r\n", "re", (13, 2)),
        ("text: hex", "hex", None),
    ],
)
def test_the_bytes_of_a_hit_are_known(text: str, mode: str, span: tuple[int, int] | None) -> None:
    assert wanted(text, mode).span(DATA) == span


def test_a_search_of_the_info_column_has_no_bytes_to_light() -> None:
    sought = wanted("info: Client Hello", "text")
    assert sought.mode == "info" and sought.span(b"Client Hello") is None
    assert sought.words.search("TLS Client Hello") and not sought.words.search("client hello")
    assert wanted("client hello", "info").words.search("TLS Client Hello")


@pytest.mark.parametrize(
    ("text", "mode"), [("", "text"), ("hex:", "text"), ("xyz", "hex"), ("1", "hex"), ("re: (", "text"), (" ", "info")]
)
def test_what_cannot_be_searched_for_is_a_sentence(text: str, mode: str) -> None:
    with pytest.raises(NothingToFind, match=r"\w+ \w+"):
        wanted(text, mode)


def test_the_words_before_a_colon_that_are_no_mode_are_text() -> None:
    assert named_mode("Host: api") == (None, "Host: api")
    assert [named_mode(f"{mode}: x") for mode in MODES] == [(mode, "x") for mode in MODES]
