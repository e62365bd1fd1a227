# SPDX-License-Identifier: Apache-2.0
"""What columns beside the usual ones say of a packet. No Textual here.

Most of it stands in the packet's metadata; for a field of a layer the packet is decoded in depth, some 65 µs, so only
what is visible is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ringscope.app.choice import TIMES, Column
from ringscope.app.detail import frame_of
from ringscope.capture.session import Session
from ringscope.decode import Field, Layer, Memory, dissect
from ringscope.native import Packet

DEEP_BYTES = 16384
"""Bytes of a packet that is decoded for a row: headers, and hellos with their certificates."""

MOST_OCCURRENCES = 8
"""Of a field that a packet has many times."""


def values(packet: Packet, wanted: Sequence[Column], session: Session, memory: Memory) -> dict[str, str]:
    """What each column says of a packet, by what it is of; times are not among it."""
    found: dict[str, str] = {}
    fields = [each.what for each in wanted if each.is_field]
    deep = any(not what.startswith("frame.") for what in fields)
    layers = layers_for(packet, session, memory, deep=deep) if fields else ()
    for each in wanted:
        if each.is_field:
            found[each.what] = field_text(layers, each.what)
        elif each.what not in TIMES:
            found[each.what] = _known(packet, each, session)
    return found


def _known(packet: Packet, each: Column, session: Session) -> str:
    from_ring = packet.clock != "file"
    match each.what:
        case "captured":
            return str(packet.captured)
        case "queue":
            return str(packet.queue) if from_ring else ""
        case "epoch":
            return str(packet.epoch) if from_ring else ""
        case "interface":
            return session.interface_name(packet.ifindex)
        case "direction":
            return next((field.display for field in frame_of(packet, "").fields if field.name == "Direction"), "")
        case _:
            first, end = each.span() or (0, 0)
            return packet.data[first:end].hex(" ")


def layers_for(packet: Packet, session: Session, memory: Memory, *, deep: bool = True) -> tuple[Layer, ...]:
    """All layers of a packet, that of the frame among them; it alone where not ``deep``."""
    frame = frame_of(packet, session.interface_name(packet.ifindex))
    return (frame, *(dissect(packet.data, packet.link_type, packet.length, memory) if deep else ()))


def fields_of(layers: Iterable[Layer], what: str) -> Iterator[Field]:
    """The fields that ``layer.name`` means, from the outermost layer in.

    Large and small letters are the same, and a remark in brackets may be left out: ``Window (unscaled)`` is a window.
    """
    name, _, wanted = what.partition(".")
    wanted = wanted.casefold()
    for layer in layers:
        if layer.name == name:
            for field in layer.fields:
                if wanted in (field.name.casefold(), field.name.partition(" (")[0].casefold()):
                    yield field


def field_text(layers: Iterable[Layer], what: str) -> str:
    """What a packet says in all the fields that ``layer.name`` means."""
    texts = [field.display or field.note for field in fields_of(layers, what)]
    return ", ".join(text for text in texts[:MOST_OCCURRENCES] if text)


def offered(layers: Sequence[Layer]) -> dict[str, str]:
    """The fields of a packet that may become columns, and what they say there; those of the innermost layer first."""
    found: dict[str, str] = {}
    for layer in reversed(layers):
        for field in layer.fields:
            text = field.display or field.note
            if text and '"' not in field.name:  # that is how one is written
                found.setdefault(f"{layer.name}.{field.name}", text)
    return found
