# SPDX-License-Identifier: Apache-2.0
"""The strip of a ring: as full as the ring is, at every size, and legible without colour."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringscope.app.strips import cells_for, strip

BLOCKS = (2, 4, 5, 16, 64, 100, 1024, 4096)


def test_two_blocks_share_a_cell_and_every_kind_has_a_half_of_its_own() -> None:
    assert strip(64, 5, 1, 32, reading=True) == ("▜█▙", "·" * 29)
    assert strip(64, 4, 1, 32, reading=False) == ("██▖", "·" * 29)
    assert strip(64, 1, 1, 32, reading=True) == ("▚", "·" * 31)
    assert strip(64, 0, 1, 32, reading=False) == ("▖", "·" * 31)
    assert strip(64, 64, 0, 32, reading=False) == ("█" * 32, "")
    assert strip(64, 1, 0, 32, reading=True) == ("▘", "·" * 31)


def test_a_small_ring_is_drawn_larger_and_a_large_one_smaller() -> None:
    assert cells_for(4, 100) == cells_for(64, 100) == 32 and cells_for(4, 10) == 8
    assert strip(4, 1, 1, 8, reading=True) == ("▀▀▄▄", "····")
    assert cells_for(4096, 50) == 50 and cells_for(4096, 5000) == 2048
    assert strip(4096, 2048, 1, 50, reading=True) == ("▜" + "█" * 24 + "▖", "·" * 24)


@pytest.mark.parametrize("blocks", BLOCKS)
def test_no_kind_of_block_is_left_out_however_few_there_are(blocks: int) -> None:
    cells = cells_for(blocks, 20)
    one_ready = "".join(strip(blocks, 1, 0, cells, reading=False))
    one_free = "".join(strip(blocks, blocks - 1, 0, cells, reading=False))
    assert one_ready[0] in "▌█" and one_free[-1] in "▌·"
    assert "·" not in "".join(strip(blocks, blocks, 0, cells, reading=False))


@given(
    st.sampled_from(BLOCKS),
    st.floats(0, 1),
    st.integers(0, 1),
    st.integers(1, 200),
    st.booleans(),
)
def test_a_strip_is_as_wide_as_it_was_asked_to_be_and_as_full_as_the_ring(
    blocks: int, share: float, filling: int, room: int, reading: bool
) -> None:
    ready = round(share * (blocks - filling))
    cells = cells_for(blocks, room)
    taken, free = strip(blocks, ready, filling, cells, reading=reading)
    assert len(taken) + len(free) == cells <= room
    halves = sum({"·": 0, "▘": 1, "▖": 1, "▌": 1}.get(cell, 2) for cell in taken)
    assert abs(halves / (2 * cells) - (ready + filling) / blocks) <= 2 / cells
