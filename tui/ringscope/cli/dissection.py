# SPDX-License-Identifier: Apache-2.0
"""One packet and its layers, written as text or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ringscope.decode import Field, Layer, Memory, dissect, protocols, summarize

if TYPE_CHECKING:
    from ringscope.native import Packet

_SECOND: Final = 1_000_000_000
_RANGE: Final = 12
"""Columns of a byte range."""


class Dissector:
    """Decodes packets in the order of a capture; what one tells of its flow names the ones behind it."""

    def __init__(self) -> None:
        # One for each walk over a packet: each learns by itself, and none from the packet that it is at.
        self._rows, self._names, self._layers = Memory(), Memory(), Memory()

    def json(self, packet: Packet) -> str:
        """One line. ``number``; ``time`` in seconds since 1970, to the nanosecond; ``length`` on the wire and
        ``captured``, in bytes; ``link_type`` (LINKTYPE_*); ``source`` and ``destination``; ``protocol``, that of the
        row; ``protocols`` from the outermost in; ``info``; ``layers``, each with ``name``, ``title``, ``start``,
        ``length`` and ``fields``. A field has ``name``, ``display``, ``start`` and ``length``, and where there are any
        ``value`` (a number, text, or bytes in hexadecimal), ``bits`` (the first and how many, from the most significant
        one on), ``order``, ``note`` (what was computed, and from what) and ``fields``.
        """
        row = summarize(packet.data, packet.link_type, packet.length, self._rows)
        rest = {
            "length": packet.length,
            "captured": packet.captured,
            "link_type": packet.link_type,
            "source": row.source,
            "destination": row.destination,
            "protocol": row.protocol,
            "protocols": protocols(packet.data, packet.link_type, packet.length, self._names),
            "info": row.info,
            "layers": [_layer(layer) for layer in self._tree(packet)],
        }
        # Spliced in, since a float has no room for the nanoseconds.
        return f'{{"number": {packet.number}, "time": {_seconds(packet.time_ns)}, {json.dumps(rest)[1:]}'

    def text(self, packet: Packet) -> str:
        """Two lines that say what it is, and one for each layer and field with its bytes before it."""
        row = summarize(packet.data, packet.link_type, packet.length, self._rows)
        names = protocols(packet.data, packet.link_type, packet.length, self._names)
        cut = f", {packet.captured} captured" if packet.captured < packet.length else ""
        lines = [
            f"{packet.number}  {_clock(packet.time_ns)}  {packet.length} bytes{cut}  {':'.join(names)}",
            f"{row.source} → {row.destination}  {row.protocol}  {row.info}",
        ]
        for layer in self._tree(packet):
            lines.append(f"{_bytes(layer.start, layer.length):<{_RANGE}}{layer.title}")
            lines += [_line(field) for field in layer.fields]
        return "\n".join([*lines, ""])

    def _tree(self, packet: Packet) -> tuple[Layer, ...]:
        return dissect(packet.data, packet.link_type, packet.length, self._layers)


def _seconds(time_ns: int) -> str:
    sign = "-" if time_ns < 0 else ""
    whole, part = divmod(abs(time_ns), _SECOND)
    return f"{sign}{whole}.{part:09d}"


def _clock(time_ns: int) -> str:
    whole, part = divmod(time_ns, _SECOND)
    try:
        return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%d %H:%M:%S}.{part:09d} UTC"
    except (ValueError, OverflowError, OSError):  # a file may claim any time, also one no calendar has
        return f"{_seconds(time_ns)} s"


def _bytes(start: int, length: int, bits: tuple[int, int] | None = None) -> str:
    """ "14-33", or "46.0-3" for bits of a byte; nothing for what is in no byte."""
    if not length:
        return ""
    last = start + length - 1
    words = f"{start}-{last}" if last > start else str(start)
    if bits is None:
        return words
    first, count = bits
    return f"{words}.{first}-{first + count - 1}" if count > 1 else f"{words}.{first}"


def _line(field: Field) -> str:
    indent = "  " * (field.depth + 1)
    words = f"{field.name}: {field.text}" if field.text else field.name
    return f"{_bytes(field.start, field.length, field.bits):<{_RANGE}}{indent}{words}"


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "title": layer.title,
        "start": layer.start,
        "length": layer.length,
        "fields": _nested(layer.fields),
    }


def _nested(fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Fields of depth 1 and more inside the ones that they belong to."""
    found: list[dict[str, Any]] = []
    open_lists = [found]
    for field in fields:
        del open_lists[field.depth + 1 :]
        entry = _field(field)
        open_lists[-1].append(entry)
        inside: list[dict[str, Any]] = []
        entry["fields"] = inside
        open_lists.append(inside)
    return _without_empty(found)


def _without_empty(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for entry in entries:
        if entry["fields"]:
            _without_empty(entry["fields"])
        else:
            del entry["fields"]
    return entries


def _field(field: Field) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": field.name,
        "display": field.display,
        "start": field.start,
        "length": field.length,
    }
    if field.value is not None:
        entry["value"] = field.value.hex() if isinstance(field.value, bytes) else field.value
    if field.bits is not None:
        entry["bits"] = list(field.bits)
    if field.order != "big":
        entry["order"] = field.order
    if field.note:
        entry["note"] = field.note
    return entry
