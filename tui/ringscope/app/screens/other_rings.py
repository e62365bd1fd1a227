# SPDX-License-Identifier: Apache-2.0
"""Trying other rings on the last minute of packets, and having them while the capture runs."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from dataclasses import replace

from textual import on
from textual.app import ComposeResult

from ringscope.app.glance import Glance
from ringscope.app.look import Look
from ringscope.app.reshaping import Reshaping, Ringed, Shape
from ringscope.app.screens.base import Framed
from ringscope.app.watch import Watch
from ringscope.app.widgets.prompt import Prompt
from ringscope.app.widgets.reshape_line import ReshapeLine
from ringscope.app.widgets.whatif_panel import WhatIfPanel, WhatIfTable
from ringscope.capture.session import CaptureError
from ringscope.weather.traffic import Recent, recent
from ringscope.weather.whatif import Geometry, WhatIf


class OtherRings(Framed, inherit_bindings=False):
    """What the screen of the rings does beside showing them. ``reshaping`` is None where there is no ring."""

    def __init__(self, look: Look, glance: Glance, watch: Watch) -> None:
        super().__init__(look, glance)
        self._lookout = watch
        session = glance.session
        self.reshaping = Reshaping(session) if isinstance(session, Ringed) and glance.is_live else None
        self.whatif = WhatIfPanel(look, id="whatif")
        self.reshape_line = ReshapeLine(look, id="reshape")

    def compose_others(self) -> ComposeResult:
        """What is hidden until it is asked for, below the rest."""
        yield self.whatif
        yield self.reshape_line

    @abstractmethod
    def no_ring(self) -> str:
        """Why there is nothing to change."""

    @abstractmethod
    def show_again(self) -> None:
        """The table of other rings was opened, and takes the place of what is below the rings, or was closed; or the
        rings are others."""

    @abstractmethod
    def focus_rings(self) -> None:
        """Give the keys back to the table of rings."""

    @property
    def _rings(self) -> int:
        snapshot = self.glance.snapshot
        return len(snapshot.queues) if snapshot else 1

    # -- what if

    def action_what_if(self) -> None:
        if self.reshaping is None:
            self.say(self.no_ring())
        elif self.whatif.is_open:
            self.close_what_if()
        else:
            self.whatif.open()
            self.show_again()
            self.run_worker(self._replay(recent(self.reshaping.session)), group="whatif", exclusive=True)

    def close_what_if(self) -> None:
        """Back to what is there."""
        self.whatif.close()
        self.focus_rings()
        self.show_again()

    async def _replay(self, packets: Recent) -> None:
        """It may take a second, so it is not for the event loop. The cures are told by the same replay."""
        self._show_table(await asyncio.to_thread(self._lookout.replay, packets))

    def _show_table(self, table: WhatIf | None) -> None:
        if self.reshaping is not None:
            shape = self.reshaping.shape
            self.whatif.tell(table, Geometry(shape.blocks, shape.block_size), self._rings)

    @on(WhatIfTable.Chosen)
    def _chosen(self, event: WhatIfTable.Chosen) -> None:
        if self.reshaping is not None:
            geometry = event.geometry
            self._have(replace(self.reshaping.shape, blocks=geometry.blocks, block_size=geometry.block_size))

    # -- other rings

    def action_reshape(self) -> None:
        if self.reshaping is None:
            self.say(self.no_ring())
            return
        if self.whatif.is_open:
            self.close_what_if()
        self.say("")
        self.reshape_line.ask(self.reshaping.shape, self._rings)
        self.name_keys()

    @on(Prompt.Closed)
    def _prompt_closed(self) -> None:
        self.focus_rings()
        self.name_keys()

    @on(ReshapeLine.Wanted)
    def _wanted(self, event: ReshapeLine.Wanted) -> None:
        self._have(event.shape)

    def _have(self, shape: Shape) -> None:
        self.say(f"the rings become {shape.geometry()}, timeout {shape.timeout_ms} ms ...")
        self.run_worker(self._reshape(shape), group="reshape")

    async def _reshape(self, shape: Shape) -> None:
        if self.reshaping is None:
            return
        try:
            said = await self.reshaping.to(shape)
        except CaptureError as error:
            self.say(f"✗ {error}; the rings stay as they were", "bad", stay=15)
            return
        self.say(said, stay=10)
        self.show_again()
        if self.whatif.is_open:
            self._show_table(self.whatif.table.table)

    def name_other_keys(self) -> bool:
        """Say which keys matter while something is open; false: nothing is."""
        if self.reshape_line.is_open:
            self.bar.at("reshape", hidden=frozenset(), titles={}, typing=True)
        elif self.whatif.is_open:
            self.bar.at("whatif", "everywhere", hidden=frozenset(), titles={})
        else:
            return False
        return True
