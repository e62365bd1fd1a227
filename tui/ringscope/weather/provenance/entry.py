# SPDX-License-Identifier: Apache-2.0
"""What is told of where a number comes from."""

from __future__ import annotations

from typing import Final

from ringscope.frozen import frozen

NEVER: Final = "never"
ON_READ: Final = "on every read (we add it up)"


@frozen
class Provenance:
    """``read`` is where it is read. ``drops`` says whether lost packets are counted in it. ``resets`` is when it
    starts from 0 again, ``scope`` what it is a total of, ``privilege`` what reading it needs (empty: nothing),
    ``defects`` what is known to be wrong with it (empty: nothing is)."""

    key: str
    read: str
    drops: str
    resets: str
    scope: str
    privilege: str = ""
    defects: str = ""
