# SPDX-License-Identifier: Apache-2.0
"""A view over a file has the very packets that ``tcpdump -r FILE EXPR`` selects, number for number."""

from __future__ import annotations

import struct
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ringscope.capture.files import FileSession
from ringscope.capture.views import View
from ringscope.filter import Compiler, FilterError
from support.expressions import expressions
from support.oracles import require_captures, require_tool
from support.varieties import Variety, varieties

VARIETIES = {each.name: each for each in varieties()}
EXPRESSIONS = expressions()
GATHERED = 49152
"""Packets, of which the headers of the first 32768 are gathered together, and may take the memory of all."""


@pytest.fixture(scope="module")
def compiler() -> Iterator[Compiler]:
    with Compiler() as one:
        yield one


def _theirs(path: Path, expression: str) -> list[int] | str:
    """Microseconds of the packets that tcpdump selects, or what it says is wrong. The file of its output is of this
    machine's byte order.
    """
    command = [require_tool("tcpdump"), "-r", str(path), "-w", "-", "--", expression]
    done = subprocess.run(command, capture_output=True, timeout=30)
    if done.returncode:
        return done.stderr.decode().strip().splitlines()[-1].removeprefix("tcpdump: ")
    found, at = [], 24
    while at < len(done.stdout):
        _, microseconds, captured, _ = struct.unpack_from("=IIII", done.stdout, at)
        found.append(microseconds)
        at += 16 + captured
    return found


def _ours(session: FileSession, view: View, compiler: Compiler, expression: str, link_type: int) -> list[int] | str:
    """Numbers of the packets in the view, or what is said to be wrong; the advice in brackets is ours."""
    try:
        program = compiler.compile(
            expression,
            link_type=link_type,
            snaplen=262144,
            live=False,
            loops=True,
            swapped=session.swapped,
            timeout=20,
        )
    except FilterError as error:
        return str(error).partition(" (")[0]
    view.start({link_type: program.code})
    head = session.newest()
    while (state := view.state()).examined < head:
        time.sleep(0.0002)
    assert state.judged == head and not state.fault
    numbers = view.numbers(1, head)
    assert len(numbers) == state.matched == state.high
    return numbers


def _whole(path: Path) -> FileSession:
    session = FileSession.open(str(path), store_bytes=1 << 20)
    while session.loading():
        time.sleep(0.001)
    return session


def test_there_are_two_hundred_expressions_and_a_dozen_files() -> None:
    assert len(set(EXPRESSIONS)) == len(EXPRESSIONS) >= 200
    assert len(VARIETIES) >= 12


@pytest.mark.parametrize("name", VARIETIES)
def test_a_view_selects_what_tcpdump_selects(name: str, tmp_path: Path, compiler: Compiler) -> None:
    """Also where the packets come so often that their headers are kept in memory: each time the same ones."""
    variety: Variety = VARIETIES[name]
    path, count = variety.write(tmp_path), len(variety.frames)
    times = GATHERED // count + 1
    with (
        ThreadPoolExecutor(3) as pool,
        _whole(path) as session,
        session.view() as view,
        _whole(variety.write(tmp_path, times)) as long_session,
        long_session.view() as long_view,
    ):
        assert session.newest() == count
        _ours(long_session, long_view, compiler, "len > 0", variety.link_type)
        time.sleep(0.2)  # for the headers to be gathered, behind the first look; without them it would be as right
        differing, hits, refused = [], 0, 0
        theirs = pool.map(lambda each: _theirs(path, each), EXPRESSIONS)
        for expression, expected in zip(EXPRESSIONS, theirs, strict=True):
            found = _ours(session, view, compiler, expression, variety.link_type)
            hits += bool(found)
            if isinstance(found, str) and isinstance(expected, str):
                refused += 1
                if not expected.startswith(found):
                    differing.append((expression, found, expected))
                continue
            if found != expected:
                differing.append((expression, found, expected))
            each_time = [count * turn + number for turn in range(times) for number in found]
            if _ours(long_session, long_view, compiler, expression, variety.link_type) != each_time:
                differing.append((expression, "by headers", expected))
    assert differing == []
    assert hits > len(EXPRESSIONS) / 6 and refused < len(EXPRESSIONS) * 3 / 4  # or it would prove little


def test_captures_of_others_are_selected_from_alike(compiler: Compiler) -> None:
    """Files that real devices wrote; tcpdump's numbers are counted, since their times are not unique."""
    chosen = ("tcp", "udp port 53", "vlan", "ip6", "len > 500", "not ip", "ip[0] & 0xf != 5")
    seen = 0
    for path in sorted(require_captures().rglob("*.pcap"))[:40]:
        with _whole(path) as session, session.view() as view:
            if not session.newest() or len(session.link_types) != 1:
                continue
            if isinstance(_theirs(path, ""), str):  # libpcap does not read all that we read
                continue
            for expression in chosen:
                found = _ours(session, view, compiler, expression, session.link_type)
                expected = _theirs(path, expression)
                assert isinstance(found, str) == isinstance(expected, str), (path.name, expression, found, expected)
                assert isinstance(found, str) or len(found) == len(expected), (path.name, expression)
            seen += 1
    assert seen > 5
