# SPDX-License-Identifier: Apache-2.0
"""Deep decode: tshark's layers of the packet on show, in the place of ours, until the key is pressed again or another
packet is gone to."""

from __future__ import annotations

import asyncio
from threading import Event

from ringscope.app.pieces import Span
from ringscope.app.screens.pointing import Pointing
from ringscope.app.subject import FOREIGN
from ringscope.app.units import group
from ringscope.decode import Layer
from ringscope.decode.deep import DeepError, available, deep
from ringscope.native import Packet

_ABOVE = Layer(FOREIGN, "Decoded by tshark, from this packet's bytes alone (D: back to ringscope's own)", 0, 0, ())


class Deepening(Pointing):
    """``D``. tshark runs in a process that is ended when nobody waits for it any more."""

    _asked: Event | None = None
    """Set to end the question under way."""
    _own: tuple[Packet, tuple[Layer, ...]] | None = None
    """What is on show but for tshark's layers, which stand in its place."""

    @property
    def layers_told(self) -> tuple[Span, ...]:
        if self._own is not None:
            return (("  by tshark", "warning"), ("  D: ours", "dim"))
        return (("  asking tshark …", "dim"),) if self._asked is not None else ()

    def action_deep(self) -> None:
        self.say("")
        if self._own is not None:
            self._put(self._own)
            self._own = None
            self.name_panes()
        elif self._asked is not None:
            self.forget_deep()
            self.say("tshark is not asked any more")
            self.name_panes()
        elif not available():
            self.say("D needs tshark, which is not here; Debian: apt install tshark", "warning")
        elif self.list.count:
            self._ask()

    def _ask(self) -> None:
        self.list.hold()
        number = self.list.number
        shown = self._detail.shown
        if shown is None or shown[0].number != number:
            shown = self._detail.decode(number)
            if shown is None:
                self.say(f"packet {group(number)} is not kept any more", "warning")
                return
            self._put(shown)
        if not self.lower_shown:
            self.go_to_pane("layers")
        self._asked = Event()
        self.name_panes()
        self.run_worker(self._answer(*shown, self._asked), group="deep", exclusive=True)

    async def _answer(self, packet: Packet, layers: tuple[Layer, ...], asked: Event) -> None:
        try:
            told = await asyncio.to_thread(
                deep, packet.data, packet.link_type, packet.length, time_ns=packet.time_ns, cancelled=asked
            )
        except DeepError as error:
            if self._asked is asked:
                self._asked = None
                self.say(f"✗ {error}", "bad", stay=12)
                self.name_panes()
            return
        if self._asked is asked:  # else another packet is on show
            self._asked = None
            self._own = (packet, layers)
            self._put((packet, (_ABOVE, *layers[:1], *told)))

    def _put(self, shown: tuple[Packet, tuple[Layer, ...]]) -> None:
        """Have these layers on show."""
        self._detail.shown = shown
        if self.hex.data != shown[0].data:
            self.hex.show(shown[0].data)
        self.layers_pane.show(shown[1])
        self.light(self.layers_pane.node)

    def forget_deep(self) -> None:
        """Another packet is on show, or none any more."""
        self._own = None
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.set()
