# SPDX-License-Identifier: Apache-2.0
"""Lines for standard output: all are written where somebody reads, and nobody who does not read holds anything up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

import pytest

from ringscope.cli.lines import Lines
from support.namespaces import wait_until

LONG = "x" * (1 << 20)
"""More than a pipe has room for."""


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for end in (reading, writing):
        with suppress(OSError):  # the test has closed it
            os.close(end)


def test_every_line_that_is_taken_arrives_whole_and_in_order(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    lines = Lines(writing)
    for number in range(100):
        lines.put(f"line {number}")
        assert lines.wait(5)
    assert os.read(reading, 1 << 16).decode() == "".join(f"line {number}\n" for number in range(100))


def test_a_reader_that_stands_still_is_waited_for_by_nobody_and_gets_the_line_whole_later(
    pipe: tuple[int, int],
) -> None:
    reading, writing = pipe
    lines = Lines(writing)
    lines.put(LONG)
    assert not lines.wait(0.05) and not lines.ready
    got = b""
    while len(got) <= len(LONG):
        got += os.read(reading, 1 << 16)
    assert got.decode() == f"{LONG}\n"
    assert lines.wait(5) and lines.ready and not lines.lost


def test_a_reader_who_has_gone_is_told_apart_from_a_disk_that_is_full(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.close(reading)
    lines = Lines(writing)
    lines.put("for nobody")
    assert wait_until(lambda: lines.lost) and lines.wait(5) and not lines.fault
    lines.put("neither")
    assert lines.ready
    with open("/dev/full", "wb", buffering=0) as full:
        lines = Lines(full.fileno())
        lines.put("no room")
        assert wait_until(lambda: lines.fault) == "No space left on device"
        assert not lines.lost
