# SPDX-License-Identifier: Apache-2.0
"""Numbers as people type them: sizes, counts, times. What is none is an ArgumentTypeError with the cure."""

from __future__ import annotations

import argparse
import re
from typing import Final

_UNITS: Final = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}


def size(text: str) -> int:
    """Bytes, with K, M or G (powers of 1024) if wanted: ``64M``."""
    number, factor = text.lower().removesuffix("b").removesuffix("i"), 1
    if number and number[-1] in _UNITS:
        number, factor = number[:-1], _UNITS[number[-1]]
    try:
        value = float(number) * factor
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write it like 512K, 64M or 1G") from None
    if not 0 < value < 1 << 60:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size that a machine can have")
    return int(value)


def file_size(text: str) -> int:
    """Bytes of a file: millions of them, as for tcpdump, or with K, M or G (powers of 1024)."""
    return int(text) * 1_000_000 if text.isdecimal() and int(text) else size(text)


def duration(text: str) -> float:
    """Seconds, or with s, m or h: ``30s``, ``5m``."""
    number, factor = (text[:-1], _SECONDS[text[-1]]) if text and text[-1] in _SECONDS else (text, 1)
    if not re.fullmatch(r"\d+(\.\d+)?", number) or not 0 < (value := float(number) * factor) < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; write it like 30s, 5m or 1h")
    return value


def duration_or_none(text: str) -> float:
    """The same, or 0."""
    return 0.0 if text in ("0", "0s") else duration(text)


def count(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or not 0 < int(text) < 1 << 32:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)
