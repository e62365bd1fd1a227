# SPDX-License-Identifier: Apache-2.0
"""Screen 1, Packets: the status lines, the list, the layers and the bytes of the packet under the cursor."""

from __future__ import annotations

from time import monotonic
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widget import Widget

from ringscope.app import cells
from ringscope.app.commands import bindings
from ringscope.app.detail import Detail
from ringscope.app.epochs import Epochs
from ringscope.app.fields import Node
from ringscope.app.look import Look
from ringscope.app.meters import Meters
from ringscope.app.packets import Rows
from ringscope.app.pieces import Span
from ringscope.app.units import group, seconds
from ringscope.app.widgets.filter_line import FilterLine
from ringscope.app.widgets.goto_line import GotoLine
from ringscope.app.widgets.hex_view import HexView
from ringscope.app.widgets.key_bar import KeyBar
from ringscope.app.widgets.layers import LayersPane
from ringscope.app.widgets.packet_list import ListHeading, PacketList, evicted_notice
from ringscope.app.widgets.prompt import Prompt
from ringscope.app.widgets.rail import Rail
from ringscope.app.widgets.rows import RowView
from ringscope.app.widgets.rule import Rule
from ringscope.app.widgets.status import Mode, StatusBar
from ringscope.app.widgets.too_small import TooSmall
from ringscope.capture.session import Session, Snapshot
from ringscope.decode import Memory
from ringscope.filter import Compiler

WIDE, TALL = 110, 30
"""From this size on, layers and bytes stand side by side."""

LEAST = (40, 8)
"""Below this size one sentence is shown instead."""

NOTICE = 6.0
"""Seconds a notice stays."""


