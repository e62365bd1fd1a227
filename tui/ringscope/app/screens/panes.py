# SPDX-License-Identifier: Apache-2.0
"""The panes of the packets screen: list, layers, bytes; where they are, which has the keys, what they are called."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from ringscope.app import cells
from ringscope.app.commands import bindings
from ringscope.app.fields import Node
from ringscope.app.glance import Glance
from ringscope.app.look import Look
from ringscope.app.marks import Marks
from ringscope.app.pieces import Span
from ringscope.app.screens.base import LEAST, Framed
from ringscope.app.units import group
from ringscope.app.widgets.chooser import Chooser
from ringscope.app.widgets.hex_view import HexView
from ringscope.app.widgets.layers import LayersPane
from ringscope.app.widgets.list_heading import ListHeading
from ringscope.app.widgets.packet_list import PacketList
from ringscope.app.widgets.rail import Rail
from ringscope.app.widgets.rows import RowView
from ringscope.app.widgets.rule import Rule

WIDE, TALL = 110, 30
"""From this size on, layers and bytes stand side by side."""


class Panes(Framed, inherit_bindings=False):
    """Lays the panes out between what stands above them and below. Subclasses fill them."""

    NAME = "packets"
    BINDINGS: ClassVar[list[BindingType]] = bindings("packets")
    AUTO_FOCUS = "#list"

    def __init__(self, look: Look, glance: Glance) -> None:
        super().__init__(look, glance)
        self.listing = glance.listing
        self.marks = Marks()
        self.heading = ListHeading(look, self.listing, id="heading")
        self.list = PacketList(look, glance.viewing.rows, self.marks, self.listing, id="list")
        self.rule = Rule(look, id="rule")
        self.layers_pane = LayersPane(look, id="layers")
        self.hex = HexView(look, id="bytes")
        self._rails: dict[RowView, Rail] = {
            view: Rail(look, ground, id=f"{view.id}-rail")
            for view, ground in ((self.list, "background"), (self.layers_pane, "surface"), (self.hex, "surface"))
        }
        self.chooser = Chooser(look, id="chooser")
        self._lower = "layers"
        self.wide = False

    def compose_body(self) -> ComposeResult:
        yield self.heading
        with Horizontal(id="list-box"):
            yield self.list
            yield self._rails[self.list]
            yield from self.compose_list()
        yield self.rule
        with Horizontal(id="lower"):
            yield self.layers_pane
            yield self._rails[self.layers_pane]
            yield self.hex
            yield self._rails[self.hex]
        yield from self.compose_below()
        yield self.chooser

    def compose_list(self) -> ComposeResult:
        """What may stand in place of the list."""
        yield from ()

    def distance(self) -> list[Span]:
        """What is said about the row under the cursor, beside the names of the panes."""
        return []

    def compose_below(self) -> ComposeResult:
        """What stands between the panes and the bottom line."""
        yield from ()

    @property
    def layers_told(self) -> tuple[Span, ...]:
        """What is said of the layers in the rule above them, besides the packet they are of."""
        return ()

    @property
    def shown_in_detail(self) -> int:
        """The number of the packet in the lower panes, 0 for none."""
        return 0

    # -- layout

    @property
    def lower_shown(self) -> bool:
        """Whether there is a pane below the list."""
        return self.wide or self._lower != "none"

    def lay_out(self, width: int, height: int) -> None:
        small = width < LEAST[0] or height < LEAST[1]
        self.wide = width >= WIDE and height >= TALL
        focused = self.focused
        for pane, name in ((self.layers_pane, "layers"), (self.hex, "bytes")):
            shown = self.wide or self._lower == name
            pane.display = self._rails[pane].display = shown
            if focused is pane and not shown:
                self.set_focus(self.list)
        self.rule.display = self.query_one("#lower").display = self.lower_shown and not small
        self.hex.styles.width = _bytes_width(width) if self.wide else "1fr"
        self.name_panes()

    def name_panes(self) -> None:
        """Say in the rule what is in the panes below it."""
        if not self.lower_shown:
            return
        number, distance = f" of {group(self.shown_in_detail)}" if self.shown_in_detail else "", self.distance()
        layers: list[Span] = [("Layers", self._title_role(self.layers_pane)), (number, "dim")]
        layers += [*self.layers_told, *distance]
        octets: list[Span] = [("Bytes", self._title_role(self.hex)), *self._field_spans()]
        width = self.size.width
        if self.wide:
            split = width - _bytes_width(width) - 2
            self.rule.divide((split, layers), (width, octets))
        elif self._lower == "layers":
            self.rule.divide((width, [*layers, ("  Tab: bytes", "dim")]))
        else:
            self.rule.divide((width, [*octets, *distance, ("  Tab: none", "dim")]))

    def _title_role(self, pane: Widget) -> str:
        return "accent" if pane.has_focus else "dim"

    def _field_spans(self) -> list[Span]:
        lit, node = self.hex.lit, self.layers_pane.node
        if node is None or not lit:
            return [(f" {group(len(self.hex.data))}", "dim")] if self.hex.data else []
        where = f" {lit.start}" if len(lit) == 1 else f" {lit.start}-{lit[-1]}"
        bits = f" {_bits_words(*node.bits)}" if node.bits else ""
        return [(f"{where}{bits} of {group(len(self.hex.data))}  ", "dim"), (cells.safe(node.name), "text")]

    def light(self, node: Node | None) -> None:
        """Light the bytes of a field."""
        if node is not None:
            self.hex.light(node.start, node.length)
        self.name_panes()

    # -- news from the panes

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if self.focused in (self.layers_pane, self.hex):
            # Who reads a packet wants it to stay.
            self.list.hold()
        self.name_panes()
        self.name_keys()

    @on(RowView.Scrolled)
    def _scrolled(self, event: RowView.Scrolled) -> None:
        if event.view in self._rails:
            self._rails[event.view].follow(event.view)

    @on(PacketList.Recolumned)
    def _recolumned(self, event: PacketList.Recolumned) -> None:
        self.heading.name_columns(event.columns)
        self.list.redraw()

    @on(PacketList.Followed)
    def _followed(self) -> None:
        self.name_keys()

    @on(LayersPane.Selected)
    def _field_selected(self, event: LayersPane.Selected) -> None:
        self.light(event.node)

    @on(LayersPane.Deeper)
    def _field_entered(self) -> None:
        self.go_to_pane("bytes")

    @on(HexView.Moved)
    def _byte_selected(self, event: HexView.Moved) -> None:
        self.layers_pane.select_byte(event.byte)
        self.light(self.layers_pane.node)

    # -- from pane to pane

    def go_to_pane(self, name: str) -> None:
        """Give the keys to a pane, and show it where there is room for one only."""
        if name != "list" and not self.wide:
            self._lower = name
            self.lay_out(self.size.width, self.size.height)
        self.set_focus({"list": self.list, "layers": self.layers_pane, "bytes": self.hex}[name])
        self.name_keys()

    def action_deeper(self) -> None:
        if self.list.count:
            self.list.hold()
            self.go_to_pane("layers")
        else:
            self.say("there is no packet to open yet")

    def pane_back(self) -> None:
        """From the bytes to the layers, from there to the list."""
        if self.focused is self.hex:
            self.go_to_pane("layers")
        elif self.focused is self.layers_pane:
            self.go_to_pane("list")

    def action_pane(self, by: int) -> None:
        if self.wide:
            panes: list[Widget] = [self.list, self.layers_pane, self.hex]
            at = panes.index(self.focused) if self.focused in panes else 0
            self.set_focus(panes[(at + by) % 3])
            return
        order = ("layers", "bytes", "none")
        in_lower = self.focused in (self.layers_pane, self.hex)
        self._lower = order[(order.index(self._lower) + by) % 3]
        self.lay_out(self.size.width, self.size.height)
        if in_lower and self._lower != "none":
            self.go_to_pane(self._lower)
        self.name_keys()


def _bits_words(first: int, count: int) -> str:
    return f"bit {first}" if count == 1 else f"bits {first}-{first + count - 1}"


def _bytes_width(width: int) -> int:
    """Cells of the bytes pane beside the layers: 16 bytes a row where that leaves the layers enough, else 8."""
    return 74 if width >= 126 else 42
