# SPDX-License-Identifier: Apache-2.0
"""Header fields of HTTP/2 are those of the examples of RFC 7541, as far as one block tells them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringscope.decode.hpack import decoded, fields


def told(block: str) -> list[tuple[bytes | None, bytes | None]]:
    raw = bytes.fromhex(block)
    return [(field.name, field.value) for field in fields(raw, 0, len(raw))]


def test_literal_and_indexed_fields_of_appendix_c_2() -> None:
    assert told("400a637573746f6d2d6b65790d637573746f6d2d686561646572") == [(b"custom-key", b"custom-header")]
    assert told("040c2f73616d706c652f70617468") == [(b":path", b"/sample/path")]
    assert told("82") == [(b":method", b"GET")]


def test_a_response_in_huffmans_code_of_appendix_c_6() -> None:
    block = (
        "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3"
    )
    assert told(block) == [
        (b":status", b"302"),
        (b"cache-control", b"private"),
        (b"date", b"Mon, 21 Oct 2013 20:13:21 GMT"),
        (b"location", b"https://www.example.com"),
    ]


def test_what_earlier_blocks_have_filled_is_not_known() -> None:
    assert told("be7e0161") == [(None, None), (None, b"a")]


def test_a_block_that_is_cut_ends_with_its_last_whole_field() -> None:
    assert told("82400a6375") == [(b":method", b"GET")]
    assert told("7fffffffffffff") == []


def test_the_end_of_the_code_is_no_part_of_a_string() -> None:
    with pytest.raises(ValueError):
        decoded(b"\xff\xff\xff\xff")


@given(st.binary(max_size=200))
def test_any_bytes_come_to_an_end_within_the_block(raw: bytes) -> None:
    at = 0
    for field in fields(raw, 0, len(raw)):
        assert at == field.start < field.end <= len(raw)
        at = field.end
