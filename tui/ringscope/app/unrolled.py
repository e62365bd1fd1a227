# SPDX-License-Identifier: Apache-2.0
"""A followed conversation as rows: lines of text or of bytes in hexadecimal, holes, and what is said between. No
Textual here.

The bytes stand in one buffer in the order of reading, cut into runs: bytes of one side without a break, a hole, or an
event. A row is a number; where it begins is the one thing that is kept of it. Both what is new and another width are
laid out bit by bit, so that sixteen megabytes do not stop the screen.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache

from ringscope.decode.streams import Event, Piece, Place, Stream
from ringscope.frozen import frozen

AT_ONCE = 1 << 17
"""What is laid out in one go, in bytes and an allowance for each row: about a millisecond."""

_ROW, _CHUNK = 32, 1 << 14


@dataclass(slots=True)
class Run:
    """What stands together: buffer[at:stop], of one side from its place ``start`` on; or a hole, or an event.

    ``item`` is its turn or event in the stream's order. ``row`` is its first row.
    """

    item: int
    start: int
    at: int
    stop: int
    side: int | None
    row: int = -1
    hole: Piece | None = None
    event: Event | None = None

    @property
    def is_bytes(self) -> bool:
        return self.hole is None and self.event is None

    @property
    def end(self) -> int:
        """The place behind it."""
        return self.start + (self.hole.size if self.hole else self.stop - self.at)


@frozen
class Line:
    """One row: buffer[at:stop] of a run; of a hole or an event nothing."""

    run: Run
    at: int
    stop: int

    @property
    def place(self) -> int:
        """The place of its first byte in the stream of its side."""
        return self.run.start + self.at - self.run.at


@lru_cache(maxsize=16)
def _lines(width: int) -> re.Pattern[bytes]:
    """Lines of at most ``width`` bytes, with what ends them; a character of UTF-8 stays whole."""
    least = max(1, width - 3)
    return re.compile(
        rb"[^\n]{0,%d}+\r?\n|[^\n]{%d,%d}(?![\x80-\xbf\n])|[^\n]{1,%d}" % (width, least, width, width)
    )  # fmt: skip


class Unrolled:
    """``width`` bytes a row at most; ``text``: rows end where lines do. ``rows`` are those laid out so far."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.runs: list[Run] = []
        self.text = True
        self.width = 80
        self._stream: Stream | None = None
        self._pieces = array("I")  # where in the buffer each packet's bytes begin
        self._numbers = array("Q")  # and which packet it is
        self._rows = array("I")  # where in the buffer each row begins
        self._firsts = array("I")  # the first row of each run that was begun
        self._next = 0  # where in the buffer the next row of the last run begun begins

    # -- taking what is new

    def take(self, stream: Stream) -> int | None:
        """Take over what has changed. The first row that is another one now; None: nothing has changed."""
        if stream is not self._stream:
            self._stream = stream
            self._cut_runs(0, 0)
            stream.news()
            changed: Place | None = Place(0)
        else:
            changed = stream.news()
        if changed is None:
            return None
        start = self._cut(changed)
        rows = len(self._rows)
        for item in range(changed.item, len(stream.order)):
            self._add(stream, item, start if item == changed.item else None)
        return rows

    def _add(self, stream: Stream, item: int, start: int | None) -> None:
        entry, at = stream.order[item], len(self.buffer)
        if isinstance(entry, Event):
            self.runs.append(Run(item, 0, at, at, entry.side, event=entry))
            return
        first = entry.start if start is None else max(start, entry.start)
        for piece in stream.pieces(entry, first):
            at, skipped = len(self.buffer), max(0, first - piece.start)
            if piece.hole is not None:
                self.runs.append(Run(item, piece.start, at, at, entry.side, hole=piece))
                continue
            self._pieces.append(at)
            self._numbers.append(piece.number)
            self.buffer += piece.data[skipped:] if skipped else piece.data
            last = self.runs[-1] if self.runs else None
            if last is not None and last.item == item and last.hole is None:
                last.stop = len(self.buffer)
            else:
                self.runs.append(Run(item, piece.start + skipped, at, len(self.buffer), entry.side))

    def _cut(self, changed: Place) -> int | None:
        """Drop what stands at a place of the stream and behind it. The place of its turn to go on from, None: its
        beginning.
        """
        index = bisect_right(self.runs, (changed.item, changed.start), key=lambda run: (run.item, run.start)) - 1
        if index < 0 or self.runs[index].item != changed.item or self.runs[index].event is not None:
            index = bisect_left(self.runs, changed.item, key=lambda run: run.item)
            self._cut_runs(index, self.runs[index].at if index < len(self.runs) else len(self.buffer))
            return None
        run = self.runs[index]
        if run.hole is not None and changed.start < run.end:
            self._cut_runs(index, run.at)
            return run.start
        if changed.start <= run.start:
            self._cut_runs(index, run.at)
        else:
            self._cut_runs(index + 1, min(run.stop, run.at + changed.start - run.start))
        return changed.start

    def _cut_runs(self, count: int, at: int) -> None:
        """Keep the first ``count`` runs and the buffer up to ``at``, where the last of these ends then."""
        del self.runs[count:], self.buffer[at:], self._firsts[count:]
        pieces = bisect_left(self._pieces, at)
        del self._pieces[pieces:], self._numbers[pieces:]
        if not count:
            del self._rows[:]
            return
        last = self.runs[-1]
        last.stop = at
        if last.row < 0:
            return
        row = last.row + 1
        if last.is_bytes:
            # What ends a line may take two more bytes into the last row or, where that is one byte, the one before.
            row = max(last.row, bisect_left(self._rows, at, lo=last.row) - 2)
            self._next = self._rows[row] if row < len(self._rows) else last.at
        else:
            self._next = at
        del self._rows[row:]

    # -- rows

    @property
    def rows(self) -> int:
        """Rows laid out so far."""
        return len(self._rows)

    @property
    def whole(self) -> bool:
        """Whether all that is there is laid out."""
        return not self.runs or (len(self._firsts) == len(self.runs) and self._next >= self.runs[-1].stop)

    def shape(self, width: int, *, text: bool) -> bool:
        """Have rows of another width or kind from now on. Whether they are other ones."""
        if (width, text) == (self.width, self.text):
            return False
        self.width, self.text = max(1, width), text
        del self._rows[:], self._firsts[:]
        for run in self.runs:
            run.row = -1
        return True

    def lay(self, most: int = AT_ONCE) -> None:
        """Lay out further rows, of about ``most`` bytes and allowances."""
        while most > 0 and not self.whole:
            begun = len(self._firsts)
            if begun and self._next < (run := self.runs[begun - 1]).stop:
                most -= self._lay_bytes(run, most)
                continue
            run = self.runs[begun]
            run.row = len(self._rows)
            self._firsts.append(run.row)
            self._next = run.at
            if not run.is_bytes:
                self._rows.append(run.at)
                most -= _ROW

    def _lay_bytes(self, run: Run, most: int) -> int:
        """Rows of a run from ``_next`` on; how much of ``most`` that took."""
        start, width, before = self._next, self.width, len(self._rows)
        most = min(most, _CHUNK)
        stop = min(run.stop, start + max(most, 4 * width + 8))
        if self.text:
            found = array("I", [match.start() for match in _lines(width).finditer(self.buffer, start, stop)])
            if stop < run.stop:
                # The last two may go on; see `_cut_runs`.
                stop = found[-2]
                del found[-2:]
            self._rows.extend(found)
        else:
            stop = stop if stop == run.stop else start + (stop - start) // width * width
            self._rows.extend(array("I", range(start, stop, width)))
        self._next = stop
        return stop - start + _ROW * (len(self._rows) - before)

    # -- asking

    def line(self, row: int) -> Line:
        """A row that is laid out."""
        run = self.runs[bisect_right(self._firsts, row) - 1]
        at = self._rows[row]
        following = self._rows[row + 1] if row + 1 < len(self._rows) else self._next
        return Line(run, at, min(following, run.stop) if run.is_bytes else at)

    def row_of(self, run: Run, at: int) -> int | None:
        """The row of a run that has buffer[at]; None: it is not laid out yet."""
        if run.row < 0 or (run is self.runs[len(self._firsts) - 1] and run.is_bytes and at >= self._next):
            return None
        if not run.is_bytes:
            return run.row
        index = bisect_right(self._firsts, run.row)
        stop = self._firsts[index] if index < len(self._firsts) else len(self._rows)
        return bisect_right(self._rows, at, lo=run.row, hi=stop) - 1

    def run_at(self, at: int) -> Run | None:
        """The run that has buffer[at]."""
        index = bisect_right(self.runs, at, key=lambda run: run.at) - 1
        return self.runs[index] if index >= 0 and at < self.runs[index].stop else None

    def unbroken(self, at: int, stop: int) -> bool:
        """Whether buffer[at:stop] is of one side and follows on each other; an event may lie between."""
        index = bisect_right(self.runs, at, key=lambda run: run.at) - 1
        run = self.runs[index]
        while run.stop < stop:
            index += 1
            following = self.runs[index]
            if following.event is not None:
                continue
            if following.hole is not None or following.side != run.side or following.start != run.end:
                return False
            run = following
        return True

    def run_near(self, item: int, start: int) -> Run | None:
        """The run that has a place of a turn, or the one before it."""
        index = bisect_right(self.runs, (item, start), key=lambda run: (run.item, run.start)) - 1
        return self.runs[index] if index >= 0 else None

    def number(self, line: Line, at: int) -> int:
        """The packet that brought buffer[at]; of a hole or an event the one it is of, 0 for none."""
        if line.run.hole is not None:
            return line.run.hole.number
        if line.run.event is not None:
            return line.run.event.number
        return self._numbers[bisect_right(self._pieces, at) - 1] if self._pieces else 0

    def packet_bytes(self, at: int) -> tuple[int, int]:
        """Which bytes of the buffer came with buffer[at]: its first and the one behind its last."""
        index = bisect_right(self._pieces, at)
        return self._pieces[index - 1], self._pieces[index] if index < len(self._pieces) else len(self.buffer)

    def of_packet(self, number: int) -> tuple[Run, int] | None:
        """Where the bytes of a packet stand; None: it brought none that are here. Packets that came out of turn make
        this a walk through all of them.
        """
        try:
            at = self._pieces[self._numbers.index(number)]
        except ValueError:
            return next(
                ((run, run.at) for run in self.runs if not run.is_bytes and self.number(Line(run, 0, 0), 0) == number),
                None,
            )
        run = self.run_at(at)
        return (run, at) if run else None

    def before_packet(self, number: int) -> tuple[Run, int] | None:
        """The first of the bytes that came last before a packet which brought none."""
        before = next((at for at, one in zip(reversed(self._pieces), reversed(self._numbers), strict=True)
                       if one < number), None)  # fmt: skip
        run = None if before is None else self.run_at(before)
        return None if run is None or before is None else (run, before)
