# SPDX-License-Identifier: Apache-2.0
"""Searching the bytes of a followed stream, a megabyte at a time so that keys are answered meanwhile. No Textual here.

What is found is of one side and without a break: it may lie in several packets, but not across a hole or a turn.
"""

from __future__ import annotations

import asyncio
import re

from ringscope.app.finding import NothingToFind, Wanted, wanted
from ringscope.app.unrolled import Unrolled

MODES = {"text": "text", "hex": "bytes in hexadecimal"}
"""How a search is meant, in the order in which Tab goes round."""

_CHUNK = 1 << 20


def sought(text: str, mode: str) -> Wanted:
    """What ``text`` means in this mode, or in the one it names. Raises NothingToFind."""
    found = wanted(text, mode)
    if found.mode not in MODES:
        raise NothingToFind("a stream is searched for text, or for bytes: hex: 0d 0a")
    return found


class StreamSearch:
    """One search. ``progress`` is the share of the bytes that was looked at."""

    def __init__(self, page: Unrolled, what: Wanted) -> None:
        assert what.pattern is not None
        self._page = page
        self.what = what
        self._size = len(what.pattern.data)
        loose = re.IGNORECASE if what.pattern.ignore_case else 0
        self._octets = re.compile(re.escape(what.pattern.data), loose)
        self._cancelled = False
        self.progress = 0.0

    def cancel(self) -> None:
        """It finds nothing any more."""
        self._cancelled = True

    async def find(self, at: int, *, forward: bool) -> tuple[int, int, bool] | None:
        """The first hit behind buffer[at], or the last before it, as begin, end, and whether it went round; else None.
        The one at ``at`` itself comes last.
        """
        total = len(self._page.buffer)
        legs = [(at + 1, total), (0, at + self._size)] if forward else [(0, at + self._size - 1), (at, total)]
        done = 0
        for around, (low, high) in enumerate(legs):
            high = min(high, total)
            while low < high and not self._cancelled:
                start = low if forward else max(low, high - _CHUNK)
                stop = min(high, start + _CHUNK)
                hit = self._in(start, min(high, stop + self._size - 1), forward=forward)
                if hit is not None:
                    return *hit, bool(around)
                done += stop - start
                self.progress = min(1.0, done / max(1, total))
                low, high = (stop, high) if forward else (low, start + self._size - 1 if start > low else low)
                await asyncio.sleep(0)
        return None

    def _in(self, start: int, stop: int, *, forward: bool) -> tuple[int, int] | None:
        found = None
        hit = self._octets.search(self._page.buffer, start, stop)
        while hit is not None:
            if self._page.unbroken(hit.start(), hit.end()):
                found = hit.span()
                if forward:
                    return found
            hit = self._octets.search(self._page.buffer, hit.start() + 1, stop)
        return found
