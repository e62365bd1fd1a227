# SPDX-License-Identifier: Apache-2.0
"""What the screen of the rings says in words. Pure functions of what the watch has seen; no Textual here."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

from ringscope.app import cells
from ringscope.app.cost import Sent, cost
from ringscope.app.pace import Pace
from ringscope.app.pieces import Fact, Form, fit, spaced
from ringscope.app.ring_columns import RingRow, to_full
from ringscope.app.sight import Sight
from ringscope.app.units import amount, clock, group, lasting, percent, size
from ringscope.decode.names import ip_protocol
from ringscope.weather.feeders import Flow
from ringscope.weather.moment import Setup
from ringscope.weather.rings import RingView, worst

SEVERITY: Final = {"fine": "good", "told": "text", "cut": "warning", "lost": "bad"}
"""The role of a verdict."""
_BREAKS: Final = re.compile(r"(?<![0-9]) +| +(?!%|ms\b|s\b|min\b|[KMG]iB\b|kB/|[0-9]{3}(?![0-9.]))")
"""Where a line may end: not inside of a number, nor before its unit."""
_LABEL: Final = 11
_ALSO, _FLOWS = 2, 2
_LARGE: Final = 0.1
"""Share of a ring's packets from which on a flow is named in short."""
_NEAR: Final = 0.5
"""Seconds: a ring that a late reader fills so soon is worth a word."""


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
    if view.to_full >= _NEAR:
        return Fact(((),))
    text = f"{which} full in {to_full(view)}"
    return Fact((((f"{text} if its reader stopped", "warning"),), ((text, "warning"),), ()), 40)


def overview(sight: Sight, width: int) -> list[Form]:
    """The verdict, who is to blame, what would help; in short."""
    said = sight.verdict
    lines = wrapped(said.sentence, SEVERITY[said.severity], width)
    for one in said.also[:_ALSO]:
        lines += labelled("also", one, width)
    if (more := len(said.also) - _ALSO) > 0:
        lines += labelled("", f"and {more} more", width)
    index = int(said.place.removeprefix("queue ")) if said.stage == "ring" else -1
    if fed := sight.filled.get(index):
        large = [one for one in fed.feeders[:_FLOWS] if one.packets >= _LARGE]
        flows = ", ".join(f"{flow_words(one.flow)} (~{percent(one.packets)})" for one in large)
        told = flows or "many flows, of which none brings much"
        lines += labelled("blame", f"queue {index} was fed by {told}; b tells more", width)
    if said.cures:
        told = " · ".join(cure.command for cure in said.cures)
        lines += labelled("cures", f"{told}; c tells what each would have saved", width)
    return lines


