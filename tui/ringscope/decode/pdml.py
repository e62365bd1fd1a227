# SPDX-License-Identifier: Apache-2.0
"""tshark's packet details as XML (PDML, Wireshark's README.xml-output) to layers and fields.

It is read piece by piece and only as far as anybody would look: what a process that hostile bytes have taken over could
write takes bounded time and memory, and no declaration of entities is followed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING

from ringscope.decode.model import Field, Layer
from ringscope.decode.text import escape, shorten

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_PIECE = 1 << 16  # bytes read in one go
_MOST_FIELDS = 5000
_MOST_LAYERS = 100
_LONGEST = 1000  # characters of a name or a value
_DEEPEST = 40
_UNSHOWN = frozenset({"geninfo", "frame"})
_BITS = re.compile(r"([01. ]+) = ")


class DeepError(RuntimeError):
    """There is no deep decode of this packet: one sentence with cause and cure."""


def layers(told: IO[bytes], data: bytes) -> tuple[Layer, ...]:
    """The layers of the packet in ``told``; data: its bytes. Raises DeepError when it is no PDML of a packet."""
    from xml.etree.ElementTree import ParseError, XMLPullParser  # with the first packet that is asked for

    parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
    reader = _Reader(data)
    tail = b""
    try:
        while not reader.done and (piece := told.read(_PIECE)):
            if b"<!DOCTYPE" in tail + piece or b"<!ENTITY" in tail + piece:
                raise DeepError("tshark's answer declares entities, which it never does: it was not read")
            tail = piece[-16:]
            parser.feed(piece)
            for event in parser.read_events():
                if event[0] == "start" or event[0] == "end":
                    reader.take(*event)
        if not reader.done:
            parser.close()
    except ParseError as error:
        raise DeepError("tshark's answer is not the XML that it should be; is it an old one?") from error
    if not reader.found:
        raise DeepError("tshark says nothing of this packet")
    return reader.layers()


class _Reader:
    """Takes elements as they begin and end. ``done``: no more is wanted; ``found``: there was a packet."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._open: list[str] = []  # tags around, from the packet on
        self._hidden = 0  # how many of them have been hidden, or lie in one that is
        self._made: list[tuple[Layer, list[Field]]] = []
        self._count = 0
        self.found = self.done = False

    def layers(self) -> tuple[Layer, ...]:
        return tuple(Layer(each.name, each.title, each.start, each.length, tuple(fields))
                     for each, fields in self._made)  # fmt: skip

    def take(self, event: str, element: Element) -> None:
        if event == "start" and not self.done:
            self._begin(element)
        elif event == "end":
            if self._open:
                self._open.pop()
                self._hidden -= self._hidden > 0
                self.done = self.done or not self._open
            element.clear()  # its attributes and children are not kept

    def _begin(self, element: Element) -> None:
        if not self._open:
            if element.tag != "packet":
                return
            self.found = True
        depth = len(self._open)
        self._open.append(element.tag)
        if self._hidden or depth - 2 > _DEEPEST:
            self._hidden += 1
        elif depth == 1:
            self._layer(element.attrib)
        elif depth > 1:
            self._field(element.attrib, depth - 2)

    def _layer(self, said: Mapping[str, str]) -> None:
        if said.get("name") in _UNSHOWN:
            self._hidden = 1
        elif len(self._made) >= _MOST_LAYERS:
            self.done = True
        else:
            name = escape(shorten(said.get("name") or "data", _LONGEST))
            title = escape(shorten(said.get("showname") or said.get("show") or name, _LONGEST))
            self._made.append((Layer(name, title, *_place(said, self._data), ()), []))

    def _field(self, said: Mapping[str, str], depth: int) -> None:
        if said.get("hide") == "yes":
            self._hidden = 1
            return
        if self._count >= _MOST_FIELDS:
            self.done = True
            return
        self._count += 1
        start, length = _place(said, self._data)
        name, display, bits, value = _words(said, length)
        self._made[-1][1].append(Field(name, display, start, length, bits, depth, value))


def _words(said: Mapping[str, str], length: int) -> tuple[str, str, tuple[int, int] | None, int | None]:
    """ "Source Port: 53" parted in two; the picture of bits before it, where it is that of all bytes, as bits."""
    whole = said.get("showname") or said.get("show") or said.get("name") or ""
    drawn = _BITS.match(whole)
    whole = whole[drawn.end() :] if drawn else whole
    name, colon, display = whole.partition(": ")
    if not colon:
        name, display = whole, ""
    bits, value = _bits(drawn[1].replace(" ", ""), length) if drawn else (None, None)
    return escape(shorten(name, _LONGEST)), escape(shorten(display, _LONGEST)), bits, value


def _bits(drawn: str, length: int) -> tuple[tuple[int, int] | None, int | None]:
    digits = drawn.strip(".")
    if len(drawn) != 8 * length or not digits or "." in digits:
        return None, None
    return (drawn.index(digits), len(digits)), int(digits, 2)


def _place(said: Mapping[str, str], data: bytes) -> tuple[int, int]:
    """Byte range in the packet; nothing where PDML's offset counts in bytes that tshark has made itself."""
    try:
        start, length = int(said.get("pos") or 0), int(said.get("size") or 0)
    except ValueError:
        return 0, 0
    if start < 0 or length <= 0 or start + length > len(data):
        return min(max(start, 0), len(data)), 0
    value = said.get("unmaskedvalue") or said.get("value")
    if value is not None and len(value) == 2 * length and value != data[start : start + length].hex():
        return 0, 0
    return start, length
