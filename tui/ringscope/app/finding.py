# SPDX-License-Identifier: Apache-2.0
"""What a person searches for: text, bytes or a regular expression in packets, or text in the info column.

Packets' bytes are searched by the capture room; the info column is made here, of what the decode room says, so it is
searched here. No Textual.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from ringscope.app.packets import ROW_BYTES, Rows
from ringscope.capture.pattern import Kind, Pattern, PatternError
from ringscope.decode import Memory, summarize
from ringscope.frozen import frozen
from ringscope.native import Packet

MODES = {
    "text": "text in the bytes",
    "hex": "bytes in hexadecimal",
    "re": "regular expression over the bytes",
    "info": "text in the info column",
}
"""How a search is meant, in the order in which Tab goes round; the words before a colon that say so, too."""

_PREFIX = re.compile(rf"\s*({'|'.join(MODES)}):\s*", re.IGNORECASE)
_KINDS: dict[str, Kind] = {"text": "text", "hex": "hex", "re": "regex"}
_CHUNK = 512
"""Packets whose info is made in one go: some three milliseconds."""


class NothingToFind(ValueError):
    """The text is no such search; the sentence says what to write."""


@frozen
class Wanted:
    """A search: of ``pattern`` in the bytes of packets or, where that is None, of ``words`` in their infos.

    Text without capital letters is found in either case, as less(1) does it by -i.
    """

    mode: str
    text: str
    pattern: Pattern | None
    words: re.Pattern[str]

    def span(self, data: bytes) -> tuple[int, int] | None:
        """Offset and length of the first hit in the bytes of a packet."""
        pattern = self.pattern
        if pattern is None:
            return None
        loose = re.IGNORECASE if pattern.ignore_case else 0
        octets = pattern.compiled() if pattern.kind == "regex" else re.compile(re.escape(pattern.data), loose)
        found = octets.search(data)
        return (found.start(), found.end() - found.start()) if found and found.end() > found.start() else None


def named_mode(text: str) -> tuple[str | None, str]:
    """The mode that the text itself names, as in ``hex: 16 03``, or None; and the rest of it."""
    match = _PREFIX.match(text)
    return (match.group(1).lower(), text[match.end() :]) if match else (None, text)


def wanted(text: str, mode: str) -> Wanted:
    """What ``text`` means in this mode, or in the one it names. Raises NothingToFind."""
    named, text = named_mode(text)
    mode = named or mode
    words = re.compile(re.escape(text), re.IGNORECASE if text == text.lower() else 0)
    if mode == "info":
        if not text.strip():
            raise NothingToFind("there is nothing to look for")
        return Wanted(mode, text, None, words)
    try:
        return Wanted(mode, text, Pattern.of(_KINDS[mode], text), words)
    except PatternError as error:
        raise NothingToFind(str(error)) from error


class InfoSearch:
    """Looks through the info column. Rows are read on the event loop and decoded in a thread, a chunk at a time.

    ``progress`` counts the rows looked at, from any number of calls.
    """

    def __init__(self) -> None:
        self.progress = 0
        self._cancelled = False
        self._memory = Memory()  # another thread's than the screen's

    def cancel(self) -> None:
        """The search under way finds nothing more."""
        self._cancelled = True

    async def find(self, sought: Wanted, rows: Rows, first: int, last: int, *, forward: bool) -> int | None:
        """The first packet from row ``first`` to ``last`` with a hit, backwards the last one; None: there is none."""
        while first <= last and not self._cancelled:
            count = min(_CHUNK, last - first + 1)
            start = first if forward else last - count + 1
            packets = [packet for _, packet in rows.read(start, count, ROW_BYTES)]
            hit = await asyncio.to_thread(self._hit, sought, packets if forward else packets[::-1])
            self.progress += count
            if hit is not None:
                return hit
            first, last = (first + count, last) if forward else (first, last - count)
        return None

    def _hit(self, sought: Wanted, packets: Sequence[Packet]) -> int | None:
        for packet in packets:
            if sought.words.search(summarize(packet.data, packet.link_type, packet.length, self._memory).info):
                return packet.number
        return None
