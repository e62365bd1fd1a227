# SPDX-License-Identifier: Apache-2.0
"""What the screen of the rings says in words. Pure functions of what the watch has seen; no Textual here."""

from __future__ import annotations

from collections.abc import Sequence

from ringscope.app import cells
from ringscope.app.pieces import Fact, Form, fit, spaced
from ringscope.app.ring_columns import to_full
from ringscope.app.sight import Sight
from ringscope.app.units import group, size
from ringscope.weather.moment import Setup
from ringscope.weather.rings import RingView, worst

SEVERITY = {"fine": "good", "told": "text", "cut": "warning", "lost": "bad"}
"""The role of a verdict."""


def about(setup: Setup, views: Sequence[RingView], interface: str, width: int) -> Form:
    """What all rings have in common, and which of them needs looking at first."""
    config, count = setup.config, len(views)
    view = views[0]
    queues = f"{count} queue{'s' * (count != 1)} on {cells.cut(interface, 40)}"
    geometry = f"ring {group(view.blocks)} x {size(view.block_size)}"
    facts = [
        Fact((((f" {queues}", "text"),), ((f" {cells.cut(queues, 24)}", "text"),)), 50),
        Fact((((f"fanout {config.fanout}", "text"),), ()) if config.queues > 1 else ((),), 30),
        Fact((((f"{geometry}{' each' * (count > 1)}", "text"),), ((geometry, "text"),)), 45),
        Fact((((f"timeout {config.block_timeout_ms} ms", "dim"),), ()), 20),
        _worst(views),
    ]
    return spaced(fit(facts, width - 1, 3), 3)


def _worst(views: Sequence[RingView]) -> Fact:
    view = worst(tuple(views))
    if view is None:
        return Fact(((),))
    which = f"queue {view.index}" if len(views) > 1 else "the ring"
    if view.dropped_rate:
        text = f"{which} loses {group(round(view.dropped_rate))}/s"
        return Fact((((f"worst: {text}", "bad"),), ((text, "bad"),)), 60)
    if view.frozen:
        return Fact((((f"worst: {which}, FULL", "bad"),), ((f"{which} FULL", "bad"),)), 60)
    if len(views) == 1 or view.to_full > 60:
        return Fact(((),))
    text = f"{which}, full in {to_full(view)}"
    return Fact((((f"worst: {text}", "warning" if view.to_full < 1 else "text"),), ((text, "text"),), ()), 40)


def overview(sight: Sight, width: int) -> list[Form]:
    """The verdict."""
    said = sight.verdict
    lines = wrapped(said.sentence, SEVERITY[said.severity], width)
    for one in said.also:
        lines += wrapped(f"also: {one}", "dim", width, hang=3)
    return lines


def wrapped(text: str, role: str, width: int, *, hang: int = 1) -> list[Form]:
    """A sentence in as many lines as it needs, of which all but the first are indented by ``hang``."""
    lines: list[str] = []
    line = ""
    for word in cells.safe(text).split():
        room = width - (hang if lines else 1) - 1
        if line and cells.width(line) + 1 + cells.width(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    lines.append(line)
    return [((" " * (hang if at else 1) + one, role),) for at, one in enumerate(lines)]
