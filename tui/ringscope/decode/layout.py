# SPDX-License-Identifier: Apache-2.0
"""Where the fields of a dpkt class lie, read from its declaration.

dpkt keeps no offsets, but every class declares its fixed header as (name, struct format, default) and its bit fields as
(name, bits). That is enough to read any header in place: no object is built, a header that is cut short still yields
the fields that are there, and dpkt itself is not touched. Of what a class finds behind its fixed header (chunks,
type-length-value lists), `parts` says where it lies: dpkt is fed bytes that remember where they were sliced from.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pkgutil import resolve_name
from struct import Struct
from typing import Any, Literal

from ringscope.frozen import frozen

Kind = type[Any] | str
"""A dpkt class or its name, ``dpkt.ip:IP``. Protocols go by the name: dpkt takes a tenth of the time until the first
rows are on the screen, and no row needs it, so it is imported for the first header that is shown in depth."""


@frozen
class Slot:
    """One declared field. `bits` holds (name, first bit, number of bits) counted from the most significant bit."""

    name: str
    offset: int
    size: int
    codec: Struct
    order: Literal["big", "little"]
    bits: tuple[tuple[str, int, int], ...]


_LAYOUTS: dict[Kind, tuple[Slot, ...]] = {}


def layout(kind: Kind) -> tuple[Slot, ...]:
    """The slots of a dpkt class in wire order, read from its declaration once."""
    if kind not in _LAYOUTS:
        _LAYOUTS[kind] = _declared(_class(kind))
    return _LAYOUTS[kind]


def _class(kind: Kind) -> type[Any]:
    return resolve_name(kind) if isinstance(kind, str) else kind


def _declared(kind: type[Any]) -> tuple[Slot, ...]:
    order = getattr(kind, "__byte_order__", ">")
    # Native order in dpkt means native sizes too, but the wire has no alignment.
    order = "=" if order == "@" else order
    declared: dict[str, tuple[tuple[str, int], ...]] = getattr(kind, "__bit_fields__", None) or {}
    slots: list[Slot] = []
    native: Literal["big", "little"] = (
        "little" if order == "<" or (order == "=" and sys.byteorder == "little") else "big"
    )
    offset = 0
    for name, form, _ in kind.__hdr__:
        codec = Struct(order + form)
        bits: list[tuple[str, int, int]] = []
        first = 0
        # Bits of a little-endian word are not contiguous bytes; such a word is shown whole.
        for bit_name, count in declared.get(name, ()) if order == ">" else ():
            bits.append((bit_name, first, count))
            first += count
        slots.append(Slot(name, offset, codec.size, codec, native, tuple(bits)))
        offset += codec.size
    return tuple(slots)


class Tracked(bytes):
    """Bytes that know their offset in the frame; a slice of them knows its own."""

    offset: int

    def __new__(cls, raw: bytes, offset: int) -> Tracked:
        self = super().__new__(cls, raw)
        self.offset = offset
        return self

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        if type(key) is slice and (key.step is None or key.step == 1):
            return Tracked(found, self.offset + key.indices(len(self))[0])
        return found


@frozen
class Part:
    """What a dpkt class found behind its fixed header: a structure with its own declaration, or (`kind` None) bytes
    it keeps under `name`. `start` is where its header, or the bytes, begin; `size` counts both header and body."""

    name: str
    kind: type[Any] | None
    start: int
    size: int
    depth: int


def parts(kind: Kind, data: bytes, start: int, stop: int) -> Iterator[Part]:
    """The parts of data[start:stop] parsed as `kind`, in the order dpkt keeps them; none if dpkt gives up.

    A structure is believed to be somewhere only if its header packs back to the very bytes of the frame there.
    """
    try:
        packet = _class(kind)(Tracked(data[start:stop], start))
    except Exception:  # dpkt lets many kinds through; the fixed header has been shown already
        return
    yield from _inside(packet, data, 0)


def _inside(packet: Any, data: bytes, depth: int) -> Iterator[Part]:
    if depth > 8:
        return
    for name, value in list(vars(packet).items()):
        for item in _flat(value):
            if _is_packet(item):
                start = _start(item)
                if start is not None and data.startswith(item.pack_hdr(), start):
                    kind = type(item)
                    yield Part(kind.__name__, kind, start, item.__hdr_len__ + _length(item.data), depth)
                    yield from _inside(item, data, depth + 1)
            elif isinstance(item, Tracked) and item and name != "data":
                yield Part(name.replace("_", " "), None, item.offset, len(item), depth)


def _is_packet(item: Any) -> bool:
    return isinstance(item, _class("dpkt:Packet"))


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _start(packet: Any) -> int | None:
    inner = packet.data
    behind = _start(inner) if _is_packet(inner) else getattr(inner, "offset", None)
    return None if behind is None else behind - packet.__hdr_len__


def _length(payload: Any) -> int:
    try:
        return len(payload)
    except Exception:  # some classes compute their length from fields that a broken packet leaves unset
        return 0
