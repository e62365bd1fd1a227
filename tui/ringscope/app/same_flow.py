# SPDX-License-Identifier: Apache-2.0
"""The next and the previous packet of the same flow. No Textual here.

The flow is an expression (see ``flows``) and what passes it is found by a view of its own, in threads of the core; the
view stays as long as the cursor goes from packet to packet of that flow, so that every further step is at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from ringscope.app.flows import flow_expression
from ringscope.app.programs import compile_all
from ringscope.app.units import group
from ringscope.capture.session import CaptureError, Session
from ringscope.capture.views import View, ViewError
from ringscope.decode import dissect
from ringscope.filter import Compiler, FilterError
from ringscope.frozen import frozen

_AT_ONCE = 256
_PAUSE = 0.01


class NoFlow(ValueError):
    """There is no flow, or it cannot be looked for: a sentence."""


@frozen
class Step:
    """Where the flow goes on, 0 where it does not. ``around``: it was found behind the end.

    ``place`` is its own among the ``total`` packets of the flow that are known; ``whole``: those are all.
    """

    number: int
    place: int = 0
    total: int = 0
    whole: bool = True
    around: bool = False


class SameFlow:
    """Asked from the event loop, which waits for nothing but the view's threads. A new question ends the one before."""

    def __init__(self, session: Session, compiler: Compiler) -> None:
        self._session = session
        self._compiler = compiler
        self._view: View | None = None
        self._expression = ""
        self._asked = 0
        self._done: tuple[int, int] | None = None

    async def find(self, number: int, shown: Callable[[int], bool], last: int, *, forward: bool) -> Step | None:
        """The packet of the flow of packet ``number`` that comes after it, up to ``last``, behind the end the first;
        or the one before it. ``shown`` tells which packets count. None: somebody asked anew. Raises NoFlow.
        """
        self._asked += 1
        asked = self._asked
        self._done = (0, last)
        try:
            view = await self._view_of(number, asked)
            # Where this packet stands is known when the view has come so far; the other way round is behind the end.
            if view is None or not await self._known(view, number, asked):
                return None
            here = view.index(number)
            for around in (False, True):
                found = await self._leg(view, here, shown, last, asked, forward=forward, around=around)
                if found:
                    state = view.state()
                    place, total = view.index(found) - state.low + 1, state.high - state.low + 1
                    return Step(found, place, total, state.examined >= last, around)
            return Step(0) if self._asked == asked else None
        finally:
            if self._asked == asked:
                self._done = None

    async def _view_of(self, number: int, asked: int) -> View | None:
        """None: somebody asked anew meanwhile, and the one view there is may be theirs."""
        packets = self._session.read(number, 1)
        layers = dissect(packets[0].data, packets[0].link_type, packets[0].length) if packets else ()
        expression = flow_expression(layers)
        if expression is None:
            raise NoFlow(f"packet {group(number)} has no addresses that make a flow")
        if self._view is not None and self._expression == expression:
            return self._view
        self._drop()
        try:
            programs = await asyncio.to_thread(
                compile_all, self._compiler, self._session, expression, timeout=20.0, look_up=False
            )
            if self._asked != asked:
                return None
            view = self._session.view()
            view.start(programs.codes)
        except (FilterError, CaptureError, ViewError) as error:
            raise NoFlow(f"the flow {expression} cannot be looked for: {error}") from error
        self._view, self._expression = view, expression
        return view

    async def _known(self, view: View, number: int, asked: int) -> bool:
        """Wait until the view has come to that packet. False: somebody asked anew, or the view gave up."""
        while (state := view.state()).examined < number:
            if self._asked != asked or state.fault:
                return False
            self._done = (state.examined, number)
            await asyncio.sleep(_PAUSE)
        return self._asked == asked

    async def _leg(
        self, view: View, here: int, shown: Callable[[int], bool], last: int, asked: int, *, forward: bool, around: bool
    ) -> int:
        """The nearest packet of the flow on this side of place ``here`` or, ``around``, the farthest on the other one;
        0: there is none.
        """
        if forward is around:  # between the beginning and here
            low, high = view.state().low, here - 1
            spans = _upwards(low, high) if forward else _downwards(low, high)
        elif forward:
            return await self._onwards(view, here + 1, shown, last, asked)
        else:
            if not await self._known(view, last, asked):
                return 0
            spans = _downwards(here + 1, view.index(last))
        for first, count in spans:
            numbers = view.numbers(first, count)
            for found in numbers if forward else reversed(numbers):
                if shown(found):
                    return found
            await asyncio.sleep(0)
            if self._asked != asked:
                break
        return 0

    async def _onwards(self, view: View, first: int, shown: Callable[[int], bool], last: int, asked: int) -> int:
        """From place ``first`` on, as far as the view has come and while it goes on."""
        while True:
            state = view.state()
            numbers = view.numbers(first, _AT_ONCE)
            for found in numbers:
                if found > last:
                    return 0
                if shown(found):
                    return found
            first += len(numbers)
            if self._asked != asked or state.fault or (not numbers and state.examined >= last):
                return 0
            self._done = (state.examined, last)
            await asyncio.sleep(0 if numbers else _PAUSE)

    def cancel(self) -> bool:
        """Nobody waits for an answer any more. Whether anybody did."""
        was, self._done = self._done is not None, None
        self._asked += 1
        return was

    def told(self) -> tuple[str, float | None] | None:
        """What is being done and how far it is, while a packet is looked for."""
        if self._done is None:
            return None
        done, total = self._done
        return "looking for this flow", min(1.0, done / total) if total else None

    def close(self) -> None:
        """The end: no view is read any more."""
        self.cancel()
        self._drop()

    def _drop(self) -> None:
        view, self._view = self._view, None
        if view is not None:
            view.close()


def _upwards(low: int, high: int) -> Iterator[tuple[int, int]]:
    for first in range(low, high + 1, _AT_ONCE):
        yield first, min(_AT_ONCE, high - first + 1)


def _downwards(low: int, high: int) -> Iterator[tuple[int, int]]:
    for end in range(high, low - 1, -_AT_ONCE):
        first = max(low, end - _AT_ONCE + 1)
        yield first, end - first + 1
