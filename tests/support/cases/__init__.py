# SPDX-License-Identifier: Apache-2.0
"""Packets of protocols and what must be said of them: a module for each protocol or family, with a list CASES.

A module is found by being here. What a case promises is checked by `unit/test_decode_cases.py`, and its packet is among
those that the fuzzer mutates.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules


@dataclass(frozen=True, slots=True)
class Case:
    """One packet. `stack`: its protocols by tshark's names, with colons; `protocol` and `info`: what its row says.
    `fields`: some fields of its layers, as "layer.name" and the text that is shown; `link_type`: a LINKTYPE_ number."""

    name: str
    data: bytes
    stack: str
    protocol: str
    info: str
    fields: tuple[tuple[str, str], ...] = ()
    link_type: int = 1


@cache
def cases() -> dict[str, Case]:
    """All cases by "module: name"."""
    found = {}
    for module in sorted(each.name for each in iter_modules(__path__)):
        for case in import_module(f"{__name__}.{module}").CASES:
            found[f"{module}: {case.name}"] = case
    return found
