# SPDX-License-Identifier: Apache-2.0
"""What is asked of classic BPF code without running it."""

from ringscope.filter import bytecode


def code(*instructions: tuple[int, int, int, int]) -> bytes:
    return b"".join(bytecode.INSTRUCTION.pack(*instruction) for instruction in instructions)


def test_only_what_accepts_is_given_the_snaplen() -> None:
    program = code((0x28, 0, 0, 12), (0x15, 0, 1, 0x0800), (0x06, 0, 0, 262144), (0x06, 0, 0, 0))
    assert bytecode.with_snaplen(program, 96) == code(
        (0x28, 0, 0, 12), (0x15, 0, 1, 0x0800), (0x06, 0, 0, 96), (0x06, 0, 0, 0)
    )


def test_a_load_of_the_vlan_tag_reads_metadata() -> None:
    assert bytecode.reads_metadata(code((0x30, 0, 0, 0xFFFFF030), (0x06, 0, 0, 1)))


def test_a_comparison_with_a_large_number_is_not_a_load_of_metadata() -> None:
    broadcast = code((0x20, 0, 0, 30), (0x15, 0, 1, 0xFFFFFFFF), (0x06, 0, 0, 1), (0x06, 0, 0, 0))
    assert not bytecode.reads_metadata(broadcast)


def test_a_jump_backwards_is_a_loop() -> None:
    assert bytecode.jumps_back(code((0x05, 0, 0, 0xFFFFFFFE), (0x06, 0, 0, 1)))
    assert not bytecode.jumps_back(code((0x05, 0, 0, 1), (0x15, 0, 1, 0xFFFFFFFE), (0x06, 0, 0, 1)))
