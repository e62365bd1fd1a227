# SPDX-License-Identifier: Apache-2.0
"""No bytes make a decoder fail, overstep the frame, or let unsafe text through."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringscope.decode import ROLES, Memory, dissect, escape, protocols, summarize
from ringscope.decode.registry import LINKS
from support.cases import cases
from support.fields import agrees
from support.packets import samples

CASES = list(cases().values())
SAMPLES = [*samples().values(), *(case.data for case in CASES if case.link_type == 1)]
LINK_TYPES = st.sampled_from([*sorted(LINKS), 12, 14, 101, 147])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A well-formed frame with a few bytes changed, taken away or put in."""
    data = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return bytes(data)


def check(data: bytes, link_type: int, length: int) -> None:
    memory = Memory()
    row = summarize(data, link_type, length, memory)
    assert row.role in ROLES
    for text in (row.source, row.destination, row.protocol, row.info):
        assert escape(text) == text
    at = 0
    assert all(isinstance(name, str) for name in protocols(data, link_type, length, memory))
    for layer in dissect(data, link_type, length, memory):
        assert at <= layer.start
        at = layer.start + layer.length
        assert at <= len(data)
        assert escape(layer.title) == layer.title
        for field in layer.fields:
            assert escape(field.display) == field.display
            assert escape(field.name) == field.name
            assert escape(field.note) == field.note
            assert agrees(field, data), (layer.name, field)
            assert layer.start <= field.start
            assert field.start + field.length <= at
            if field.bits is not None:
                first, count = field.bits
                assert 0 <= first < (8 if field.order == "big" else field.length * 8)
                assert count > 0
                assert first + count <= field.length * 8
    assert at == len(data)


@given(st.binary(max_size=400), LINK_TYPES, st.integers(0, 2000))
def test_random_bytes_are_decoded_without_failing(data: bytes, link_type: int, length: int) -> None:
    check(data, link_type, length)


@settings(max_examples=1500)
@given(mutated(), st.integers(0, 200))
def test_mutated_packets_are_decoded_without_failing(data: bytes, more: int) -> None:
    check(data, 1, len(data) + max(0, more - 100))


@given(st.sampled_from(SAMPLES), st.data())
def test_packets_cut_anywhere_are_decoded_without_failing(frame: bytes, data: st.DataObject) -> None:
    check(frame[: data.draw(st.integers(0, len(frame)))], 1, len(frame))


@pytest.mark.parametrize("byte", [0x00, 0x01, 0x40, 0x45, 0x60, 0x81, 0xC0, 0xFF])
def test_long_runs_of_one_byte_come_to_an_end(byte: int) -> None:
    for link_type in (1, 101):
        for prefix in (b"", *(sample[:54] for sample in SAMPLES)):
            check(prefix + bytes([byte]) * 9000, link_type, 9000 + len(prefix))
