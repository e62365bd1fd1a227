# SPDX-License-Identifier: Apache-2.0
"""The packet being taken apart, and the layer being written.

A decoder is a function (frame, at, end): it opens a layer, adds fields while it reads, and calls the decoder of what is
inside. When one gives up, the layer it had open keeps the fields it already had.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any

from ringscope.decode.errors import Malformed, require
from ringscope.decode.model import Field, Layer
from ringscope.decode.rows.row import Row
from ringscope.decode.tree.layout import layout, parts
from ringscope.decode.tree.show import shown

_DEEPEST = 24  # headers inside headers, as for rows
_MOST_PARTS = 64  # sub-structures of one header that are listed


class Draft:
    """One layer under construction."""

    __slots__ = ("data", "fields", "frame", "name", "start", "stop", "title")

    def __init__(self, frame: Frame, name: str, title: str, start: int) -> None:
        self.frame = frame
        self.data = frame.data
        self.name = name
        self.title = title
        self.start = self.stop = start
        self.fields: list[Field] = []

    def add(
        self, name: str, value: str, start: int, length: int, *, bits: tuple[int, int] | None = None, depth: int = 0
    ) -> None:
        """Add a field; its bytes must have been captured. The layer grows to hold them."""
        self.fields.append(Field(name, value, start, length, bits, depth))
        self.stop = max(self.stop, start + length)

    def retell(self, label: str, value: str) -> None:
        """Write another value for the fields of that label."""
        self.fields = [replace(field, value=value) if field.name == label else field for field in self.fields]

    def header(self, kind: type[Any], at: int, end: int, *, depth: int = 0) -> dict[str, Any]:
        """Add every field that a dpkt class declares, from offset `at`; returns the values by dpkt's names.

        Raises Short or Cut at the first field that is not there; the ones before it stay.
        """
        values: dict[str, Any] = {}
        for slot in layout(kind):
            start = at + slot.offset
            self.frame.need(start, slot.size, end, f"{self.title} header")
            (value,) = slot.codec.unpack_from(self.data, start)
            if not slot.bits:
                values[slot.name] = value
                self._show(kind, slot.name, value, start, slot.size, None, depth)
            for name, first, count in slot.bits:
                part = value >> (slot.size * 8 - first - count) & ((1 << count) - 1)
                values[name] = part
                length = (first % 8 + count + 7) // 8
                self._show(kind, name, part, start + first // 8, length, (first % 8, count), depth)
            self.stop = max(self.stop, start + slot.size)
        return values

    def _show(
        self,
        kind: type[Any],
        name: str,
        value: Any,
        start: int,
        length: int,
        bits: tuple[int, int] | None,
        depth: int,
    ) -> None:
        label, text = shown(kind, name, value)
        if label:
            whole = bits is not None and bits == (0, length * 8)
            self.fields.append(Field(label, text, start, length, None if whole else bits, depth))

    def parts(self, kind: type[Any], at: int, end: int) -> None:
        """Add what dpkt finds behind the fixed header of `kind`: bytes it keeps, and structures with their fields."""
        for part in islice(parts(kind, self.data, at, min(end, self.frame.size)), _MOST_PARTS):
            size = min(part.size, self.frame.size - part.start)
            if part.kind is None:
                raw = self.data[part.start : part.start + size]
                self.add(part.name, raw.hex(), part.start, size, depth=part.depth)
            else:
                self.add(part.name, f"{size} bytes", part.start, size, depth=part.depth)
                self.header(part.kind, part.start, end, depth=part.depth + 1)


class Frame:
    """A packet while its layers are found. `piece` is "segment" or "fragment" while bytes need not be whole."""

    __slots__ = ("data", "deep", "draft", "end", "layers", "piece", "size", "wire")

    def __init__(self, data: bytes, length: int) -> None:
        self.data = data
        self.size = len(data)
        self.wire = max(length, self.size)
        self.end = -1
        self.piece = ""
        self.deep = 0
        self.draft: Draft | None = None
        self.layers: list[Layer] = []

    def need(self, at: int, count: int, end: int, what: str) -> None:
        """Raises Short when the bytes lie beyond `end`, Cut when only the capture ends before them."""
        require(at, count, end, self.size, what)

    def open(self, name: str, title: str, at: int) -> Draft:
        """Begin a layer; the one before it is finished and reaches up to this one.

        Raises Malformed when the two would overlap, or when layers never end.
        """
        if self.draft is not None:
            if at < self.draft.stop:
                raise Malformed(f"{self.draft.title} reaches into the next header")
            self.draft.stop = min(at, self.size)
        self.close()
        self.deep += 1
        if self.deep > _DEEPEST:
            raise Malformed("too many headers inside one another")
        self.draft = Draft(self, name, title, at)
        return self.draft

    def close(self) -> None:
        """Finish the open layer, if there is one."""
        draft = self.draft
        if draft is not None:
            self.layers.append(
                Layer(draft.name, draft.title, draft.start, draft.stop - draft.start, tuple(draft.fields))
            )
            self.draft = None

    def narrow(self, end: int) -> None:
        """Note where the outermost network layer says the packet ends; what follows is padding."""
        if self.end < 0:
            self.end = end

    def words(self, decoder: Callable[[Row, int, int], None], at: int, end: int) -> str:
        """What a row would say about these bytes, as far as it gets."""
        row = Row(self.data, self.wire)
        try:
            decoder(row, at, end)
        except Exception:  # the layer's own decoder meets the same trouble and names it
            return row.info
        return row.info


Decoder = Callable[[Frame, int, int], None]

LINKS: dict[int, Decoder] = {}
ETHERTYPES: dict[int, Decoder] = {}
IP_PROTOCOLS: dict[int, Decoder] = {}
