# SPDX-License-Identifier: Apache-2.0
"""The two lines on top for a file or a pipe: which file, captured by what filter, and whether it is whole."""

from __future__ import annotations

from ringscope.app import cells
from ringscope.app.linktypes import named
from ringscope.app.pieces import Fact, Form, fit
from ringscope.app.units import clock, group, lasting
from ringscope.app.widgets.status import StatusBar, labelled
from ringscope.capture.session import Snapshot


class FileStatusBar(StatusBar):
    """What a live session says of its interface and its ring, a file says of itself."""

    # -- what am I looking at

    def _link(self, snapshot: Snapshot) -> Fact:
        name, detail = cells.safe(self._session.interface), cells.safe(self._session.detail)
        types = cells.cut(named(self._session.link_types[:4]), 40)
        whole: Form = ((name, "text"), (f"  {', '.join(part for part in (detail, types) if part)}", "dim"))
        cut = [((cells.cut_middle(name, limit), "text"),) for limit in (cells.width(name), 40, 28, 20, 14)]
        with_types: Form = ((name, "text"), (f"  {types}", "dim"))
        return Fact((whole, with_types, *cut), (21, 30, *[48] * (len(cut) - 1)))

    def _filter(self) -> Fact:
        expression = cells.safe(self._session.filter_expression)
        if not expression:
            return Fact(((("capture filter: not told", "dim"),), ()), 23)
        return labelled("captured with: ", "captured: ", expression, "filter")

    def _epoch(self) -> Fact:
        return Fact(((),))

    def _mode_fact(self) -> Fact:
        if self._viewing.picture is not None or (self._reading.is_pipe and self._mode.paused):
            return super()._mode_fact()
        state, role = self._reading.state()
        away = not self._mode.following and self._reading.is_pipe
        long: Form = ((state, role), ("  End: newest", "key")) if away else ((state, role),)
        return Fact((long, ((state, role),)), 55)

    # -- can I trust it

    def _compose_trust(self, snapshot: Snapshot) -> None:
        loud = self._reading.loud or self._meters.loud
        total = snapshot.total
        facts = [Fact(((("packets ", "dim"), (group(snapshot.head), "text")),), 100)]
        if self._reading.loud:
            facts.insert(0, self._damage_alarm())
        elif self._meters.loud:
            facts.insert(0, Fact(((("▲ packets were lost when this was captured  Esc: seen", "loss-text"),),
                                  (("▲ LOST  Esc: seen", "loss-text"),)), 60))  # fmt: skip
        facts.append(self._span())
        if self._session.counts_drops:
            role = "warning" if total.dropped else "text"
            facts.append(Fact(((("dropped ", "dim"), (group(total.dropped), role)),), 100))
        else:
            facts.append(Fact(((("dropped: not told", "dim"),), ()), 35))
        if total.snapped:
            facts.append(Fact(((("cut short ", "dim"), (group(total.snapped), "text")), ()), 40))
        if snapshot.tail > 1:
            facts.append(Fact(((("kept from ", "dim"), (group(snapshot.tail), "text")), ()), 30))
        if self._reading.fault and not self._reading.loud:
            facts.append(self._damage())
        gap = 3 if self.size.width >= 120 else 2
        self._paint(1, fit(facts, self.size.width - 2, gap), [], gap, "loss" if loud else "surface")

    def _span(self) -> Fact:
        if self._reading.span is None:
            return Fact(((),))
        first, last = self._reading.span
        long = lasting((last - first) / 1e9)
        begin, end = clock(first, 26)[:19], clock(last, 26)[:19]
        dates = f"{begin} to {end[11:] if end[:10] == begin[:10] else end}"
        times = f"{clock(first, 8)} to {clock(last, 8)}"
        return Fact((
            ((dates, "text"), (f"  ({long})", "dim")),
            ((times, "text"), (f"  ({long})", "dim")),
            (("lasts ", "dim"), (long, "text")),
            (),
        ), (10, 20, 45))  # fmt: skip

    def _damage_alarm(self) -> Fact:
        fault = cells.safe(self._reading.fault)
        limits = [limit for limit in range(400, 20, -4) if limit < cells.width(fault)]
        forms: list[Form] = [((f"▲ {fault}  Esc: seen", "loss-text"),)]
        forms += [((f"▲ {cells.cut(fault, limit)}  Esc: seen", "loss-text"),) for limit in limits]
        return Fact(tuple(forms), 60)

    def _damage(self) -> Fact:
        fault = cells.safe(self._reading.fault)
        limits = [limit for limit in range(400, 8, -4) if limit < cells.width(fault)]
        forms: list[Form] = [((f"▲ {fault}", "warning"),)]
        forms += [((f"▲ {cells.cut(fault, limit)}", "warning"),) for limit in limits]
        return Fact(tuple(forms), 60)
