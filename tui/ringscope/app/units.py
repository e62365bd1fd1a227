# SPDX-License-Identifier: Apache-2.0
"""Numbers for people: grouped digits, rates with units, shares, times of day. Pure functions."""

from __future__ import annotations

import time
from functools import lru_cache


def group(number: int) -> str:
    """Digits in threes: ``1204331`` -> ``1 204 331``."""
    return f"{number:,}".replace(",", " ")


def amount(number: int, cells: int) -> str:
    """A count in at most ``cells`` cells: grouped where that fits, else ``12.3 M``."""
    if len(told := group(number)) <= cells:
        return told
    value, units = float(number), iter("kMGTP")
    unit = ""
    while value >= 999.5:
        value /= 1000
        unit = next(units)
    return f"{value:.1f} {unit}" if value < 99.95 and cells >= 6 else f"{value:.0f} {unit}"


def size(octets: int) -> str:
    """Bytes of memory: ``64 KiB``, ``214 MiB``, ``1.5 GiB``."""
    if octets < 1 << 20:
        return f"{octets >> 10} KiB"
    return f"{octets >> 20} MiB" if octets < 10 << 30 and octets % (1 << 30) else f"{octets / (1 << 30):.3g} GiB"


def bits(per_second: float) -> str:
    """A bit rate in at most eight cells, always with its unit: ``512 Mb/s``, ``1.2 Gb/s``."""
    value = max(0.0, per_second)
    units = ["Tb/s", "Gb/s", "Mb/s", "kb/s", "b/s"]
    unit = units.pop()
    while value >= 999.5 and units:
        value /= 1000
        unit = units.pop()
    digits = 1 if unit != "b/s" and value < 9.95 else 0
    return f"{value:.{digits}f} {unit}"


def percent(share: float) -> str:
    """A share of 0 to 1. Anything above zero is never shown as ``0 %``, anything below one never as ``100 %``."""
    if share <= 0:
        return "0 %"
    if share >= 1:
        return "100 %"
    return f"{min(99, max(1, round(share * 100)))} %"


def seconds(span: float) -> str:
    """A span of time in words' units: ``12 s``, ``3 min``, ``2 h``."""
    if span < 90:
        return f"{span:.0f} s"
    if span < 5400:
        return f"{span / 60:.0f} min"
    return f"{span / 3600:.0f} h"


def brief(span: float) -> str:
    """A short span of time: ``0.4 ms``, ``12 ms``, ``1.2 s``. Anything above zero is at least ``0.1 ms``."""
    value, unit = (span, "s") if span >= 0.9995 else (max(0.1, span * 1000) if span > 0 else 0, "ms")
    return f"{value:.{1 if value < 9.95 else 0}f} {unit}"


@lru_cache(maxsize=256)
def _second(unix: int, dated: bool) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S" if dated else "%H:%M:%S", time.localtime(unix))


def clock(time_ns: int, cells: int) -> str:
    """The local time of day of ``time_ns`` (Unix nanoseconds) in ``cells`` cells, as precise as they allow.

    26 cells: date and microseconds; 10 to 15: fractions of a second; 8 or 9: seconds; fewer: nothing.
    """
    if cells < 8:
        return ""
    whole, rest = divmod(time_ns, 1_000_000_000)
    if cells >= 26:
        return f"{_second(whole, True)}.{rest // 1000:06d}"
    if cells < 10:
        return _second(whole, False)
    return f"{_second(whole, False)}.{rest // 1000:06d}"[: min(cells, 15)]


def bars(shares: list[float]) -> str:
    """Eighth blocks from zero to full, one a share: ``▁▁▃█``. Zero is the thinnest bar, so a bar is always there."""
    return "".join("▁▂▃▄▅▆▇█"[min(7, max(0, round(share * 8) - 1 if share > 0.0625 else 0))] for share in shares)


def share(part: int, whole: int) -> str:
    """A part of a whole: ``63 %``, below ten percent ``1.0 %``. What is not nothing is at least ``0.1 %``."""
    if part <= 0 or whole <= 0:
        return "0 %"
    value = 100 * part / whole
    return f"{max(0.1, value):.1f} %" if value < 9.95 else percent(part / whole)


def packets(number: int) -> str:
    """``1 packet``, ``1 204 331 packets``."""
    return f"{group(number)} packet{'' if number == 1 else 's'}"


def gauge(share_done: float, cells: int) -> str:
    """How much of something is done: ``█████░░░``."""
    done = min(cells, max(0, round(share_done * cells)))
    return "█" * done + "░" * (cells - done)


def lasting(span: float) -> str:
    """How long something lasted: ``0.4 ms``, ``12 s``, ``3 min``, ``2 h``, ``5 days``."""
    if span < 10:
        return brief(span)
    return seconds(span) if span < 172800 else f"{span / 86400:.0f} days"
