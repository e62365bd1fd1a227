# SPDX-License-Identifier: Apache-2.0
"""What is looked for, as it is typed."""

from __future__ import annotations

import pytest

from ringscope.capture.pattern import Pattern, PatternError


@pytest.mark.parametrize(
    ("typed", "kind", "data", "ignore_case"),
    [
        ("get /", "text", b"get /", True),
        ("GET /", "text", b"GET /", False),
        ("grüße", "text", "grüße".encode(), True),
        ("  ", "text", b"  ", True),
        ("text:hex:00", "text", b"hex:00", True),
        ("hex:0d0a", "hex", b"\r\n", False),
        ("hex:0D 0a", "hex", b"\r\n", False),
        ("hex:02:00:5e:10:00:01", "hex", bytes.fromhex("02005e100001"), False),
        ("hex:2:0:5e:10:0:1", "hex", bytes.fromhex("02005e100001"), False),
        ("hex:0xdeadbeef", "hex", bytes.fromhex("deadbeef"), False),
        ("hex:0xde, 0xad", "hex", b"\xde\xad", False),
        (r"hex:\x16\x03", "hex", b"\x16\x03", False),
        ("re:host: .*", "regex", b"host: .*", True),
        (r"re:^\x16\x03[\x00-\xFF]", "regex", rb"^\x16\x03[\x00-\xFF]", True),
        (r"re:\Sfoo", "regex", rb"\Sfoo", True),
        ("re:Host", "regex", b"Host", False),
    ],
)
def test_a_pattern_is_what_was_typed(typed: str, kind: str, data: bytes, ignore_case: bool) -> None:
    pattern = Pattern.parse(typed)
    assert (pattern.kind, pattern.data, pattern.ignore_case) == (kind, data, ignore_case)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "there is nothing to look for"),
        ("hex:", "there is nothing to look for"),
        ("re: ", "there is nothing to look for"),
        ("hex: :: ", "there is no byte"),
        ("hex:0g", "'g' is no hexadecimal digit"),
        ("hex:abc", "'abc' has half a byte too few"),
        ("hex:a", "'a' has half a byte too few"),
        ("re:(a", "not a regular expression: missing )"),
        ("re:a{99999999999}", "not a regular expression"),
        ("re:*", "not a regular expression: nothing to repeat"),
        (r"re:\400", "not a regular expression"),
    ],
)
def test_what_cannot_be_looked_for_is_said_in_one_sentence(typed: str, said: str) -> None:
    with pytest.raises(PatternError) as caught:
        Pattern.parse(typed)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_case_is_as_told_where_it_is_told() -> None:
    assert Pattern.of("text", "GET", ignore_case=True).ignore_case
    assert not Pattern.of("text", "get", ignore_case=False).ignore_case
    assert Pattern.of("regex", "G.T", ignore_case=True).compiled().search(b"xgotx")


def test_a_dot_is_any_byte() -> None:
    assert Pattern.parse("re:a.b").compiled().search(b"a\nb")
