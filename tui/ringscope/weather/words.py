# SPDX-License-Identifier: Apache-2.0
"""Numbers in sentences."""

from __future__ import annotations


def grouped(number: float) -> str:
    """1204331 as ``1 204 331``."""
    return f"{round(number):,}".replace(",", " ")


def sized(octets: int) -> str:
    """Whole MiB, or KiB below one."""
    return f"{octets >> 20} MiB" if octets >= 1 << 20 else f"{octets >> 10} KiB"
