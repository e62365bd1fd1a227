# SPDX-License-Identifier: Apache-2.0
"""Points in time as people type them: a time of day, a date with one, or a distance from here. No Textual here."""

from __future__ import annotations

import re
import time

_UNITS = {"ms": 1_000_000, "s": 10**9, "m": 60 * 10**9, "min": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9}
_DISTANCE = re.compile(r"([+-])\s*(\d{1,12})(?:\.(\d{1,9}))?\s*(ms|s|min|m|h|d)")
_CLOCK = re.compile(
    r"(?:(\d{4})-(\d\d?)-(\d\d?)[ T]+)?(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?",
)
_DAY = 86400 * 10**9


def moment(text: str, here: int, first: int, last: int) -> int | None:
    """The time that ``text`` means; None when it means none. All times are nanoseconds since 1970.

    ``-30s``, ``+2m``, ``+500ms``, ``-1h``: from ``here``. ``12:04``, ``12:04:31.5``: local time on the day of ``here``
    or, where that lies outside ``first`` to ``last``, on a day on which it does not. ``2026-09-29 12:04:31``: that day.
    """
    text = text.strip().lower()
    if match := _DISTANCE.fullmatch(text):
        sign, whole, fraction, unit = match.groups()
        span = int(whole) * _UNITS[unit] + _fraction(fraction) * _UNITS[unit] // 10**9
        return here + span if sign == "+" else here - span
    match = _CLOCK.fullmatch(text.upper())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction = match.groups()
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 60:
        return None
    clock = (int(hour), int(minute), int(second or 0))
    if year is not None:
        return _local((int(year), int(month), int(day)), clock, _fraction(fraction))
    found = [_on_day_of(base, clock, _fraction(fraction)) for base in (here, last, first, here + _DAY, here - _DAY)]
    usable = [at for at in found if at is not None]
    return next((at for at in usable if first <= at <= last), usable[0] if usable else None)


def _fraction(digits: str | None) -> int:
    return int((digits or "0").ljust(9, "0"))


def _on_day_of(time_ns: int, clock: tuple[int, int, int], rest: int) -> int | None:
    day = time.localtime(time_ns // 10**9)
    return _local((day.tm_year, day.tm_mon, day.tm_mday), clock, rest)


def _local(day: tuple[int, int, int], clock: tuple[int, int, int], rest: int) -> int | None:
    try:
        return int(time.mktime((*day, *clock, 0, 0, -1))) * 10**9 + rest
    except (OverflowError, ValueError):
        return None