class PacketsScreen(Screen[None], inherit_bindings=False):
    """Gets one snapshot a tick by ``show``; reads rows and the packet under the cursor by itself."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("packets")
    AUTO_FOCUS = "#list"

    def __init__(self, look: Look, session: Session, compiler: Compiler) -> None:
        super().__init__()
        self._look = look
        self._session = session
        self.meters = Meters()
        self._epochs = Epochs(session)
        memory = Memory()
        self._detail = Detail(session, memory)
        self._snapshot: Snapshot | None = None
        self._paused = False
        self._lower = "layers"
        self._wide = False
        self._notice_until = 0.0
        self.status = StatusBar(look, session, self.meters, self._epochs, id="status")
        self.heading = ListHeading(look, id="heading")
        self.list = PacketList(look, Rows(session, memory), id="list")
        self.rule = Rule(look, id="rule")
        self.layers_pane = LayersPane(look, id="layers")
        self.hex = HexView(look, id="bytes")
        self._rails = {
            view: Rail(look, ground)
            for view, ground in ((self.list, "background"), (self.layers_pane, "surface"), (self.hex, "surface"))
        }
        self.filter_line = FilterLine(look, session, compiler, id="filter")
        self.goto_line = GotoLine(look, id="goto")
        self.bar = KeyBar(look, id="keys")
        self.too_small = TooSmall(look, LEAST, id="too-small")

    def compose(self) -> ComposeResult:
        yield self.status
        yield self.heading
        with Horizontal(id="list-box"):
            yield self.list
            yield self._rails[self.list]
        yield self.rule
        with Horizontal(id="lower"):
            yield self.layers_pane
            yield self._rails[self.layers_pane]
            yield self.hex
            yield self._rails[self.hex]
        yield self.filter_line
        yield self.goto_line
        yield self.bar
        yield self.too_small

    @property
    def shown_in_detail(self) -> int:
        """The number of the packet in the lower panes, 0 for none."""
        return self._detail.number

    # -- the tick

    def show(self, snapshot: Snapshot) -> None:
        """Show the counters of a moment and the rows they imply."""
        self._snapshot = snapshot
        self.meters.update(snapshot)
        if self._paused and self.list.last < snapshot.tail:
            self.action_pause()
            self.say("everything that was held still has been evicted; the list goes on", "warning")
        if snapshot.head:
            shown = self.list.last if self._paused else snapshot.head
            if shown >= snapshot.tail:
                self.list.extend(snapshot.tail, shown)
        else:
            self.list.wait_for(*self._waiting_for(snapshot))
        if self._epochs.update(snapshot):
            self.list.annotate(self._epochs.notes)
        self.status.show(snapshot, Mode(self.list.following, self._paused, max(0, snapshot.head - self.list.last)))
        self._show_detail()
        if self._notice_until and monotonic() > self._notice_until:
            self.say("")

    def _waiting_for(self, snapshot: Snapshot) -> tuple[str, ...]:
        session, waiting = self._session, snapshot.time - self.meters.began
        waited = f" for {seconds(waiting)}" if waiting >= 2 else ""
        if snapshot.state != "running":
            return (f"{session.interface}: {snapshot.state_text or snapshot.state}", "Nothing has arrived so far.")
        if session.filter_expression:
            return (
                f"Listening on {session.interface} with the capture filter: {session.filter_expression}",
                f"Nothing has matched yet{waited}.",
                "",
                "f changes the filter; an empty one shows everything that passes.",
            )
        return (
            f"Listening on {session.interface}, no capture filter.",
            f"Nothing has arrived yet{waited}.",
        )

    def _show_detail(self) -> None:
        packets = self.list
        if not packets.count or not self._lower_shown:
            return
        if self._detail.due(packets.cursor, packets.moves, following=packets.following and not self._paused):
            decoded = self._detail.decode(packets.cursor)
            if decoded is not None:
                packet, layers = decoded
                self.hex.show(packet.data)
                self.layers_pane.show(layers)
                self._light(self.layers_pane.node)

    def _light(self, node: Node | None) -> None:
        if node is not None:
            self.hex.light(node.start, node.length)
        self._name_panes()

    def say(self, text: str, role: str = "text", stay: float = NOTICE) -> None:
        """Show a notice in the bottom line for a while."""
        self._notice_until = monotonic() + stay if text else 0.0
        self.bar.say(text, role)

    # -- layout

    @property
    def _lower_shown(self) -> bool:
        return self._wide or self._lower != "none"

    def on_resize(self, event: events.Resize) -> None:
        self._arrange(event.size.width, event.size.height)

    def _arrange(self, width: int, height: int) -> None:
        small = width < LEAST[0] or height < LEAST[1]
        self.set_class(small, "-small")
        self._wide = width >= WIDE and height >= TALL
        focused = self.focused
        for pane, name in ((self.layers_pane, "layers"), (self.hex, "bytes")):
            shown = self._wide or self._lower == name
            pane.display = self._rails[pane].display = shown
            if focused is pane and not shown:
                self.set_focus(self.list)
        self.rule.display = self.query_one("#lower").display = self._lower_shown and not small
        self.hex.styles.width = _bytes_width(width) if self._wide else "1fr"
        self._name_panes()

    def _name_panes(self) -> None:
        if not self._lower_shown:
            return
        number = f" of {group(self._detail.number)}" if self._detail.number else ""
        layers: list[Span] = [("Layers", self._title_role(self.layers_pane)), (number, "dim")]
        octets: list[Span] = [("Bytes", self._title_role(self.hex)), *self._field_spans()]
        width = self.size.width
        if self._wide:
            split = width - _bytes_width(width) - 2
            self.rule.divide((split, layers), (width, octets))
        elif self._lower == "layers":
            self.rule.divide((width, [*layers, ("  Tab: bytes", "dim")]))
        else:
            self.rule.divide((width, [*octets, ("  Tab: none", "dim")]))

    def _title_role(self, pane: Widget) -> str:
        return "accent" if pane.has_focus else "dim"

    def _field_spans(self) -> list[Span]:
        lit, node = self.hex.lit, self.layers_pane.node
        if node is None or not lit:
            return [(f" {group(len(self.hex.data))}", "dim")] if self.hex.data else []
        where = f" {lit.start}" if len(lit) == 1 else f" {lit.start}-{lit[-1]}"
        bits = f" bits {node.bits[0]}-{node.bits[0] + node.bits[1] - 1}" if node.bits else ""
        return [(f"{where}{bits} of {group(len(self.hex.data))}  ", "dim"), (cells.safe(node.name), "text")]

    # -- focus, and what the bottom line says about it

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if self.focused in (self.layers_pane, self.hex):
            # Who reads a packet wants it to stay.
            self.list.hold()
        self._name_panes()
        self._name_keys()

    def _name_keys(self) -> None:
        focused, hidden = self.focused, set()
        titles = {"packets.pause": "go on" if self._paused else "pause"}
        if self.list.following:
            hidden.add("list.follow")
        if not self._wide:
            following = {"layers": "bytes", "bytes": "no pane", "none": "layers"}
            titles["packets.pane"] = following[self._lower]
        if focused in (self.filter_line.input, self.goto_line.input):
            place = "filter" if focused is self.filter_line.input else "goto"
            self.bar.at(place, hidden=frozenset(), titles={}, typing=True)
            return
        place = "layers" if focused is self.layers_pane else "bytes" if focused is self.hex else "list"
        self.bar.at("packets", place, "everywhere", hidden=frozenset(hidden), titles=titles)

    @on(RowView.Scrolled)
    def _scrolled(self, event: RowView.Scrolled) -> None:
        if event.view in self._rails:
            self._rails[event.view].follow(event.view)

    @on(PacketList.Recolumned)
    def _recolumned(self, event: PacketList.Recolumned) -> None:
        self.heading.name_columns(event.columns)

    @on(PacketList.Followed)
    def _followed(self) -> None:
        self._name_keys()

    @on(PacketList.Evicted)
    def _evicted(self, event: PacketList.Evicted) -> None:
        self.say(evicted_notice(event.number, event.oldest), "warning")

    @on(LayersPane.Selected)
    def _field_selected(self, event: LayersPane.Selected) -> None:
        self._light(event.node)

    @on(LayersPane.Deeper)
    def _field_entered(self) -> None:
        self._go_to_pane("bytes")

    @on(HexView.Moved)
    def _byte_selected(self, event: HexView.Moved) -> None:
        self.layers_pane.select_byte(event.byte)
        self._light(self.layers_pane.node)

    # -- commands

    def _go_to_pane(self, name: str) -> None:
        if name != "list" and not self._wide:
            self._lower = name
            self._arrange(self.size.width, self.size.height)
        self.set_focus({"list": self.list, "layers": self.layers_pane, "bytes": self.hex}[name])
        self._name_keys()

    def action_deeper(self) -> None:
        if self.list.count:
            self.list.hold()
            self._go_to_pane("layers")

    def action_back(self) -> None:
        if self.meters.seen():
            self.status.compose_lines()
            self.say("what was reported has been seen; the counts stay")
        elif self.focused is self.hex:
            self._go_to_pane("layers")
        elif self.focused is self.layers_pane:
            self._go_to_pane("list")

    def action_pane(self, by: int) -> None:
        if self._wide:
            panes: list[Widget] = [self.list, self.layers_pane, self.hex]
            at = panes.index(self.focused) if self.focused in panes else 0
            self.set_focus(panes[(at + by) % 3])
            return
        order = ("layers", "bytes", "none")
        in_lower = self.focused in (self.layers_pane, self.hex)
        self._lower = order[(order.index(self._lower) + by) % 3]
        self._arrange(self.size.width, self.size.height)
        if in_lower and self._lower != "none":
            self._go_to_pane(self._lower)
        self._name_keys()

    def action_filter(self) -> None:
        self.say("")
        self.filter_line.edit()

    def action_goto(self) -> None:
        self.say("")
        self.goto_line.ask(self.list.cursor, self.list.first, self.list.last)

    def action_pause(self) -> None:
        self._paused = not self._paused
        if self._paused:
            self.say(f"the list holds still at packet {group(self.list.last)}; the capture goes on")
        else:
            self.say("")
        self._name_keys()

    @on(Prompt.Closed)
    def _prompt_closed(self) -> None:
        self.set_focus(self.list)

    @on(FilterLine.Attached)
    def _filter_attached(self, event: FilterLine.Attached) -> None:
        what = f"capture filter in force: {event.expression}" if event.expression else "no filter: every packet is kept"
        self.say(f"{what}  (epoch {event.epoch})", "filter")

    @on(GotoLine.Chosen)
    def _chosen(self, event: GotoLine.Chosen) -> None:
        self.list.move_to(event.number)

    def resumed(self, before: Snapshot | None, now: Snapshot) -> None:
        """The process is back from a suspension; ``before`` is the moment it began, None when nobody looked."""
        if before is None:
            self.say("back")
            return
        came, lost = now.head - before.head, now.total.dropped - before.total.dropped
        account = f"back; nobody emptied the ring meanwhile: {group(came)} packets kept, {group(lost)} lost"
        self.say(account, "warning" if lost else "text")


def _bytes_width(width: int) -> int:
    """Cells of the bytes pane beside the layers: 16 bytes a row where that leaves the layers enough, else 8."""
    return 74 if width >= 126 else 42
