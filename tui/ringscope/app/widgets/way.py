# SPDX-License-Identifier: Apache-2.0
"""The boxes of the way on a wide screen, of which one can be chosen; and the sentence of the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from ringscope.app import cells
from ringscope.app.commands import bindings
from ringscope.app.look import Look
from ringscope.app.pieces import Form
from ringscope.app.way.briefs import Brief
from ringscope.app.way.diagram import Diagram, Place, Widths, draw
from ringscope.app.widgets.lines import FixedLines, Piece
from ringscope.weather.model import Verdict

_GROUNDS = {"cursor-text": "cursor", "loss-text": "loss"}
"""Roles of text that stand on a ground of their own."""


def pieces(look: Look, form: Form) -> list[Piece]:
    """Spans with their styles."""
    return [(text, look.style(role, _GROUNDS.get(role, "background"))) for text, role in form]


class WayView(FixedLines, can_focus=True, inherit_bindings=False):
    """The diagram. ``chosen`` is the key of the stage that the cursor is on."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("rows", "stages")

    class Moved(Message):
        """The user has chosen another stage."""

    class Opened(Message):
        """The user wants to see the chosen stage."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.chosen = ""
        self._boxes: Sequence[Brief] = ()
        self._beside: Sequence[Brief] = ()
        self._widths = Widths()
        self._diagram = Diagram((), ())

    def needs(self, boxes: Sequence[Brief], sides: Sequence[Brief], width: int) -> int:
        """Lines that they take at this width."""
        return len(draw(boxes, sides, width, self._widths, self.chosen).lines)

    def show(self, boxes: Sequence[Brief], beside: Sequence[Brief], chosen: str) -> None:
        """Show these stages."""
        self._boxes, self._beside, self.chosen = boxes, beside, chosen
        self.compose_lines()

    def compose_lines(self) -> None:
        if not self._boxes or not self.size.width:
            return
        self._diagram = draw(self._boxes, self._beside, self.size.width, self._widths, self.chosen)
        for y, form in enumerate(self._diagram.lines):
            self.put(y, pieces(self.look, form), self.look.style("text"))

    # -- choosing

    def _place(self) -> tuple[int, Sequence[Place]]:
        places = self._diagram.places
        return next((at for at, place in enumerate(places) if place.key == self.chosen), 0), places

    def choose(self, key: str) -> None:
        """The user chooses a stage."""
        if key != self.chosen:
            self.chosen = key
            self.compose_lines()
            self.post_message(self.Moved())

    def action_stage(self, by: int) -> None:
        at, places = self._place()
        if places:
            self.choose(places[max(0, min(at + by, len(places) - 1))].key)

    def action_row(self, by: int) -> None:
        """To the nearest box of the next row of boxes."""
        at, places = self._place()
        here = places[at] if places else None
        rows = sorted({place.y for place in places if here and (place.y - here.y) * by > 0}, reverse=by < 0)
        if here and rows:
            middle = here.x + here.width // 2
            row = [place for place in places if place.y == rows[0]]
            self.choose(min(row, key=lambda place: abs(place.x + place.width // 2 - middle)).key)

    def action_page(self, by: int) -> None:
        self.action_stage(by * 3)

    def action_first(self) -> None:
        self.action_stage(-len(self._diagram.places))

    def action_last(self) -> None:
        self.action_stage(len(self._diagram.places))

    def action_open(self) -> None:
        self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        for place in self._diagram.places:
            if place.has(event.x, event.y):
                self.choose(place.key)


_GLYPHS = {"lost": "▲", "cut": "△", "told": "▽", "fine": "✓"}
_ROLES = {"lost": "bad", "cut": "warning", "told": "text", "fine": "good"}


class VerdictLines(FixedLines):
    """One sentence, and the other losses where there is room."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._said: Verdict | None = None
        self._else = ""

    def show(self, said: Verdict | None, instead: str = "") -> None:
        """Show a verdict, or without one what there is to say ``instead``."""
        self._said, self._else = said, instead
        self.compose_lines()

    def compose_lines(self) -> None:
        look, height, said = self.look, max(1, self.size.height), self._said
        room = max(8, self.size.width - 3)
        if said is None:
            texts, role, ground = cells.wrap(self._else, room, height), "dim", "background"
        else:
            lost_now = said.severity == "lost" and said.now
            role, ground = ("loss-text", "loss") if lost_now else (_ROLES[said.severity], "background")
            texts = cells.wrap(said.sentence, room, height)
            unknown = said.severity == "told" and not said.stage
            texts[0] = f"{'?' if unknown else _GLYPHS[said.severity]} {texts[0]}"
            texts[1:] = [f"  {text}" for text in texts[1:]]
        for y in range(height):
            text = texts[y] if y < len(texts) else ""
            on = ground if text else "background"
            style = look.style(role if text else "text", on, bold=True)
            self.put(y, [(f" {text}", style)], look.style("text", on))
        if said is not None and said.also and len(texts) < height:
            also = f"   also: {'; '.join(said.also)}"
            self.put(len(texts), [(cells.cut(also, room), look.style("dim"))], look.style("text"))
