# SPDX-License-Identifier: Apache-2.0
"""The layers of one packet as a flat list of nodes that open and close. No Textual here.

What is open is remembered by path (layer, field, field in the field), so it stays the same from packet to packet.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ringscope.decode import Field, Layer
from ringscope.frozen import frozen

Path = tuple[str, ...]

_FILLING = frozenset({"data", "padding", "cut"})
"""Layers nobody opens a packet for."""


@frozen
class Node:
    """A line of the layers pane: a layer (``depth`` 0) or a field in it.

    start, length: its bytes in the frame, length 0 for none; bits: as in Field. ``children``: it can be opened.
    ``field`` is None for a layer, ``layer`` the place of its layer among those shown. ``picture``: which of its bits
    it is.
    """

    path: Path
    depth: int
    name: str
    value: str
    start: int
    length: int
    bits: tuple[int, int] | None
    children: bool
    layer: int
    field: Field | None
    picture: str = ""

    def covers(self, byte: int) -> bool:
        """Whether the byte at offset ``byte`` of the frame belongs to it."""
        return self.start <= byte < self.start + self.length


class FieldTree:
    """All nodes of the packet on show, and which of them are visible."""

    def __init__(self) -> None:
        self._all: tuple[Node, ...] = ()
        self._default: frozenset[Path] = frozenset()
        self.innermost: Path = ()
        """The layer that the packet is about."""
        self._chosen: dict[Path, bool] = {}
        self._revealed: set[Path] = set()
        self.visible: tuple[Node, ...] = ()

    def show(self, layers: Sequence[Layer]) -> None:
        """Another packet."""
        nodes: list[Node] = []
        names: dict[str, int] = {}
        for index, layer in enumerate(layers):
            _add_layer(nodes, layer, index, _unique(layer.name, names))
        self._all = tuple(nodes)
        self.innermost = _innermost(layers, nodes)
        self._default = frozenset([self.innermost, *_groups(nodes)])
        self._revealed.clear()
        self._arrange()

    def is_open(self, node: Node) -> bool:
        """Whether what is inside the node is visible."""
        return node.children and (
            node.path in self._revealed or self._chosen.get(node.path, node.path in self._default)
        )

    def set_open(self, node: Node, open_: bool) -> None:
        """The user opens or closes a node; remembered for all packets."""
        if node.children:
            self._revealed.discard(node.path)
            self._chosen[node.path] = open_
            self._arrange()

    def index(self, path: Path) -> int:
        """The line of ``path``, or of the nearest node around it that is visible, or the first."""
        lines = {node.path: line for line, node in enumerate(self.visible)}
        while path:
            if path in lines:
                return lines[path]
            path = path[:-1]
        return 0

    def reveal(self, byte: int) -> int | None:
        """The line of the smallest field that has the byte, opened to be seen while this packet is on show.

        Of flags that are folded it is their number: nobody who passes by wants to see each of them.
        """
        open_ = {node.path for node in self._all if self.is_open(node)}
        found = [node for node in self._all if node.covers(byte) and not _folded_bits(node, open_)]
        if not found:
            return None
        best = min(found, key=lambda node: (node.length, node.bits is not None, -node.depth))
        self._revealed = {best.path[:depth] for depth in range(1, len(best.path))}
        self._arrange()
        return self.index(best.path)

    def _arrange(self) -> None:
        visible: list[Node] = []
        closed: int | None = None
        for node in self._all:
            if closed is not None and node.depth > closed:
                continue
            closed = None if self.is_open(node) else node.depth
            visible.append(node)
        self.visible = tuple(visible)


def _unique(name: str, seen: dict[str, int]) -> str:
    """``ip`` for the first, ``ip#2`` for the second of a name."""
    seen[name] = count = seen.get(name, 0) + 1
    return name if count == 1 else f"{name}#{count}"


def _folded_bits(node: Node, open_: set[Path]) -> bool:
    return node.bits is not None and node.depth > 1 and node.path[:-1] not in open_


def picture(field: Field) -> str:
    """Where the bits of a field are among those of its bytes, the others as dots: ``.... .1..``; "" for whole bytes."""
    if field.bits is None or not isinstance(field.value, int):
        return ""
    first, count = field.bits
    digits = f"{field.value % (1 << count):0{count}b}"
    places = "." * first + digits + "." * (field.length * 8 - first - count)
    return " ".join(places[at : at + 4] for at in range(0, len(places), 4))


def _add_layer(nodes: list[Node], layer: Layer, place: int, name: str) -> None:
    nodes.append(Node((name,), 0, layer.title, "", layer.start, layer.length, None, bool(layer.fields), place, None))
    path: list[str] = [name]
    seen: dict[Path, dict[str, int]] = {}
    for index, field in enumerate(layer.fields):
        depth = min(field.depth + 1, len(path))
        del path[depth:]
        path.append(_unique(field.name, seen.setdefault(tuple(path), {})))
        following = layer.fields[index + 1] if index + 1 < len(layer.fields) else None
        children = following is not None and following.depth > field.depth
        nodes.append(_field_node(tuple(path), field, place, children=children))


def _field_node(path: Path, field: Field, layer: int, *, children: bool) -> Node:
    where = (field.start, field.length, field.bits)
    return Node(path, len(path) - 1, field.name, field.text, *where, children, layer, field, picture(field))


def _innermost(layers: Sequence[Layer], nodes: Sequence[Node]) -> Path:
    paths = (node.path for node in nodes if node.depth == 0)
    told = [path for path, layer in zip(paths, layers, strict=True) if layer.name not in _FILLING]
    return told[-1] if told else ()


def _groups(nodes: Sequence[Node]) -> set[Path]:
    """The fields with fields inside that are open at first: those that are more than the bits of a flags field."""
    return {node.path for node, following in pairwise(nodes) if node.depth and node.children and following.bits is None}
