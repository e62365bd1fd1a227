# SPDX-License-Identifier: Apache-2.0
"""A layer being written: fields are read one after the other, and every value comes from the bytes it points at.

A draft has a place, `at`, and the end of the bytes it may read, `end`. The reading methods check that their bytes lie
before the end and were captured, add a field, go on behind it and return the value; so a header that ends too early
keeps the fields that are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from ringscope.decode.errors import Full
from ringscope.decode.forms import Form, formed, octets, plain
from ringscope.decode.layout import Kind, layout, parts
from ringscope.decode.model import Field
from ringscope.decode.registry import Protocol, Show
from ringscope.decode.text import wire_text

if TYPE_CHECKING:
    from ringscope.decode.tree import Tree

Bits = tuple[str, int, Form]
"""Label, number of bits and form of a part of a number; an empty label leaves the part out."""

MOST_FIELDS = 1500
"""Fields of one packet: what has more is not read by anybody, and hostile packets must not take long."""

_MOST_PARTS = 64  # sub-structures of one header that are listed


class Group:
    """A heading being written: what it says may be set until it is left."""

    __slots__ = ("display", "note")

    def __init__(self, display: str = "", note: str = "") -> None:
        self.display = display
        self.note = note


class Draft:
    """One layer under construction. `stop` is where the bytes end that it has shown."""

    __slots__ = ("at", "data", "depth", "end", "fields", "name", "note", "protocol", "start", "stop", "title", "tree")

    def __init__(self, tree: Tree, protocol: Protocol, at: int, end: int) -> None:
        self.tree = tree
        self.data = tree.data
        self.protocol = protocol
        self.name = protocol.name
        self.title = protocol.title
        self.start = self.stop = self.at = at
        self.end = end
        self.depth = 0
        self.fields: list[Field] = []

    @property
    def left(self) -> int:
        """Bytes before the end, captured or not."""
        return max(self.end - self.at, 0)

    def say(self) -> None:
        """Put behind the title what a row says of these bytes."""
        words = self.tree.words(self.protocol, self.start, self.end)
        self.title = f"{self.title}  {words}".rstrip()

    # Reading

    def take(self, size: int, what: str) -> bytes:
        """The next bytes, without a field. Raises Short or Cut where they are not there."""
        at = self.at
        self.tree.need(at, size, self.end, f"{self.protocol.title} {what}".rstrip())
        self.at = at + size
        if self.at > self.stop:
            self.stop = self.at
        return self.data[at : at + size]

    def peek(self, size: int = 1, ahead: int = 0) -> int:
        """A number that stands `ahead` bytes further on, without going there."""
        at = self.at + ahead
        self.tree.need(at, size, self.end, self.protocol.title)
        return int.from_bytes(self.data[at : at + size], "big")

    def uint(
        self, label: str, size: int, form: Form = plain, *, note: str = "", order: Literal["big", "little"] = "big"
    ) -> int:
        """A number of that many bytes without a sign."""
        value = int.from_bytes(self.take(size, label.lower()), order)
        self.add(label, formed(form, value), self.at - size, size, value=value, note=note, order=order)
        return value

    def sint(self, label: str, size: int, form: Form = plain) -> int:
        """A number in two's complement."""
        value = int.from_bytes(self.take(size, label.lower()), "big", signed=True)
        self.add(label, formed(form, value), self.at - size, size, value=value)
        return value

    def raw(self, label: str, size: int, form: Form = octets, *, note: str = "") -> bytes:
        """Bytes; those that the capture cut are left out of the field before Cut is raised."""
        if self.at + size > self.tree.size > self.at and self.at + size <= self.end:
            size, missing = self.tree.size - self.at, self.at + size - self.tree.size
        else:
            missing = 0
        value = self.take(size, label.lower())
        if value:
            self.add(label, formed(form, value), self.at - size, size, value=value, note=note)
        if missing:
            self.take(missing, label.lower())
        return value

    def text(self, label: str, size: int) -> str:
        """Text in UTF-8 or ASCII, made safe."""
        value = wire_text(self.take(size, label.lower()))
        if size:
            self.add(label, value, self.at - size, size, value=value)
        return value

    def bits(self, size: int, *parts: Bits, order: Literal["big", "little"] = "big") -> tuple[int, ...]:
        """The parts of a number of that many bytes, from its most significant bit on; returns their values."""
        start = self.at
        whole = int.from_bytes(self.take(size, parts[0][0].lower()), order)
        values = []
        first = 0
        for label, count, form in parts:
            value = whole >> (size * 8 - first - count) & ((1 << count) - 1)
            values.append(value)
            length = (first % 8 + count + 7) // 8
            if label and (order == "big" or length == 1):
                bits = None if (first % 8, count) == (0, length * 8) else (first % 8, count)
                byte = first // 8 if order == "big" else size - 1 - first // 8
                self.add(label, formed(form, value), start + byte, length, bits=bits, value=value)
            elif label:
                self.add(label, formed(form, value), start, size, bits=(first, count), value=value, order=order)
            first += count
        return tuple(values)

    def flags(
        self, label: str, size: int, form: Form, *parts: Bits, order: Literal["big", "little"] = "big"
    ) -> tuple[int, ...]:
        """A number, and below it its parts; returns the number and then their values."""
        whole = self.uint(label, size, form, order=order)
        self.at -= size
        self.depth += 1
        values = self.bits(size, *parts, order=order)
        self.depth -= 1
        return (whole, *values)

    def rest(self, label: str, form: Form = octets) -> bytes:
        """All bytes up to the end, if there are any."""
        return self.raw(label, self.left, form) if self.left else b""

    @contextmanager
    def group(self, label: str, display: str = "") -> Iterator[Group]:
        """A heading over the fields that are read inside the `with`; its bytes are all that are read there."""
        heading = Group(display)
        index, start, stop = len(self.fields), self.at, self.stop
        self.add(label, display, start, 0)
        self.depth += 1
        self.stop = start
        try:
            yield heading
        finally:
            self.depth -= 1
            last = max(self.stop, min(self.at, self.tree.size))
            length = last - start
            self.stop = max(last, stop)
            self.fields[index] = Field(label, heading.display, start, length, depth=self.depth, note=heading.note)

    @contextmanager
    def limited(self, size: int) -> Iterator[None]:
        """Inside the `with` only the next `size` bytes are read; after it the place is behind them, read or not.

        Raises Short at its end when the bytes reach beyond the layer's.
        """
        end, stop = self.end, self.at + size
        self.end = min(end, stop)
        yield
        self.end = end
        self.tree.need(stop, 0, end, f"{self.protocol.title} part")
        self.at = stop

    # Adding without reading

    def add(
        self,
        name: str,
        display: str,
        start: int,
        length: int,
        *,
        value: int | bytes | str | None = None,
        bits: tuple[int, int] | None = None,
        note: str = "",
        order: Literal["big", "little"] = "big",
    ) -> None:
        """Add a field; its bytes must have been captured. The layer grows to hold them."""
        self.tree.count += 1
        if self.tree.count > MOST_FIELDS:
            raise Full(f"more than {MOST_FIELDS} fields")
        self.fields.append(Field(name, display, start, length, bits, self.depth, value, note, order))
        if start + length > self.stop:
            self.stop = start + length

    def computed(self, name: str, display: str, source: str) -> None:
        """Add what is in no byte of the packet; `source` says from what it is computed."""
        self.add(name, display, self.start, 0, note=source)

    # What dpkt declares

    def header(self, kind: Kind, show: Show) -> dict[str, Any]:
        """Every field that a dpkt class declares (`kind`: ``dpkt.ip:IP``); returns the values by dpkt's names.

        Raises Short or Cut at the first field that is not there; the ones before it stay.
        """
        values: dict[str, Any] = {}
        for slot in layout(kind):
            start = self.at
            (value,) = slot.codec.unpack(self.take(slot.size, "header"))
            if not slot.bits:
                values[slot.name] = value
                label, display = shown(show, slot.name, value)
                if label:
                    self.add(label, display, start, slot.size, value=value, order=slot.order)
            for name, first, count in slot.bits:
                part = value >> (slot.size * 8 - first - count) & ((1 << count) - 1)
                values[name] = part
                label, display = shown(show, name, part)
                if label:
                    length = (first % 8 + count + 7) // 8
                    bits = None if (first % 8, count) == (0, length * 8) else (first % 8, count)
                    self.add(label, display, start + first // 8, length, bits=bits, value=part)
        return values

    def parts(self, kind: Kind, show: Show) -> None:
        """What dpkt finds behind the fixed header: bytes it keeps, and structures with their fields."""
        outer = self.depth
        for part in islice(parts(kind, self.data, self.start, min(self.end, self.tree.size)), _MOST_PARTS):
            size = min(part.size, self.tree.size - part.start)
            self.depth = outer + part.depth
            if part.kind is None:
                raw = self.data[part.start : part.start + size]
                self.add(part.name, octets(raw), part.start, size, value=raw)
            else:
                self.add(part.name, f"{size} bytes", part.start, size)
                self.depth += 1
                self.at = part.start
                self.header(part.kind, show)
        self.depth = outer
        self.at = self.stop


def shown(show: Show, name: str, value: Any) -> tuple[str, str]:
    """Label and text of one declared field; an empty label means that it is not shown."""
    entry = show.get(name)
    if entry is not None:
        return entry[0], entry[1](value)
    if name.startswith("_"):
        return "", ""
    return name.replace("_", " "), octets(value) if isinstance(value, bytes) else str(value)
