# SPDX-License-Identifier: Apache-2.0
"""Keeping time for the scenes."""

import itertools
import time
from collections.abc import Iterator


def every(seconds: float, first: float = 0.0) -> Iterator[int]:
    """Count 0, 1, 2 ... forever, one number every ``seconds``, the first one after ``first`` seconds.

    Who is late goes on at once, but never hurries to make up for rounds that were missed.
    """
    due = time.monotonic() + first
    for number in itertools.count():
        time.sleep(max(0.0, due - time.monotonic()))
        due = max(due, time.monotonic() - seconds) + seconds
        yield number
