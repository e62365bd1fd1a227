# SPDX-License-Identifier: Apache-2.0
"""The packet being taken apart into layers.

A protocol's layer decoder is a function (tree, at, end): it opens a layer, reads fields, and passes on what is inside.
Whatever stops it becomes a layer that says why, over the bytes that it leaves; then the outer decoder goes on.
"""

from __future__ import annotations

from ringscope.decode.address import grouped
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Full, Malformed, Short
from ringscope.decode.memory import Memory
from ringscope.decode.model import Field, Layer
from ringscope.decode.registry import Protocol
from ringscope.decode.row import Row
from ringscope.decode.walk import DEEPEST, Walk

_MOST_LAYERS = 100


class Tree(Walk):
    """The layers of one packet while they are found.

    layers: those that are finished; draft: the one that is open; covered: where the bytes end that belong to a layer.
    count: fields so far. end: where the packet ends inside the frame, -1 while nobody has said.
    """

    __slots__ = ("count", "covered", "draft", "end", "layers")

    def __init__(self, data: bytes, length: int, memory: Memory | None = None) -> None:
        Walk.__init__(self, data, length, memory)
        self.layers: list[Layer] = []
        self.draft: Draft | None = None
        self.covered = 0
        self.count = 0
        self.end = -1

    def enter(self, protocol: Protocol, at: int, end: int) -> None:
        """Let the protocol add its layers; what stops it becomes a layer."""
        self.deep += 1
        try:
            if self.deep > DEEPEST:
                raise Malformed("too many headers inside one another")
            protocol.dissect(self, at, end)
        except Exception as stopped:  # whatever a packet does to a decoder, the other layers are shown
            self.stop(stopped, end)
        self.deep -= 1

    def open(self, protocol: Protocol, at: int, end: int, title: str = "", name: str = "") -> Draft:
        """Begin a layer; the one before it is finished and reaches up to this one.

        Raises Malformed when the two would overlap.
        """
        if len(self.layers) >= _MOST_LAYERS:
            raise Full(f"more than {_MOST_LAYERS} layers")
        if self.draft is not None:
            if at < self.draft.stop:
                raise Malformed(f"{self.draft.title} reaches into the next header")
            self.draft.stop = min(at, self.size)
            self.close()
        elif at < self.covered:
            raise Malformed(f"{protocol.title} begins inside another header")
        self._fill(min(at, self.size))
        self.draft = Draft(self, protocol, at, end)
        self.draft.title = title or protocol.title
        self.draft.name = name or protocol.name
        return self.draft

    def close(self) -> None:
        """Finish the open layer, if there is one."""
        draft = self.draft
        if draft is not None:
            self.draft = None
            self._append(draft.name, draft.title, draft.start, draft.stop, tuple(draft.fields))

    def narrow(self, end: int) -> None:
        """Note where the outermost header that knows says the packet ends; what follows is padding."""
        if self.end < 0:
            self.end = end

    def words(self, protocol: Protocol, at: int, end: int) -> str:
        """What a row would say about these bytes, as far as it gets."""
        row = Row(self.data, self.wire)
        row.source, row.destination, row.hops = self.source, self.destination, self.hops
        row.flow, row.ports, row.piece = self.flow, self.ports, self.piece
        row.enter(protocol, at, end)
        return row.info

    def stop(self, stopped: Exception, end: int) -> None:
        """A decoder gave up: a layer over its bytes that no layer has yet."""
        self.close()
        here = max(min(end, self.size), self.covered)
        if isinstance(stopped, Full):
            self._data(here, f"Data  {grouped(here - self.covered)} bytes ({stopped})")
        elif isinstance(stopped, Short) and self.piece:
            self._data(here, f"Data  {grouped(end - self.covered)} bytes  (goes on in another {self.piece})")
        elif isinstance(stopped, Malformed) or self.size >= self.wire:
            # Any other exception is a decoder running off the captured bytes, or, if all are here, off the packet.
            words = str(stopped) if isinstance(stopped, Malformed) else "bytes end before the header does"
            self._append("malformed", f"Malformed  {words}", self.covered, here, ())
        elif self.layers[-1:] == [] or self.layers[-1].name != "cut":
            title = f"Cut  {grouped(self.size)} of {grouped(self.wire)} bytes were captured"
            self._append("cut", title, self.covered, here, ())

    def finish(self) -> tuple[Layer, ...]:
        """The layers of all captured bytes: what nobody claimed is data, or padding behind the packet."""
        self.close()
        end = self.wire if self.end < 0 else max(self.end, self.covered)
        here = min(end, self.size)
        captured = "" if here == end else f", {grouped(here - self.covered)} of them captured"
        self._data(here, f"Data  {grouped(end - self.covered)} bytes{captured}")
        self._data(self.size, f"Padding  {grouped(self.size - here)} bytes", "Padding")
        return tuple(self.layers)

    def _fill(self, stop: int) -> None:
        """Bytes that no layer has, between two that have theirs."""
        self._data(stop, f"Data  {grouped(stop - self.covered)} bytes")

    def _data(self, stop: int, title: str, label: str = "Data") -> None:
        start = self.covered
        if start < stop:
            raw = self.data[start:stop]
            field = Field(label, f"{grouped(stop - start)} bytes", start, stop - start, value=raw)
            self._append(label.lower(), title, start, stop, (field,))

    def _append(self, name: str, title: str, start: int, stop: int, fields: tuple[Field, ...]) -> None:
        self.layers.append(Layer(name, title, start, stop - start, fields))
        self.covered = max(self.covered, stop)