def wrapped(text: str, role: str, width: int, *, hang: int = 1) -> list[Form]:
    """A sentence in as many lines as it needs, of which all but the first are indented by ``hang``."""
    lines: list[str] = []
    line = ""
    for word in _BREAKS.split(cells.safe(text).strip()):
        room = width - (hang if lines else 1) - 1
        if line and cells.width(line) + 1 + cells.width(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    lines.append(line)
    return [((" " * (hang if at else 1) + one, role),) for at, one in enumerate(lines)]


# -- one ring ---------------------------------------------------------------------------------------------------------

CLASSES: Final = {
    "slow_drops": "slow reader",
    "frozen_drops": "still frozen",
    "early_drops": "early drop above 75 %, while blocks were free",
}
"""The classes of drops in a ring, by the counter of `ringscope.weather.rings.RingView` that has them."""
_CAUSES: Final = {
    "frozen": "its reader was stopped",
    "busy": "its worker had no more to give",
    "starved": "its worker got no CPU",
    "late": "its reader came late",
    "small": "the burst was larger than the ring",
}
"""Why it was full, by the causes of `ringscope.weather.verdict.CAUSES`."""


def details(sight: Sight, row: RingRow, width: int) -> list[Form]:
    """All there is to know of one ring."""
    view = row.view
    lines = [
        labelled("fill", _fill(row), width),
        labelled("headroom", _headroom(view), width),
        labelled("dropped", _dropped(sight, view), width),
        labelled("blocks", _blocks(sight, view), width),
        labelled("reader", _reader(view), width),
        labelled("fed by", _feeding(view), width),
    ]
    return [form for forms in lines for form in forms]


def _fill(row: RingRow) -> str:
    view = row.view
    blocks = f"{group(view.ready)} blocks ready, {view.filling} being filled, {group(view.free)} free"
    peaks = f"at most {percent(view.peak)} in the last second, {percent(row.minute)} in the last minute"
    return f"{percent(view.fill)} now ({blocks}); {peaks}, {percent(view.highest)} ever"


def _headroom(view: RingView) -> str:
    if view.frozen:
        return f"none: all {group(view.blocks)} blocks wait for the reader, and what comes is dropped"
    closed = view.closed_full_rate + view.closed_timeout_rate
    lasts = f"full in {to_full(view)} if the reader stopped now" if not math.isinf(view.to_full) else "nothing fills it"
    return (
        f"{group(view.headroom)} of {group(view.blocks)} blocks; {lasts} ({amount(round(closed), 7)} closed a second)"
    )


def _dropped(sight: Sight, view: RingView) -> str:
    freezes = f"{group(view.freezes)} freeze{'s' * (view.freezes != 1)}"
    if not view.dropped:
        return f"0, {freezes}"
    now = f", {group(round(view.dropped_rate))} a second now" if view.dropped_rate else ""
    classes = [f"{group(count)} {words}" for name, words in CLASSES.items() if (count := getattr(view, name))]
    return f"{group(view.dropped)}{now}, {freezes}: {', '.join(classes)}{_why_full(sight, view)}"


def _why_full(sight: Sight, view: RingView) -> str:
    """Why the ring was full when it dropped, as far as it was looked into."""
    place = f"queue {view.index}"
    kinds = {
        cause: one.packets
        for (stage, cause, where), one in sight.tally.sums.items()
        if stage == "ring" and where == place and cause in _CAUSES
    }
    if len(kinds) == 1 and view.late_drops == sum(kinds.values()):
        return f"; full because {_CAUSES[next(iter(kinds))]}"
    told = [f"{group(count)} {_CAUSES[cause]}" for cause, count in sorted(kinds.items(), key=lambda one: -one[1])]
    if told and (rest := view.late_drops - sum(kinds.values())) > 0:
        told.append(f"{group(rest)} not looked into yet")
    return f"; full because: {', '.join(told)}" if told else ""


def _blocks(sight: Sight, view: RingView) -> str:
    timeout = sight.setup.config.block_timeout_ms
    if not view.closed_full_rate and not view.closed_timeout_rate:
        return "none is closed, since nothing comes" if not view.frozen else "none is closed, since none is free"
    mean = group(round(view.mean)) if view.mean >= 9.5 else f"{view.mean:.1f}"
    full, by_time = amount(round(view.closed_full_rate), 7), amount(round(view.closed_timeout_rate), 7)
    return f"{full} a second closed full, {by_time} by the timeout of {timeout} ms; {mean} packets in each"


def _reader(view: RingView) -> str:
    waits = f"oldest unread packet {lasting(view.oldest)} old" if view.oldest else "no block waits"
    where = f"on CPU {view.cpu}" if view.cpu is not None else "on some CPU"
    pinned = f"pinned to CPU {view.pinned}" if view.pinned is not None else "not pinned"
    busy = f"{percent(view.busy)} busy" if view.busy is not None else "its CPU time cannot be read"
    waited = f", without a CPU {percent(view.waited)} of the time" if view.waited and view.waited >= 0.005 else ""
    late = f"a block waited {lasting(view.lag)} at most" if view.lag else "never late"
    return (
        f"{waits}; {late}; {where}, {pinned}, {busy}{waited}; {amount(round(view.wakeups_rate), 7)} wake-ups a second"
    )


def _feeding(view: RingView) -> str:
    share = f"{percent(view.share)} of all packets of the last second"
    if not view.fed_by:
        return f"{share}; which CPUs bring them the interface does not tell (it has no interrupt of its own)"
    cpus = f"CPU {', '.join(map(str, view.fed_by))}"
    softirq = f", the busiest {percent(view.fed_softirq)} in softirq" if view.fed_softirq is not None else ""
    irqs = f", by IRQ {', '.join(map(str, view.interrupts))}" if view.interrupts else ""
    return f"{cpus}{irqs}{softirq}; {share}"


# -- blame and cures --------------------------------------------------------------------------------------------------


def blame(sight: Sight, view: RingView, width: int) -> list[Form]:
    """Who fed a ring: when it was last nearly full, else of late."""
    fed = sight.filled.get(view.index) or sight.fed.get(view.index)
    if fed is None and not sight.fed:
        return wrapped("Taking a sample of the newest packets.", "dim", width)
    if fed is None:
        return wrapped(f"queue {view.index}: no packet of it is among the newest; nobody feeds it now.", "text", width)
    when = clock(round(fed.time * 1e9), 8)
    state = f"was nearly full at {when}; then it was fed by" if fed.filled else f"was fed at {when} by"
    lines = wrapped(f"queue {view.index} {state} (~, by a sample of its packets):", "text", width)
    for feeder in fed.feeders:
        packets, octets = (f"~{percent(share)}".rjust(6) for share in (feeder.packets, feeder.bytes))
        shares = f" {packets} of packets {octets} of bytes  "
        flow = cells.cut(flow_words(feeder.flow), max(1, width - len(shares) - 1))
        lines.append(((shares, "dim"), (flow, "text")))
    lines += labelled("fed by", _feeding(view), width)
    lines += labelled("reader", _reader(view), width)
    return lines


def flow_words(flow: Flow) -> str:
    """A flow as people write it, shorter than an expression that matches it."""

    def end(address: str, port: int | None) -> str:
        if port is None:
            return address
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"

    kind = ip_protocol(int(flow.protocol)).lower() if flow.protocol.isdecimal() else flow.protocol
    return f"{kind} {end(flow.address, flow.port)} ↔ {end(flow.other_address, flow.other_port)}"


def cures(sight: Sight, width: int) -> list[Form]:
    """What would help, as text to copy, each with what it would have saved."""
    said = sight.verdict
    if not said.cures:
        why = "nothing is lost" if said.severity in ("fine", "told") else "for this loss there is none to be copied"
        return wrapped(f"No cure: {why}.", "text", width)
    lines = wrapped(f"{said.sentence}", SEVERITY[said.severity], width)
    if said.replayed:
        lines += wrapped(f"~ by {said.replayed}.", "dim", width, hang=3)
    for number, cure in enumerate(said.cures, 1):
        lines += wrapped(f"{number}  {cure.command}", "key", width, hang=4)
        saves = f"; {cure.saves}" if cure.saves else ""
        lines += [((f"    {text}", role),) for ((text, role),) in wrapped(f"{cure.words}{saves}", "dim", width - 4)]
    return lines


# -- ourselves --------------------------------------------------------------------------------------------------------


def observer(sight: Sight, pace: Pace, sent: Sent, width: int) -> list[Form]:
    """What looking costs, and that the screen was slowed down."""
    host, before = sight.now.host, sight.before.host
    told = []
    if spent := cost(before.process, host.process, host.time - before.time):
        by = ", ".join(f"{name} {100 * share:.1f} %" for name, share in spent.by if share >= 0.0005)
        told.append(f"ringscope itself takes {100 * spent.cpu:.1f} % of a CPU{f' ({by})' if by else ''}")
        of_these = f"{size(spent.mapped)} of them rings and files, {size(spent.locked)} locked"
        told.append(f"{size(spent.resident)} of memory, {of_these}")
    told.append(f"{sent.rate / 1000:.1f} kB/s to the terminal in {pace.rate:.0f} frames/s")
    lines = labelled("observer", "; ".join(told), width)
    if pace.why:
        lines += labelled("", f"slowed down, so that the capture comes first: {pace.why}", width, "warning")
    return lines


def labelled(label: str, text: str, width: int, role: str = "text") -> list[Form]:
    """A sentence behind its label, in as many lines as it needs."""
    lines = wrapped(text, role, width - _LABEL)
    first, rest = lines[0], lines[1:]
    return [
        ((cells.fit(f" {label}", _LABEL), "dim"), *first),
        *((((" " * _LABEL), "text"), *form) for form in rest),
    ]
