# SPDX-License-Identifier: Apache-2.0
"""How a decoder enters a table of protocol numbers; the rows and the layers have tables of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Decoder = TypeVar("Decoder")


def decodes(table: dict[int, Decoder], *numbers: int) -> Callable[[Decoder], Decoder]:
    """Enter a decoder in one of the tables under these numbers."""

    def enter(decoder: Decoder) -> Decoder:
        for number in numbers:
            table[number] = decoder
        return decoder

    return enter
