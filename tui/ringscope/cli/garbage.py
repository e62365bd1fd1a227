# SPDX-License-Identifier: Apache-2.0
"""When the interpreter looks for garbage: not before the first rows are drawn, since nothing that is made for them is
any, and looking takes a twentieth of the time."""

from __future__ import annotations

import gc


def hold_back() -> None:
    """Do not look for garbage for now."""
    gc.disable()


def collect() -> None:
    """Look for it from now on, but not among what is there already and stays."""
    gc.freeze()
    gc.enable()
