# SPDX-License-Identifier: Apache-2.0
"""What each stage of the way says in few words, for a box or a line. No Textual here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ringscope.app.units import brief, group, size
from ringscope.frozen import frozen
from ringscope.weather.model import CUT, GONE, LATER, LATER_STAGES, LOST, REJECTED, Figure, Path, Stage, Verdict

UNACCOUNTED: Final = "unaccounted"
"""Beside the stages: what no counter knows of."""

MARKS: Final = {LOST: "▲", CUT: "△", GONE: "▽", "": " "}
"""What the verdict says of a stage: packets are lost there, lose bytes, or go as it was asked for."""
MARK_ROLES: Final = {LOST: "bad", CUT: "warning", GONE: "text", "": "text"}
_SEVERITIES: Final = {"lost": LOST, "cut": CUT, "told": GONE}


@frozen
class Extra:
    """Something else about a stage: a label, a value, the role of the value."""

    label: str
    value: str
    role: str = "text"


@frozen
class Brief:
    """A stage: its numbers as text (empty: there is none). ``loses`` is whether packets go at this moment, ``mark`` a
    key of MARKS. ``absent`` is what to say where ``passed`` is empty."""

    key: str
    title: str
    passed: str
    passed_rate: str
    lost: str
    lost_rate: str
    loses: bool
    extras: tuple[Extra, ...]
    mark: str
    absent: str = "not counted"


def counted(value: float, *, estimated: bool = False) -> str:
    """``~1 204``."""
    return ("~" if estimated else "") + group(round(value))


def measured(figure: Figure) -> str:
    """The value of a figure in its unit."""
    match figure.unit:
        case "s":
            return brief(figure.value)
        case "B":
            return size(round(figure.value))
        case _:
            return counted(figure.value, estimated=figure.estimated)


def rate_of(figure: Figure) -> str:
    """A figure's rate; empty where it has none."""
    return _a_second(figure.rate, estimated=figure.estimated)


def _a_second(rate: float | None, *, estimated: bool = False) -> str:
    return "" if rate is None else f"{counted(rate, estimated=estimated)}/s"


def briefs(way: Path, said: Verdict) -> tuple[Brief, ...]:
    """The stages that there are, in order: XDP and a view filter only where there is one."""
    return tuple(
        _brief(stage, said, rates=way.seconds > 0)
        for stage in way.stages
        if stage.figures or stage.passed is not None or stage.key not in ("xdp", "view")
    )


def mark_of(key: str, said: Verdict) -> str:
    """What the verdict says of a stage: a key of MARKS."""
    return _SEVERITIES.get(said.severity, "") if said.stage == key else ""


def _brief(stage: Stage, said: Verdict, *, rates: bool) -> Brief:
    loses = any(figure.kind == LOST for figure in stage.figures)
    return Brief(
        key=stage.key,
        title=stage.title,
        passed="" if stage.passed is None else counted(stage.passed, estimated=stage.passed_estimated),
        passed_rate=_a_second(stage.passed_rate, estimated=stage.passed_estimated),
        lost=counted(stage.lost) if loses else "",
        lost_rate=_a_second(stage.lost_rate if loses and rates else None),
        loses=stage.lost_rate > 0,
        extras=tuple(_extras(stage)),
        mark=mark_of(stage.key, said),
        absent="not counted" if rates else "not told",
    )


def _extras(stage: Stage) -> Iterator[Extra]:
    named = {figure.name: figure for figure in stage.figures}
    if stage.key != "view" and not any(figure.rate is not None for figure in stage.figures):
        yield from _of_file(stage)
        return
    match stage.key:
        case "nic":
            if rx := named.get("rx"):
                yield Extra("ring", f"{group(round(rx.value))} of {group(round(named['rx max'].value))}")
        case "xdp":
            if xdp := named.get("xdp"):
                yield Extra("program", xdp.place)
        case "softirq":
            squeezed = sum(figure.value for figure in stage.figures if figure.name == "time_squeeze")
            yield Extra("squeezed", counted(squeezed))
        case "tap":
            yield Extra("in", rate_of(named["rx_packets"]))
            yield Extra("out", rate_of(named["tx_packets"]))
            harm = " △" if named["warnings"].value else ""
            yield Extra("other taps", measured(named["taps"]) + harm, "warning" if harm else "text")
        case "filter":
            rejected = named.get("rejected")
            yield Extra("rejects", rate_of(rejected)) if rejected else Extra("filter", "none")
            yield from _counts(stage, CUT, "cut")
        case "ring":
            yield Extra("freezes", measured(named["freezes"]), "warning" if named["freezes"].value else "text")
            yield from _counts(stage, CUT, "cut")
            if named["early"].value:
                yield Extra("early", measured(named["early"]), "warning")
        case "worker":
            yield Extra("late", measured(named["lag"]))
        case "merge":
            yield Extra("waiting", measured(named["waiting"]))
        case "store":
            yield from _counts(stage, GONE, "evicted")
            yield Extra("room", measured(named["bytes"]))
        case "view":
            yield from _counts(stage, REJECTED, "hides")


def _of_file(stage: Stage) -> Iterator[Extra]:
    """What a file tells has no rates, and less of it."""
    yield from _counts(stage, CUT, "cut")
    yield from _counts(stage, GONE, "evicted")


def _counts(stage: Stage, kind: str, label: str) -> Iterator[Extra]:
    for figure in stage.figures:
        if figure.kind == kind:
            yield Extra(label, measured(figure), "warning" if figure.value and kind == CUT else "text")


def beside(way: Path, said: Verdict) -> tuple[Brief, ...]:
    """What stands beside the stages: what no counter knows of, and what is lost later."""
    if way.unaccounted is None:
        lost, rate = "cannot be told", ""
    else:
        lost, rate = counted(way.unaccounted), f"{counted(way.unaccounted_rate or 0.0)}/s"
    unknown = Brief(
        UNACCOUNTED,
        "not accounted for",
        "",
        "",
        lost,
        rate,
        bool(way.unaccounted_rate),
        (),
        LOST if way.unaccounted else "",
    )
    later = Brief(
        LATER,
        "later, not our loss",
        "",
        "",
        "" if way.later else "not told",
        "",
        False,
        tuple(
            Extra(LATER_STAGES[one.name], counted(one.value), "warning" if one.value else "text") for one in way.later
        ),
        mark_of(LATER, said),
    )
    return unknown, later
