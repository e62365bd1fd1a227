# SPDX-License-Identifier: Apache-2.0
"""The numbers of a screen, each with the key of where it comes from: what `i` walks through. No Textual here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from ringscope.frozen import frozen


@frozen
class Number:
    """A number as it is shown: what it is called, its value with its unit, and a key of
    `ringscope.weather.provenance.PROVENANCE`. ``note`` is what is true of this one only; may be empty."""

    title: str
    value: str
    source: str
    note: str = ""


@runtime_checkable
class Numbered(Protocol):
    """A screen that says which numbers it shows."""

    def numbers(self) -> tuple[Sequence[Number], int]:
        """All of them in the order in which they stand, and the place of the one under the cursor."""
