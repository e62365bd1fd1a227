# SPDX-License-Identifier: Apache-2.0
"""The layers pane: the decoded headers of the packet under the cursor, as a list that folds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from ringscope.app import cells
from ringscope.app.commands import bindings
from ringscope.app.fields import FieldTree, Node, Path
from ringscope.app.look import Look
from ringscope.app.widgets.rows import RowView
from ringscope.decode import Layer


class LayersPane(RowView):
    """Layers and fields of one packet; rows are lines of the tree."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("layers")

    class Selected(Message):
        """The cursor is on another field."""

        def __init__(self, node: Node) -> None:
            super().__init__()
            self.node = node

    class Deeper(Message):
        """Enter on a field that has nothing inside."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.field_tree = FieldTree()
        self._path: Path = ()

    @property
    def node(self) -> Node | None:
        """The field under the cursor."""
        visible = self.field_tree.visible
        return visible[self.cursor] if self.cursor < len(visible) else None

    def show(self, layers: Sequence[Layer]) -> None:
        """Another packet; what was open stays open, and the cursor on the field it was on."""
        self.field_tree.show(layers)
        self._arranged(self.field_tree.index(self._path or self.field_tree.innermost))

    def select_byte(self, byte: int) -> None:
        """Put the cursor on the field that has this byte of the frame."""
        line = self.field_tree.reveal(byte)
        if line is not None:
            self._arranged(line)
            self._remember()

    def _arranged(self, cursor: int) -> None:
        self.last = len(self.field_tree.visible) - 1
        self.cursor = max(0, min(cursor, self.last))
        self.top = min(self.top, self.bottom_top)
        self.show_row(self.cursor)
        self.redraw()
        self.post_message(self.Scrolled(self))

    def _remember(self) -> None:
        node = self.node
        if node is not None:
            self._path = node.path

    def cursor_moved(self) -> None:
        self._remember()
        if (node := self.node) is not None:
            self.post_message(self.Selected(node))

    def _fold(self, node: Node, open_: bool) -> None:
        self.field_tree.set_open(node, open_)
        self._arranged(self.field_tree.index(node.path))

    def action_enter(self) -> None:
        node = self.node
        if node is None:
            return
        if node.children:
            self._fold(node, not self.field_tree.is_open(node))
        else:
            self.post_message(self.Deeper())

    def action_open(self) -> None:
        node = self.node
        if node is not None and node.children:
            if self.field_tree.is_open(node):
                self.move_to(self.cursor + 1)
            else:
                self._fold(node, True)

    def action_close(self) -> None:
        node = self.node
        if node is None:
            return
        if self.field_tree.is_open(node):
            self._fold(node, False)
        elif len(node.path) > 1:
            self.move_to(self.field_tree.index(node.path[:-1]))

    def on_click(self, event: events.Click) -> None:
        super().on_click(event)
        node = self.node
        if node is not None and event.y == self.cursor - self.top and event.x <= 2 + 2 * node.depth:
            self._fold(node, not self.field_tree.is_open(node))

    def row_strip(self, row: int) -> Strip:
        node, look, width = self.field_tree.visible[row], self.look, self.size.width
        marker = ("▾ " if self.field_tree.is_open(node) else "▸ ") if node.children else "  "
        lead = " " + "  " * node.depth + marker
        bits = f"{node.picture} = " if 2 * len(node.picture) < width - len(lead) and node.picture else ""
        label = node.name + (": " if node.value and node.depth else "")
        if row == self.cursor:
            style = look.style("text", "cursor" if self.has_focus else "cursor-away")
            return self.strip([("▌" + cells.cut(lead[1:] + bits + label + node.value, width - 1), style)], style)
        name = look.style("text" if node.depth == 0 else "dim", "surface")
        value = look.style("bad" if node.path[0].startswith("malformed") else "text", "surface")
        lead += bits
        room = max(0, width - cells.width(lead))
        label = cells.cut(label, room)
        shown = cells.cut(node.value, room - cells.width(label))
        return self.strip([(lead, look.style("dim", "surface")), (label, name), (shown, value)], value)

    def blank_strip(self, y: int) -> Strip:
        return self.strip((), self.look.style("text", "surface"))
