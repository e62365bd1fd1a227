# SPDX-License-Identifier: Apache-2.0
"""Every packet socket of the network namespace as a table: who, where, with what ring and filter. No Textual here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from ringscope.app import cells
from ringscope.app.numbers import Number
from ringscope.app.units import group, size
from ringscope.app.way.page import BLANK, Line, paragraph
from ringscope.filter.bytecode import INSTRUCTION
from ringscope.filter.disassembly import listing
from ringscope.host.sockets import PacketSocket, TapWarning

_EVERYTHING, _NOTHING = 3, 0
_SHARES: Final = (24, 14, 24, 20, 26)
"""Of a hundred cells: who, where, ring, fanout, filter."""


_WIDEST: Final = 130
"""Cells of a row at most."""


def table(
    sockets: Sequence[PacketSocket],
    warnings: Sequence[TapWarning],
    own: int,
    name: Callable[[int], str],
    unfolded: Collection[str],
    width: int,
) -> Iterator[Line]:
    """The sockets of others first. ``own`` is our process, ``name`` gives the name of an interface by its index;
    ``unfolded`` has the names of sockets whose filter is shown."""
    yield BLANK
    yield from paragraph("Every packet socket of this network namespace; Enter shows its filter", width, "accent")
    for warning in warnings:
        for line in paragraph(f"▲ {warning.text}", width, "warning"):
            yield Line(line.form, Number(warning.text, "", "tap.others"))
    rooms = [max(6, share * (min(width, _WIDEST) - 7) // 108) for share in _SHARES]
    yield Line((("   " + _row(("process", "on", "ring", "fanout", "filter"), rooms), "dim"),))
    for one in sorted(sockets, key=lambda one: (one.pid == own, one.process, one.pid or 0, one.inode)):
        key = f"socket {one.inode}"
        is_open = key in unfolded
        who = "this program" if one.pid == own else f"{one.process} ({one.pid})" if one.pid else f"user {one.uid}"
        told = _row((who, _where(one, name), _ring(one), _fanout(one), _filter(one)), rooms)
        marker, role = " ▾ " if is_open else " ▸ ", "dim" if one.pid == own else "text"
        number = Number(f"packet socket of {who}", _told(one), "tap.drops" if one.rx_ring is None else "tap.others")
        yield Line(((marker, "accent"), (told, role)), number, unfolds=key)
        if is_open:
            yield from _inside(one, width, number)


def _row(texts: Sequence[str], rooms: Sequence[int]) -> str:
    return " ".join(cells.fit(text, room) for text, room in zip(texts, rooms, strict=True))


def _where(one: PacketSocket, name: Callable[[int], str]) -> str:
    where = name(one.ifindex) if one.ifindex else "all"
    if not one.running or one.protocol == _NOTHING:
        return f"{where}, asleep"
    return where if one.protocol == _EVERYTHING else f"{where} 0x{one.protocol:04x}"


def _ring(one: PacketSocket) -> str:
    if one.rx_ring is None:
        return "none: sends" if one.tx_ring else "none"
    return f"V{one.version} {group(one.rx_ring.blocks)} x {size(one.rx_ring.block_size)}"


def _fanout(one: PacketSocket) -> str:
    return "alone" if one.fanout is None else f"{one.fanout_mode}, group {one.fanout}"


def _filter(one: PacketSocket) -> str:
    if one.program is None:
        return "not shown to us"
    count = len(one.program)
    return f"{group(count)} instruction{'' if count == 1 else 's'}" if count else "none"


def _told(one: PacketSocket) -> str:
    if one.rx_ring is None:
        return f"{group(one.drops)} dropped, {size(one.memory)} of {size(one.memory_limit)} waiting"
    return f"{_ring(one)}; what it has dropped is told to its owner only"


def _inside(one: PacketSocket, width: int, number: Number) -> Iterator[Line]:
    flags = [word for word, is_so in (("promiscuous", one.promiscuous), ("no link-layer header", one.cooked)) if is_so]
    if one.rx_ring is not None:
        flags.append(f"retire timeout {one.rx_ring.timeout_ms} ms" if one.version == 3 else "no retire timeout")
    for line in paragraph(", ".join([_told(one), *flags]) + ".", width, "dim", indent=4):
        yield Line(line.form, number)
    if one.program is None:
        yield from paragraph("? its filter is shown with CAP_NET_ADMIN only", width, "dim", indent=4)
        return
    for text in listing(b"".join(INSTRUCTION.pack(*step) for step in one.program)):
        yield Line((("    " + cells.cut(text.expandtabs(8), width - 4), "filter"),))
