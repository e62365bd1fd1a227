# SPDX-License-Identifier: Apache-2.0
"""Points in time as people type them."""

from __future__ import annotations

import time

import pytest

from ringscope.app.moments import moment

SECOND = 10**9
HERE = int(time.mktime((2026, 9, 29, 12, 0, 0, 0, 0, -1))) * SECOND
FIRST, LAST = HERE - 3600 * SECOND, HERE + 3600 * SECOND


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("-30s", -30), ("+2m", 120), ("+ 2 min", 120), ("-1.5s", -1.5), ("+500ms", 0.5), ("-1h", -3600), ("+1d", 86400),
     ("12:04", 240), ("12:04:31", 271), ("12:04:31.25", 271.25), (" 11:30 ", -1800), ("2026-09-28 12:00", -86400),
     ("2026-9-30t12:00:00.5", 86400.5)],
)  # fmt: skip
def test_what_people_type_is_understood(text: str, seconds: float) -> None:
    assert moment(text, HERE, FIRST, LAST) == HERE + round(seconds * SECOND)


@pytest.mark.parametrize("text", ["", "30s", "noon", "25:00", "12:60:00x", "-30", "+s", "12", "9999999-01-01 1:00"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert moment(text, HERE, FIRST, LAST) is None


def test_a_time_of_day_is_that_of_a_day_on_which_there_are_packets() -> None:
    midnight = int(time.mktime((2026, 9, 30, 0, 0, 0, 0, 0, -1))) * SECOND
    first, last = midnight - 600 * SECOND, midnight + 600 * SECOND
    assert moment("23:55", midnight + SECOND, first, last) == midnight - 300 * SECOND
    assert moment("00:05", midnight - SECOND, first, last) == midnight + 300 * SECOND
