# SPDX-License-Identifier: Apache-2.0
"""The two lines on top that never go away: what am I looking at, and can I trust it."""

from __future__ import annotations

import time

from ringscope.app import cells
from ringscope.app.glance import Glance
from ringscope.app.look import Look
from ringscope.app.pieces import Fact, Form, Span, Steady, fit, form_width, spaced
from ringscope.app.strips import PRESSED, fill_role
from ringscope.app.units import bars, bits, group, percent, share
from ringscope.app.widgets.lines import FixedLines, Piece
from ringscope.capture.session import Snapshot
from ringscope.frozen import frozen

_STATES = {
    "open": ("opening", "dim"),
    "running": ("up", "good"),
    "no carrier": ("NO CARRIER", "warning"),
    "down": ("DOWN", "warning"),
    "gone": ("GONE", "warning"),
    "reopening": ("REOPENING", "warning"),
    "error": ("ERROR", "bad"),
    "stopped": ("stopped", "warning"),
}
HISTORY = 8
"""Seconds of ring fill drawn as bars."""


@frozen
class Mode:
    """What the list does: ``newer`` counts the packets it does not show yet."""

    following: bool = True
    paused: bool = False
    newer: int = 0


class StatusBar(FixedLines):
    """Two lines, drawn again only when what they say has changed."""

    def __init__(self, look: Look, glance: Glance, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._session = glance.session
        self._viewing = glance.viewing
        self._meters = glance.meters
        self._epochs = glance.epochs
        self._reading = glance.reading
        self._pace = glance.pace
        self._steady = Steady()
        self._snapshot: Snapshot | None = None
        self._mode = Mode()

    def show(self, snapshot: Snapshot, mode: Mode) -> None:
        """Show the counters of a moment."""
        self._snapshot, self._mode = snapshot, mode
        self.compose_lines()

    def compose_lines(self) -> None:
        if self._snapshot is not None:
            self._compose_subject(self._snapshot)
            self._compose_trust(self._snapshot)

    def _paint(self, y: int, left: list[Form], right: list[Form], gap: int, ground: str) -> None:
        look = self.look
        start, end = spaced(left, gap), spaced(right, gap)
        pad = max(1, self.size.width - 2 - form_width(start) - form_width(end))
        spans: Form = ((" ", "text"), *start, (" " * pad, "text"), *end)
        pieces: list[Piece] = [(text, look.style(role, ground, bold=role == "loss-text")) for text, role in spans]
        self.put(y, pieces, look.style("text", ground))

    # -- the first line: what am I looking at

    def _compose_subject(self, snapshot: Snapshot) -> None:
        facts = [self._program(), self._link(snapshot), self._filter(), self._epoch(), self._view(snapshot)]
        tail = [self._pace_fact(), self._mode_fact(), Fact(((_now(),), ()), 20)]
        forms = fit([*facts, *tail], self.size.width - 2, 2)
        self._paint(0, forms[: len(facts)], forms[len(facts) :], 2, "surface")

    def _program(self) -> Fact:
        name = "ringscope demo" if self._session.kind == "demo" else "ringscope"
        return Fact((((name, "accent"),), ()), 10)

    def _link(self, snapshot: Snapshot) -> Fact:
        word, role = _STATES.get(snapshot.state) or (cells.cut(snapshot.state, 16), "warning")
        interface = cells.safe(self._session.interface)
        short: Form = ((f"{interface} ", "text"), (word, role))
        least: Form = ((f"{cells.cut(interface, 16)} ", "text"), (word, role))
        if snapshot.state == "running":
            detail = cells.safe(self._session.detail)
            return Fact(((*short, (f" {detail}", "dim")), short, least) if detail else (short, least), 30)
        sentence, state = cells.safe(snapshot.state_text), ((f"▼ {least[0][0]}{word}", role),)
        if not sentence:
            return Fact((((f"▼ {interface} {word}", role),), state), 60)
        # The cure stands at the end: no more is cut off than must be.
        cuts = [((f"▼ {cells.cut(sentence, limit)}", role),) for limit in (70, 65, 60, 56, 52, 48, 44)]
        return Fact((((f"▼ {sentence}", role),), *cuts, state), 58)

    def _filter(self) -> Fact:
        expression = cells.safe(self._session.filter_expression)
        if not expression:
            return Fact(((("no capture filter", "dim"),), (("capture: all", "dim"),)), 50)
        return labelled("capture filter: ", "capture: ", expression, "filter")

    def _view(self, snapshot: Snapshot) -> Fact:
        """What is hidden. It must never be taken for the capture filter, which loses what does not pass."""
        expression = cells.safe(self._viewing.expression)
        if not expression:
            return Fact(((("view: all packets", "dim"),), (("view: all", "dim"),), ()), (24, 52))
        count, kept = self._viewing.count(), snapshot.head - snapshot.tail + 1 if snapshot.head else 0
        shown: Form = ((f"  shows {group(count)} ({share(count, kept)})", "dim"),)
        fact = labelled("view: ", "view: ", expression, "view")
        return Fact(((*fact.forms[0], *shown), *fact.forms), (22, *fact.steps()))

    def _epoch(self) -> Fact:
        epochs = self._epochs
        if epochs.number <= 1:
            return Fact(((),))
        epoch = f"(epoch {epochs.number}"
        if epochs.changing:
            return Fact((((f"{epoch}, changing)", "filter"),), (("(changing)", "filter"),), ()), 40)
        since = f"from {group(epochs.since)}" if epochs.since else "nothing yet"
        return Fact((((f"{epoch}, {since})", "dim"),), ((f"{epoch})", "dim"),), ()), 40)

    def _pace_fact(self) -> Fact:
        pace = self._pace
        if not pace.why:
            return Fact(((),))
        short = f"{pace.rate:.0f} frames/s"
        return Fact((((f"slowed to {short}: {pace.why}", "warning"),), ((short, "warning"),), ()), (27, 50))

    def _mode_fact(self) -> Fact:
        mode = self._mode
        newer = f"+{group(mode.newer)} newer" if mode.newer else ""
        if (picture := self._viewing.picture) is not None:
            came = f"  +{group(picture.newer)} newer" if picture.newer else ""
            told: Form = (("SORTED", "view"), (came, "text"), ("  o: again", "dim"))
            return Fact((told, (("SORTED", "view"), (came, "text")), (("SORTED", "view"),)), 55)
        if mode.paused:
            long: Form = (("PAUSED", "warning"), (f"  {newer}" if newer else "", "text"), ("  Space: go on", "dim"))
            return Fact((long, (("PAUSED", "warning"), ("  Space", "dim")), (("PAUSED", "warning"),)), 55)
        if not mode.following:
            return Fact((((newer, "text"), ("  " if newer else "", "text"), ("End: live", "key")),
                         (("End: live", "key"),)), 55)  # fmt: skip
        return Fact(((("live", "good"),),), 55)

    # -- the second line: can I trust it

    def _compose_trust(self, snapshot: Snapshot) -> None:
        loud = self._meters.loud
        facts = [*self._counts(snapshot), self._sum(), *self._rates(), self._ring(snapshot), *self._trouble(snapshot)]
        facts.append(_kept(snapshot))
        if loud:
            facts.insert(0, self._alarm(snapshot))
        gap = 3 if self.size.width >= 120 else 2
        self._paint(1, fit(facts, self.size.width - 2, gap), [], gap, "loss" if loud else "surface")

    def _alarm(self, snapshot: Snapshot) -> Fact:
        meters = self._meters
        told = [_inexact(meters.unaccounted)] if meters.inexact else []
        told += [f"LOST {group(meters.lost)}"] if meters.lost else []
        told += [f"LOST {group(meters.lost_arena)} behind the ring"] if meters.lost_arena else []
        text = "▲ " + ", ".join(told)
        whole: Form = ((f"{text}  Esc: seen", "loss-text"),)
        if meters.inexact or meters.lost_arena or meters.lost != snapshot.total.dropped:
            return Fact((whole, ((text, "loss-text"),)), 90)
        # The counter says the same number: where room is short it is left to that.
        return Fact((whole, (("▲ LOST  Esc: seen", "loss-text"),)), 22)

    def _counts(self, snapshot: Snapshot) -> list[Fact]:
        total = snapshot.total
        stored = self._steady.right("stored", group(total.stored), 7)
        dropped = self._steady.right("dropped", group(total.dropped), 1)
        role = "warning" if total.dropped else "good"
        return [
            Fact(((("stored ", "dim"), (stored, "text")),), 100),
            Fact(((("dropped ", "dim"), (dropped, role)),), 100),
        ]

    def _sum(self) -> Fact:
        meters = self._meters
        if not meters.unaccounted or meters.inexact:
            return Fact(((),))
        return Fact((((_inexact(meters.unaccounted), "warning"),),), 100)

    def _rates(self) -> list[Fact]:
        rate = self._steady.right("rate", group(round(self._meters.packet_rate)), 7)
        bit = self._steady.right("bits", bits(self._meters.bit_rate), 8)
        return [
            Fact((((rate, "text"), (" pkt/s", "dim")), ((rate, "text"), ("/s", "dim")), ()), (30, 45)),
            Fact((((bit, "text"),), ()), 26),
        ]

    def _ring(self, snapshot: Snapshot) -> Fact:
        fills = [0.0] * HISTORY + list(self._meters.fills)
        now, peak = snapshot.total.fill, self._meters.peak
        role = fill_role(max(now, fills[-1]))
        value = (percent(now).rjust(4), role)
        highest: Span = (f"  (peak {percent(peak)})".ljust(15), "dim" if peak < PRESSED else fill_role(peak))
        label: Span = ("ring ", "dim")
        return Fact((
            (label, (bars(fills[-HISTORY:]), role), (" ", "text"), value, highest),
            (label, (bars(fills[-4:]), role), (" ", "text"), value, highest),
            (label, value, highest),
            (label, value),
            (),
        ), (20, 24, 40, 50))  # fmt: skip

    def _trouble(self, snapshot: Snapshot) -> list[Fact]:
        total = snapshot.total
        freezes = self._steady.right("freezes", group(total.freezes), 1)
        facts = [Fact(((("freezes ", "dim"), (freezes, "warning" if total.freezes else "text")), ()), 90)]
        if total.arena_drops:
            facts.append(Fact(((("behind the ring ", "dim"), (group(total.arena_drops), "warning")),), 95))
        if total.truncated:
            facts.append(Fact(((("cut short ", "dim"), (group(total.truncated), "text")), ()), 40))
        return facts


def labelled(label: str, short: str, expression: str, role: str) -> Fact:
    """A labelled expression that is cut step by step; the label stays, since it says which of the two filters it is."""
    forms: list[Form] = [((label, "dim"), (expression, role))]
    limits = (cells.width(expression), 60, 45, 32, 24, 16, 8, 5)
    forms += [((short, "dim"), (cells.cut(expression, limit), role)) for limit in limits]
    # Each step by itself, so that of two expressions both are cut alike.
    return Fact(tuple(forms), (25, *range(46, 46 + len(forms) - 2)))


def _inexact(packets: int) -> str:
    return f"counters do not add up: {group(packets)}"


def _kept(snapshot: Snapshot) -> Fact:
    if not snapshot.head:
        return Fact(((),))
    tail, head = group(snapshot.tail), group(snapshot.head)
    return Fact((
        (("kept ", "dim"), (f"{tail} to {head}", "text")),
        (("kept from ", "dim"), (tail, "text")),
        (),
    ), (18, 22))  # fmt: skip


def _now() -> Span:
    return (time.strftime("%H:%M:%S"), "dim")
