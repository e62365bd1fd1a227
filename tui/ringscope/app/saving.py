# SPDX-License-Identifier: Apache-2.0
"""What of a session is written to a file, and under which name. No Textual here.

A part comes in pieces: on the event loop each is named, in a thread it is written, so that both the screen and a
person who changes their mind have a say in between.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncGenerator, Callable, Iterable

from ringscope.app.flows import flow_expression
from ringscope.app.programs import compile_all
from ringscope.app.units import group
from ringscope.app.viewing import Lent
from ringscope.capture.session import Session
from ringscope.decode import dissect
from ringscope.filter import Compiler, FilterError
from ringscope.frozen import frozen

PIECE = 32768
"""Packets that are written in one go."""

Piece = tuple[int, int] | list[int]
"""A range of packets, first and last; or packets by number."""

_NUMBER = r"(\d{1,3}(?: \d{3})+|\d[\d_]*)"
_RANGE = re.compile(rf"(.*?\S)\s+{_NUMBER}\s*-\s*{_NUMBER}")


class CannotSave(ValueError):
    """There is nothing to write, or no file to write it to: a sentence."""


@frozen
class Part:
    """What is written: ``count`` packets (None: not known yet) in ``pieces``."""

    count: int | None
    pieces: AsyncGenerator[Piece, None]


def proposed_name(word: str = "ringscope", now: float | None = None) -> str:
    """A file name that nobody has yet, short enough to be told whole on 80 columns."""
    return time.strftime(f"{word}-%Y%m%d-%H%M%S.pcapng", time.localtime(now))


def path_and_format(name: str) -> tuple[str, str]:
    """The path of what was typed, and the format that its end says: pcap by ``.pcap``, else pcapng."""
    if not name:
        raise CannotSave("the file needs a name")
    path = os.path.expanduser(name)
    ending = os.path.splitext(path)[1].lower()
    if ending in (".gz", ".zst", ".xz", ".bz2", ".lz4"):
        raise CannotSave(f"a file is not compressed while it is written; leave out {ending}")
    if os.path.isdir(path):
        raise CannotSave(f"{name} is a folder; add the name of a file")
    return path, "pcap" if ending in (".pcap", ".cap", ".dmp") else "pcapng"


def split_range(text: str) -> tuple[str, int, int]:
    """``out.pcapng 100-200`` in its parts. Raises CannotSave."""
    match = _RANGE.fullmatch(text.strip())
    first, last = (int(re.sub(r"[ _]", "", match.group(at))) for at in (2, 3)) if match else (0, 0)
    if match is None or not 1 <= first <= last:
        raise CannotSave("say which packets behind the name: out.pcapng 100-200")
    return match.group(1), first, last


# -- parts


def of_range(first: int, last: int) -> Part:
    """The packets ``first`` to ``last``."""

    async def pieces() -> AsyncGenerator[Piece, None]:
        for start in range(first, last + 1, PIECE):
            yield start, min(start + PIECE - 1, last)

    return Part(last - first + 1, pieces())


def of_numbers(numbers: Iterable[int]) -> Part:
    """These packets."""
    found = list(numbers)

    async def pieces() -> AsyncGenerator[Piece, None]:
        for start in range(0, len(found), PIECE):
            yield found[start : start + PIECE]

    return Part(len(found), pieces())


def of_view(lent: Lent, low: int, high: int) -> Part:
    """What passes a view, from its place ``low`` to ``high``."""

    async def pieces() -> AsyncGenerator[Piece, None]:
        with lent:
            for start in range(low, high + 1, PIECE):
                yield lent.view.numbers(start, min(PIECE, high - start + 1))

    return Part(high - low + 1, pieces())


def of_flow(session: Session, compiler: Compiler, number: int, last: int) -> Part:
    """The flow of a packet, up to packet ``last``: found by a view of its own. Raises CannotSave."""
    packets = session.read(number, 1)
    layers = dissect(packets[0].data, packets[0].link_type, packets[0].length) if packets else ()
    expression = flow_expression(layers)
    if expression is None:
        raise CannotSave(f"packet {group(number)} has no addresses that make a flow")

    async def pieces() -> AsyncGenerator[Piece, None]:
        try:
            programs = await asyncio.to_thread(compile_all, compiler, session, expression, timeout=20.0, look_up=False)
        except FilterError as error:
            raise CannotSave(f"the flow {expression} cannot be looked for: {error}") from error
        view = session.view()
        try:
            view.start(programs.codes)
            done = 0
            while True:
                state = view.state()
                for start in range(max(done + 1, state.low), state.high + 1, PIECE):
                    numbers = view.numbers(start, min(PIECE, state.high - start + 1))
                    yield [found for found in numbers if found <= last]
                done = max(done, state.high)
                if state.examined >= last:
                    break
                await asyncio.sleep(0.02)
        finally:
            view.close()

    return Part(None, pieces())


def of_last(session: Session, first: int, after: float, enough: Callable[[], bool]) -> Part:
    """The packets from ``first`` on, and those that come within ``after`` seconds from now, or until it is
    ``enough``."""

    async def pieces() -> AsyncGenerator[Piece, None]:
        clock, following = asyncio.get_running_loop().time, first
        until = clock() + after
        while True:
            over, head = enough() or clock() >= until, session.snapshot().head
            for start in range(following, head + 1, PIECE):
                yield start, min(start + PIECE - 1, head)
            following = max(following, head + 1)
            if over:
                return
            await asyncio.sleep(0.1)

    return Part(None, pieces())


def pieces_words(written: int, missed: int, path: str) -> str:
    """What is said when a file is whole."""
    told = f"{group(written)} packet{'' if written == 1 else 's'} written to {path}"
    return told + (f"; {group(missed)} were gone before they could be" if missed else "")


def choices(*, view: bool, marked: bool) -> list[str]:
    """What there is to choose from, the likeliest first."""
    return [*(["view"] if view else []), "all", *(["marked"] if marked else []), "flow", "range"]
