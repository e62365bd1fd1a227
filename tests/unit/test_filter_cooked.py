# SPDX-License-Identifier: Apache-2.0
"""Offsets in the header of a cooked capture, as the kernel has to read them."""

import pytest

from ringscope.filter import bytecode, cooked

LDB, LDH, LD = 0x30, 0x28, 0x20
LDB_X, LDH_X, LD_X, LDX_MSH = 0x50, 0x48, 0x40, 0xB1
LEN, IMMEDIATE, MEMORY, JEQ, RETURN = 0x80, 0x00, 0x60, 0x15, 0x06
PROTOCOL, PACKET_TYPE, INTERFACE, VLAN_TAG_PRESENT = 0xFFFFF000, 0xFFFFF004, 0xFFFFF008, 0xFFFFF030


def moved(op: int, k: int) -> int:
    code = cooked.for_kernel(bytecode.INSTRUCTION.pack(op, 1, 2, k))
    (instruction,) = bytecode.INSTRUCTION.iter_unpack(code)
    assert instruction[:3] == (op, 1, 2)
    return int(instruction[3])


@pytest.mark.parametrize(("op", "offset", "there"), [(LDH, 0, PROTOCOL), (LD, 4, INTERFACE), (LDB, 10, PACKET_TYPE)])
def test_what_the_kernel_knows_of_the_header_is_read_from_its_metadata(op: int, offset: int, there: int) -> None:
    assert moved(op, offset) == there


@pytest.mark.parametrize("op", [LDB, LDH, LD, LDB_X, LDH_X, LD_X, LDX_MSH])
def test_the_packet_begins_where_the_header_ends(op: int) -> None:
    assert [moved(op, offset) for offset in (20, 29, 0x7FFFFFFF)] == [0, 9, 0x7FFFFFEB]


def test_metadata_stays_metadata() -> None:
    assert moved(LDB, VLAN_TAG_PRESENT) == VLAN_TAG_PRESENT


@pytest.mark.parametrize("op", [LEN, IMMEDIATE, MEMORY, JEQ, RETURN, 0x04, 0x02, 0x81, 0x61])
@pytest.mark.parametrize("k", [0, 4, 10, 20, 262144])
def test_what_loads_no_byte_of_the_packet_stays_as_it_is(op: int, k: int) -> None:
    assert moved(op, k) == k


@pytest.mark.parametrize(
    ("op", "offset"),
    [
        *((LDB, offset) for offset in (0, 1, 4, 9, 11, 19)),
        *((LDH, offset) for offset in (2, 4, 10, 18, 19)),
        *((LD, offset) for offset in (0, 1, 8, 12, 19)),
        *((op, offset) for op in (LDB_X, LDH_X, LD_X, LDX_MSH) for offset in (0, 4, 10, 19)),
        (LDB_X, 0xFFFFFFFF),
        (LDB, 0x80000000),
        (LDH, 0xFFF00000),
    ],
)
def test_what_the_kernel_cannot_see_is_refused_with_the_cure(op: int, offset: int) -> None:
    with pytest.raises(cooked.NotForKernel, match="capture on one interface, or leave that test out"):
        moved(op, offset)


def test_a_field_is_the_kernels_only_in_its_whole_width() -> None:
    with pytest.raises(cooked.NotForKernel, match="reads byte 0 of the cooked header"):
        moved(LDB, 0)
    with pytest.raises(cooked.NotForKernel, match="reads byte 4 of the cooked header"):
        moved(LDH, 4)
