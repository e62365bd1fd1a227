# SPDX-License-Identifier: Apache-2.0
"""Netlink messages: what is written is read back, any bytes are survived, a refusal is an OSError with its sentence."""

from __future__ import annotations

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringscope.netlink import SOCK_DIAG, Channel, attribute, attributes, link_header

_RTM_GETLINK, _IFLA_IFNAME = 18, 3


@given(st.dictionaries(st.integers(0, 0x3FFF), st.binary(max_size=40), max_size=8))
def test_attributes_are_read_as_they_were_written(wanted: dict[int, bytes]) -> None:
    assert attributes(b"".join(attribute(kind, value) for kind, value in wanted.items())) == wanted


def test_the_bits_that_say_how_an_attribute_is_stored_are_not_part_of_its_kind() -> None:
    assert attributes(attribute(0x8000 | 7, b"x") + attribute(0x4000 | 8, b"y")) == {7: b"x", 8: b"y"}


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_a_fault(data: bytes) -> None:
    assert all(isinstance(value, bytes) for value in attributes(data).values())


def test_one_answer_and_all_answers_are_had_of_the_kernel() -> None:
    with Channel() as channel:
        answer = channel.request(_RTM_GETLINK, link_header() + attribute(_IFLA_IFNAME, b"lo\0"), "look at lo")
        assert attributes(answer[16:])[_IFLA_IFNAME] == b"lo\0"
        names = [attributes(one[16:])[_IFLA_IFNAME] for one in channel.dump(_RTM_GETLINK, link_header(), "list")]
        assert b"lo\0" in names and len(names) == len(set(names))
        # An answer that nobody waited for does not disturb the next question.
        assert channel.dump(_RTM_GETLINK, link_header(), "list")


def test_a_refusal_is_an_error_with_its_number_and_what_was_to_be_done() -> None:
    with Channel() as channel:
        with pytest.raises(OSError, match="cannot look at nowhere0") as refused:
            channel.request(_RTM_GETLINK, link_header() + attribute(_IFLA_IFNAME, b"nowhere0\0"), "look at nowhere0")
        assert refused.value.errno == errno.ENODEV
    with Channel(SOCK_DIAG) as channel, pytest.raises(OSError, match="cannot list them"):
        channel.dump(20, struct.pack("=BBHIIII", 99, 0, 0, 0, 0, 0, 0), "list them")
