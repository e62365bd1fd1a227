# SPDX-License-Identifier: Apache-2.0
"""IPv4's options: routes and timestamps (RFC 791), router alert (RFC 2113), security (RFC 1108) and commercial security
(FIPS 188), MTU probes (RFC 1063), traceroute (RFC 1393), quick start (RFC 4782), experiments (RFC 4727)."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import coded, hex4, hex8, ip_text, plain, yes
from ringscope.decode.text import shorten
from ringscope.decode.values import Reader, Table, blob, number

_SHOWN = 200  # characters of a heading
_CLASSES = {0: "control", 2: "debugging and measurement"}
_LEVELS = {0x3D: "Top Secret", 0x5A: "Secret", 0x96: "Confidential", 0xAB: "Unclassified"}
_ALERTS = {0: "every router is to examine the packet"}
_STAMPS = {0: "timestamps", 1: "addresses and timestamps", 3: "timestamps of the addresses given"}
_QUICK = {0: "rate request", 8: "report of the approved rate"}


def _route(draft: Draft, size: int) -> str:
    """Addresses, of which those before the pointer have been passed or filled in."""
    if size < 1:
        return blob(draft, size)
    pointer = draft.uint("Pointer", 1)
    hops = [ip_text(draft.raw("Address", 4, ip_text)) for _ in range((size - 1) // 4)]
    blob(draft, (size - 1) % 4)
    done = min(max(pointer // 4 - 1, 0), len(hops))
    told = ", ".join(hops[:done]) or "none so far"
    return f"{told}; {len(hops) - done} more" if done < len(hops) else told


def _stamps(draft: Draft, size: int) -> str:
    """Milliseconds since midnight UTC, each maybe behind the address of who wrote it."""
    if size < 2:
        return blob(draft, size)
    pointer = draft.uint("Pointer", 1)
    overflow, kind = draft.bits(1, ("Hosts without room", 4, plain), ("Kind", 4, _STAMPS))
    step = 4 if kind == 0 else 8
    done = (pointer - 5) // step
    words: list[str] = []
    for place in range((size - 2) // step):
        address = f"{ip_text(draft.raw('Address', 4, ip_text))} " if step == 8 else ""
        moment = draft.uint("Timestamp", 4, _midnight)
        if place < done:
            words.append(f"{address}{_midnight(moment)}")
    blob(draft, (size - 2) % step)
    more = f"; {overflow} hosts found no room" if overflow else ""
    return shorten(", ".join(words) or "none so far", _SHOWN) + more


def _midnight(value: int) -> str:
    return f"0x{value:08x}, not a standard time" if value & 0x80000000 else f"{value} ms"


def _security(draft: Draft, size: int) -> str:
    if size < 1:
        return ""
    level = draft.uint("Level", 1, coded(2, _LEVELS))
    if size > 1:
        draft.raw("Protection authorities", size - 1)
    return _LEVELS.get(level, f"0x{level:02x}")


def _commercial(draft: Draft, size: int) -> str:
    if size < 4:
        return blob(draft, size)
    domain = draft.uint("Domain of interpretation", 4)
    if size > 4:
        draft.raw("Tags", size - 4)
    return f"domain {domain}"


def _traceroute(draft: Draft, size: int) -> str:
    if size != 10:
        return blob(draft, size)
    identifier = draft.uint("Identifier", 2, hex4)
    draft.uint("Outbound hops", 2)
    draft.uint("Return hops", 2)
    return f"id {hex4(identifier)}, from {ip_text(draft.raw('Originator', 4, ip_text))}"


def _quick_start(draft: Draft, size: int) -> str:
    if size != 6:
        return blob(draft, size)
    function, rate = draft.bits(1, ("Function", 4, _QUICK), ("Rate", 4, plain))
    draft.uint("TTL", 1)
    draft.bits(4, ("Nonce", 30, hex8), ("", 2, plain))
    return f"{_QUICK.get(function, f'function {function}')}, {40 << rate if rate else 0} kbit/s"


_EXPERIMENT: tuple[str, Reader] = ("Experiment", blob)
_OPTIONS: Table = {
    0: ("End of options", blob),
    1: ("No operation", blob),
    7: ("Record route", _route),
    11: ("MTU probe", number()),
    12: ("MTU reply", number()),
    25: ("Quick start", _quick_start),
    30: _EXPERIMENT,
    68: ("Timestamp", _stamps),
    82: ("Traceroute", _traceroute),
    94: _EXPERIMENT,
    130: ("Security", _security),
    131: ("Loose source route", _route),
    133: ("Extended security", blob),
    134: ("Commercial security", _commercial),
    136: ("Stream identifier", number()),
    137: ("Strict source route", _route),
    145: ("Extended protocol", blob),
    148: ("Router alert", number(_ALERTS)),
    149: ("Selective directed broadcast", blob),
    158: _EXPERIMENT,
    222: _EXPERIMENT,
}
_NAMES = {kind: name for kind, (name, _) in _OPTIONS.items()}


def options(draft: Draft, stop: int) -> None:
    """The options up to the end of the header; nothing where there are none."""
    if draft.at >= stop:
        return
    draft.tree.need(draft.at, stop - draft.at, draft.end, "IPv4 options")
    draft.end = stop
    with draft.group("Options", f"{draft.left} bytes") as group:
        names: list[str] = []
        while draft.left:
            kind = draft.peek()
            if kind < 2:
                draft.uint("Option", 1, _NAMES)
                continue
            size = draft.peek(1, 1) if draft.left > 1 else 0
            if size < 2 or size > draft.left:
                draft.rest("Unreadable options")
                break
            names.append(_option(draft, kind, size - 2))
        group.display += "".join(f", {name}" for name in names)


def _option(draft: Draft, kind: int, size: int) -> str:
    name, read = _OPTIONS.get(kind, (f"Option {kind}", blob))
    with draft.group(name) as group:
        draft.flags(
            "Type",
            1,
            _NAMES,
            ("Copied to all fragments", 1, yes),
            ("Class", 2, _CLASSES),
            ("Number", 5, plain),
        )
        draft.uint("Length", 1)
        group.display = read(draft, size)
    return name
