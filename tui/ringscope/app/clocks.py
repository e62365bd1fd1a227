# SPDX-License-Identifier: Apache-2.0
"""Times of packets in the formats that the list can show them in. No Textual here.

A format is a name, and what is counted from is a ``Moments``: a row alone knows when its packet came, and when the one
in the row above it did.
"""

from __future__ import annotations

import time

from ringscope.app.units import clock
from ringscope.frozen import frozen


@frozen
class TimeFormat:
    """How times are shown. ``title`` heads the column; ``said`` is the same in a sentence.

    ``least``: cells without which it says nothing; ``wide``: cells in which it says all. ``right``: aligned so.
    """

    title: str
    said: str
    least: int
    wide: int
    right: bool = False


FORMATS = {
    "time": TimeFormat("Time", "the time of day", 8, 15),
    "date": TimeFormat("Date and time", "date and time of day", 19, 26),
    "first": TimeFormat("s from first", "seconds since the first packet", 12, 14, right=True),
    "previous": TimeFormat("s from prev.", "seconds since the packet in the row above", 12, 14, right=True),
    "mark": TimeFormat("s from mark", "seconds since the packet that was marked last", 12, 14, right=True),
    "utc": TimeFormat("UTC", "the time of day in UTC", 8, 15),
    "unix": TimeFormat("Unix time", "seconds since 1970", 14, 17, right=True),
}
"""By name, in the order in which the key goes round."""

_CLOCKS = ("time", "utc")


class Moments:
    """Unix nanoseconds that times are counted from, None where there is nothing to count from: the first packet, and
    the one that was marked last."""

    __slots__ = ("first_ns", "mark_ns")

    def __init__(self, first_ns: int | None = None, mark_ns: int | None = None) -> None:
        self.first_ns = first_ns
        self.mark_ns = mark_ns


def following(name: str) -> str:
    """The format after this one."""
    names = list(FORMATS)
    return names[(names.index(name) + 1) % len(names)]


def cells_for(name: str, usual: int) -> int:
    """Cells of a column of times where ``usual`` are those that the time of day gets; 0: it is not shown."""
    made = FORMATS[name]
    if not usual or name in _CLOCKS:
        return usual
    return made.wide if usual >= 13 else made.least


def time_text(name: str, time_ns: int, before_ns: int | None, cells: int, moments: Moments) -> str:
    """A time in at most ``cells`` cells, as precise as they allow; empty where there is nothing to count from.

    ``before_ns`` is the time of the packet in the row above.
    """
    match name:
        case "time":
            return clock(time_ns, cells)
        case "date":
            return clock(time_ns, 26)[: max(19, cells)]
        case "utc":
            return _utc(time_ns, cells)
        case "unix":
            return span(time_ns, cells)
        case "first":
            start = moments.first_ns
        case "mark":
            start = moments.mark_ns
        case _:
            start = before_ns
    return "" if start is None else span(time_ns - start, cells)


def _utc(time_ns: int, cells: int) -> str:
    whole, rest = divmod(time_ns, 1_000_000_000)
    dated = cells >= 26
    text = time.strftime("%Y-%m-%d %H:%M:%S" if dated else "%H:%M:%S", time.gmtime(whole))
    if cells < 10:
        return text
    return f"{text}.{rest // 1000:06d}"[: 26 if dated else min(cells, 15)]


def span(nanoseconds: int, cells: int) -> str:
    """Seconds with six decimals, or as many as have room beside the whole seconds."""
    sign, nanoseconds = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    whole, rest = divmod(nanoseconds, 1_000_000_000)
    decimals = max(0, min(6, cells - len(sign) - len(str(whole)) - 1))
    return f"{sign}{whole}.{rest // 1000:06d}"[: len(sign) + len(str(whole)) + 1 + decimals].rstrip(".")


def elapsed(nanoseconds: int) -> str:
    """A distance in time for a sentence, in the unit that suits it: ``12 µs``, ``310 ms``, ``-1.204 s``."""
    sign, size = "-" if nanoseconds < 0 else "", abs(nanoseconds)
    if size < 1_000_000:
        return f"{sign}{size // 1000} µs"
    if size < 1_000_000_000:
        return f"{sign}{size / 1e6:.{3 - len(str(size // 1_000_000))}f} ms"
    if size < 60_000_000_000:
        return f"{sign}{size / 1e9:.3f} s"
    minutes, seconds = divmod(size // 1_000_000_000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours} h {minutes} min" if hours else f"{sign}{minutes} min {seconds} s"
