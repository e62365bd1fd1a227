# SPDX-License-Identifier: Apache-2.0
"""The numbers of the two lines on top, with where each is from. No Textual here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ringscope.app.glance import Glance
from ringscope.app.numbers import Number
from ringscope.app.units import bits, clock, group, percent
from ringscope.capture.session import Snapshot

_ALL: Final = "of all queues added up"


def status_numbers(glance: Glance) -> list[Number]:
    """In the order in which they stand, those first that tell whether the capture can be trusted."""
    if glance.snapshot is None:
        return []
    of_source = _of_capture if glance.is_live else _of_file
    return [*of_source(glance, glance.snapshot), *_of_subject(glance)]


def _of_capture(glance: Glance, snapshot: Snapshot) -> Iterator[Number]:
    total, meters = snapshot.total, glance.meters
    yield Number("stored", group(total.stored), "ring.stored", _ALL)
    yield Number("dropped", group(total.dropped), "ring.dropped", _ALL)
    if total.unaccounted:
        yield Number("counters do not add up", group(total.unaccounted), "account.unaccounted")
    yield Number("packets a second", f"{group(round(meters.packet_rate))} pkt/s", "rate.packets")
    yield Number("bits a second", bits(meters.bit_rate), "rate.bits")
    yield Number("ring", percent(total.fill), "ring.fill")
    yield Number("ring, peak", percent(meters.peak), "ring.fill", "the highest of the last minute")
    yield Number("freezes", group(total.freezes), "ring.freezes", _ALL)
    if total.arena_drops:
        yield Number("lost behind the ring", group(total.arena_drops), "worker.lost")
    if total.truncated:
        yield Number("cut short", group(total.truncated), "ring.truncated")
    if snapshot.head:
        yield Number("kept", f"{group(snapshot.tail)} to {group(snapshot.head)}", "store.kept")


def _of_file(glance: Glance, snapshot: Snapshot) -> Iterator[Number]:
    total, reading = snapshot.total, glance.reading
    yield Number("packets", group(snapshot.head), "file.packets")
    if reading.span is not None:
        first, last = (clock(at, 26) for at in reading.span)
        yield Number("first to last packet", f"{first} to {last}", "file.span")
    told = glance.session.counts_drops
    yield Number("dropped", group(total.dropped) if told else "not told", "file.dropped")
    if total.snapped:
        yield Number("cut short", group(total.snapped), "file.snapped")
    if snapshot.tail > 1:
        yield Number("kept from", group(snapshot.tail), "file.evicted")
    if reading.fault:
        yield Number("fault", reading.fault, "file.fault")


def _of_subject(glance: Glance) -> Iterator[Number]:
    if glance.epochs.number > 1:
        since = group(glance.epochs.since) if glance.epochs.since else "nothing yet"
        yield Number("capture filter in force from", since, "epoch.first")
    if glance.viewing.expression:
        yield Number("packets in the view", group(glance.viewing.count()), "view.shown")
