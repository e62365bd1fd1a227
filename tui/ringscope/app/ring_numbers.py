# SPDX-License-Identifier: Apache-2.0
"""The numbers of the rings screen, with where each is from: those of one ring, of the charts, of our own cost.

No Textual here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ringscope.app.cost import cost
from ringscope.app.numbers import Number
from ringscope.app.ring_columns import COLUMNS, RingRow
from ringscope.app.sight import Sight
from ringscope.app.units import group, percent, size

SOURCES: Final = {
    "now": ("fill now", "ring.fill"),
    "peak": ("fill, peak of the last minute", "ring.fill"),
    "head": ("headroom in blocks", "ring.headroom"),
    "to full": ("time to full", "ring.to_full"),
    "dropped": ("dropped", "ring.dropped"),
    "slow : frozen :  early": ("drops: slow reader : still frozen : early", "ring.classes"),
    "freezes": ("freezes", "ring.freezes"),
    "oldest": ("oldest unread packet", "ring.oldest"),
    "cpu": ("CPU of its worker, and share of it", "process.cpu"),
    "packets/s": ("packets a second", "rate.of"),
    "full : timeout": ("blocks closed full : by timeout, a second", "ring.closed"),
    "a block": ("packets a block", "ring.mean"),
    "wakes/s": ("wake-ups a second", "worker.wakeups"),
    "fed by": ("CPUs that feed it", "cpu.fed"),
}
"""By the title of its column what a number of a ring is called in full, and where it is from."""

_CHARTS: Final = (
    ("chart of packets", "history.packets"),
    ("chart of bytes", "history.bytes"),
    ("chart of drops", "history.dropped"),
    ("chart of the fill", "history.fill"),
)


def ring_numbers(row: RingRow, sight: Sight, sent: float) -> Iterator[Number]:
    """Of the ring under the cursor, then what is told of all together. ``sent`` is bytes a second to the terminal."""
    view, queue = row.view, f"queue {row.view.index}"
    for column in COLUMNS:
        words, source = SOURCES[column.title]
        yield Number(f"{queue}: {words}", column.text(row)[0].strip(), source)
    yield Number(
        f"{queue}: blocks ready, being filled, free", f"{view.ready}, {view.filling}, {view.free}", "ring.blocks"
    )
    yield Number(f"{queue}: ring", f"{group(view.blocks)} blocks of {size(view.block_size)}", "ring.geometry")
    yield Number(f"{queue}: share of all packets", percent(view.share), "ring.share")
    if view.fed_softirq is not None:
        yield Number(f"{queue}: softirq on the CPU that feeds it", percent(view.fed_softirq), "softirq.share")
    for title, source in _CHARTS:
        yield Number(title, "drawn", source)
    yield from _cost(sight, sent)


def _cost(sight: Sight, sent: float) -> Iterator[Number]:
    now, before = sight.now.host, sight.before.host
    if spent := cost(before.process, now.process, now.time - before.time):
        yield Number("CPU of this program", percent(spent.cpu), "process.cpu")
        for name, share in spent.by:
            yield Number(f"CPU of this program: {name}", percent(share), "process.cpu")
        told = f"{size(spent.resident)}, of it rings and files {size(spent.mapped)}, locked {size(spent.locked)}"
        yield Number("memory of this program", told, "process.memory")
    yield Number("bytes to the terminal", f"{sent / 1000:.1f} kB/s", "terminal.bytes")
