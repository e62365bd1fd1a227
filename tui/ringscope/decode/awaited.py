# SPDX-License-Identifier: Apache-2.0
"""Protocols that stand in the tables before their module is imported, which the first packet that needs it does.

Most captures have some of the protocols, and importing all of them would be a good part of what comes before the first
row. What a module announces is written down in `ringscope.decode.protocols.announced`; a row or a layer is the same
whether its module had been imported before or not. A package is imported as a whole, but where its rows, or the tests
of its bytes, have a module to themselves that is enough for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING

from ringscope.decode.registry import (
    AWAITED,
    SCTP,
    TCP,
    UDP,
    LayerDecoder,
    Numbers,
    Protocol,
    RowDecoder,
    Test,
    announce,
    unwritten,
)

if TYPE_CHECKING:
    from ringscope.decode.row import Row
    from ringscope.decode.tree import Tree

Recognized = tuple[str, tuple[tuple[int, int], ...], bool, str]
"""A test of a payload: the carrier's name, the spans of first bytes (from, to), whether it is weak; what it is in."""
Announced = tuple[str, str, str, Numbers, str, str, tuple[Recognized, ...]]
"""What announces a protocol: name, title, role and numbers; what its row and its guard are in, empty where it has none;
and its tests."""

_CARRIERS = {carrier.name: carrier for carrier in (TCP, UDP, SCTP)}


def await_module(whole: str, announced: Iterable[Announced], above: str = "") -> None:
    """Enter in the tables what a module or package announces; ``above`` stands before all names of modules."""
    for name, title, role, numbers, row, guard, tests in announced:
        made = AwaitedProtocol(name, title, role, above + whole, row and above + row, guard and above + guard)
        announce(made, numbers)
        AWAITED.append(((name, title, role, numbers), made))
        for carrier, spans, weak, where in tests:
            first = bytes(byte for low, high in spans for byte in range(low, high + 1))
            test = AwaitedTest(above + where)
            _CARRIERS[carrier].recognize(first, test, made, weak=weak)
            _CARRIERS[carrier].awaited[made, first, weak] = test


def import_whole(name: str) -> None:
    """Import a module, of a package all that is below it."""
    module = import_module(name)
    for below in walk_packages(getattr(module, "__path__", ()), f"{name}."):
        import_module(below.name)


class AwaitedProtocol(Protocol):
    """Whoever needs one of its functions gets what that is in imported, and then the function takes its place. The
    import system lets other threads wait for that."""

    __slots__ = ("_guard_in", "_own_guard", "_own_layer", "_own_row", "_row_in", "_whole")

    def __init__(self, name: str, title: str, role: str, whole: str, row: str, guard: str) -> None:
        super().__init__(name, title, role)
        self._whole, self._row_in, self._guard_in = whole, row, guard
        self._own_row: RowDecoder = unwritten
        self._own_layer: LayerDecoder = self.declared
        self._own_guard: Test | None = None
        if row:
            self.summarize = self._first_row
        if guard:
            self.accepts = self._first_guard
        self.dissect = self._first_layer

    def row(self, decoder: RowDecoder) -> RowDecoder:
        self._own_row = decoder
        return decoder

    def layer(self, decoder: LayerDecoder) -> LayerDecoder:
        self._own_layer = decoder
        return decoder

    def guard(self, test: Test) -> Test:
        self._own_guard = test
        return test

    def imported(self) -> Protocol:
        import_whole(self._whole)
        self.summarize, self.dissect, self.accepts = self._own_row, self._own_layer, self._own_guard
        return self

    def _first_row(self, row: Row, at: int, end: int) -> None:
        import_whole(self._row_in)
        self.summarize = self._own_row
        self.summarize(row, at, end)

    def _first_layer(self, tree: Tree, at: int, end: int) -> None:
        self.imported().dissect(tree, at, end)

    def _first_guard(self, data: bytes, at: int, stop: int) -> bool:
        import_whole(self._guard_in)
        self.accepts = self._own_guard
        return self.accepts is None or self.accepts(data, at, stop)


class AwaitedTest:
    """A test that is in something which may have to be imported first."""

    def __init__(self, where: str) -> None:
        self._where = where
        self.test: Test | None = None

    def __call__(self, data: bytes, at: int, stop: int) -> bool:
        if self.test is None:
            import_whole(self._where)
        return self.test is not None and self.test(data, at, stop)
