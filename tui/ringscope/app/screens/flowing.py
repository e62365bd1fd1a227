# SPDX-License-Identifier: Apache-2.0
"""From packet to packet of one flow."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from ringscope.app.glance import Glance
from ringscope.app.look import Look
from ringscope.app.same_flow import NoFlow, SameFlow
from ringscope.app.screens.ordering import Sorting
from ringscope.app.units import group
from ringscope.filter import Compiler


class Flowing(Sorting):
    """In the order of packet numbers, also where the list is sorted; only packets that are shown count."""

    def __init__(self, look: Look, glance: Glance, compiler: Compiler, kept_in: Path | None) -> None:
        super().__init__(look, glance, kept_in)
        self.same_flow = SameFlow(glance.session, compiler)

    def action_flow(self, forward: bool) -> None:
        self.say("")
        if self.list.count:
            self.list.hold()
            self.run_worker(self._to_flow(self.list.number, forward=forward), group="flow")
        else:
            self.say("there is no packet yet")

    async def _to_flow(self, number: int, *, forward: bool) -> None:
        rows, lent = self._viewing.in_order, self._viewing.lent
        _, first, last = self.rows_in_order()
        first, last = rows.number(first), rows.number(last)
        moves = self.list.moves
        try:
            with lent or nullcontext():

                def shown(each: int) -> bool:
                    return first <= each <= last and (lent is None or lent.view.has(each))

                step = await self.same_flow.find(number, shown, last, forward=forward)
        except NoFlow as error:
            self.say(str(error), "warning")
            return
        if step is None or self.list.moves != moves:
            return  # somebody went elsewhere meanwhile
        if not step.number:
            self.say(f"packet {group(number)} is the only one of its flow" + (" that the view shows" if lent else ""))
            return
        self.go_to(step.number)
        if self.list.number == step.number:
            around = f"; went round the {'end' if forward else 'beginning'}" if step.around else ""
            total = f"{'' if step.whole else 'at least '}{group(step.total)}"
            told = f"packet {group(step.number)}, {group(step.place)} of {total} in this flow{around}"
            self.say(told, "warning" if step.around else "text")
