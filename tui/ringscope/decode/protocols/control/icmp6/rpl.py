# SPDX-License-Identifier: Apache-2.0
"""RPL's control messages (RFC 6550 section 6), by code."""

from __future__ import annotations

from ringscope.decode.address import ipv6
from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex4, octets, plain, seconds, yes
from ringscope.decode.values import Table, blob

_MODES = {0: "no downward routes", 1: "non-storing", 2: "storing without multicast", 3: "storing with multicast"}
_SECURE = 0x80
_INFORMATION, _ADVERTISEMENT, _ACKNOWLEDGEMENT = 1, 2, 3
_FOREVER = 0xFFFFFFFF


def control(draft: Draft, code: int) -> None:
    """The message of this code."""
    if code & _SECURE:
        draft.uint("Security flags", 1, hex2)
        draft.uint("Algorithm", 1)
        draft.uint("Key mode", 1, hex2)
        draft.uint("Reserved", 1, hex2)
        draft.uint("Counter", 4)
        draft.rest("Secured message")
        return
    if code == 0:
        draft.uint("Flags", 1, hex2)
        draft.uint("Reserved", 1, hex2)
    elif code == _INFORMATION:
        _information(draft)
    elif code in (_ADVERTISEMENT, _ACKNOWLEDGEMENT):
        _advertisement(draft, code)
    else:
        draft.rest("Message")
        return
    _options(draft)


def _information(draft: Draft) -> None:
    draft.uint("Instance", 1)
    draft.uint("Version", 1)
    draft.uint("Rank", 2)
    draft.bits(1, ("Grounded", 1, yes), ("", 1, plain), ("Mode of operation", 3, _MODES), ("Preference", 3, plain))
    draft.uint("Trigger sequence (DTSN)", 1)
    draft.uint("Flags", 1, hex2)
    draft.uint("Reserved", 1, hex2)
    draft.raw("DODAG", 16, ipv6)


def _advertisement(draft: Draft, code: int) -> None:
    draft.uint("Instance", 1)
    if code == _ADVERTISEMENT:
        _, told, _ = draft.bits(1, ("Acknowledgement expected", 1, yes), ("DODAG told", 1, yes), ("", 6, plain))
        draft.uint("Reserved", 1, hex2)
        draft.uint("Sequence", 1)
    else:
        told, _ = draft.bits(1, ("DODAG told", 1, yes), ("", 7, plain))
        draft.uint("Sequence", 1)
        draft.uint("Status", 1)
    if told:
        draft.raw("DODAG", 16, ipv6)


def _options(draft: Draft) -> None:
    while draft.left:
        kind = draft.peek()
        if kind == 0:
            draft.uint("Pad1", 1, lambda _: "")
            continue
        name, reader = _OPTIONS.get(kind, (f"Option {kind}", blob))
        with draft.group(name) as group:
            draft.uint("Type", 1)
            size = draft.uint("Length", 1)
            with draft.limited(size):
                group.display = reader(draft, size)
                draft.rest("Rest of the option")


def _lifetime(value: int) -> str:
    return "infinity" if value == _FOREVER else seconds(value)


def _padded(draft: Draft, label: str) -> str:
    raw = draft.rest(label, lambda value: ipv6(value[:16].ljust(16, b"\0")))
    return ipv6(raw[:16].ljust(16, bytes(1)))


def _configuration(draft: Draft, size: int) -> str:
    if size != 14:
        return blob(draft, size)
    draft.bits(1, ("", 4, plain), ("Authentication", 1, yes), ("Path control size", 3, plain))
    draft.uint("Interval doublings", 1)
    draft.uint("Interval minimum", 1)
    draft.uint("Redundancy constant", 1)
    draft.uint("Maximum rank increase", 2)
    draft.uint("Minimum hop rank increase", 2)
    objective = draft.uint("Objective", 2)
    draft.uint("Reserved", 1)
    draft.uint("Default lifetime", 1)
    draft.uint("Lifetime unit", 2, seconds)
    return f"objective {objective}"


def _target(draft: Draft, size: int) -> str:
    if size < 2:
        return blob(draft, size)
    draft.uint("Flags", 1, hex2)
    length = draft.uint("Prefix length", 1)
    return f"{_padded(draft, 'Target')}/{length}"


def _transit(draft: Draft, size: int) -> str:
    if size < 4:
        return blob(draft, size)
    draft.bits(1, ("External", 1, yes), ("", 7, plain))
    draft.uint("Path control", 1, hex2)
    draft.uint("Path sequence", 1)
    lifetime = draft.uint("Path lifetime", 1)
    parent = _padded(draft, "Parent") if draft.left else ""
    return f"lifetime {lifetime}{f', parent {parent}' if parent else ''}"


def _route(draft: Draft, size: int) -> str:
    if size < 6:
        return blob(draft, size)
    length = draft.uint("Prefix length", 1)
    draft.uint("Preference", 1, hex2)
    draft.uint("Route lifetime", 4, _lifetime)
    return f"{_padded(draft, 'Prefix')}/{length}"


def _prefix(draft: Draft, size: int) -> str:
    if size != 30:
        return blob(draft, size)
    length = draft.uint("Prefix length", 1)
    parts = (("On link", 1, yes), ("Autonomous", 1, yes), ("Router address", 1, yes), ("", 5, plain))
    draft.flags("Flags", 1, hex2, *parts)
    draft.uint("Valid lifetime", 4, _lifetime)
    draft.uint("Preferred lifetime", 4, _lifetime)
    draft.uint("Reserved", 4)
    return f"{ipv6(draft.raw('Prefix', 16, ipv6))}/{length}"


def _solicited(draft: Draft, size: int) -> str:
    if size != 19:
        return blob(draft, size)
    draft.uint("Instance", 1)
    draft.flags("Flags", 1, hex2, ("Version", 1, yes), ("Instance", 1, yes), ("DODAG", 1, yes), ("", 5, plain))
    dodag = ipv6(draft.raw("DODAG", 16, ipv6))
    draft.uint("Version", 1)
    return dodag


def _metric(draft: Draft, size: int) -> str:
    if size < 4:
        return blob(draft, size)
    kind = draft.uint("Metric type", 1, _METRICS)
    draft.uint("Flags", 2, hex4)
    length = min(draft.uint("Metric length", 1), draft.left)
    value = octets(draft.raw("Metric value", length)) if length else ""
    return f"{_METRICS.get(kind, f'type {kind}')} {value}"


_METRICS = {
    1: "node state",
    2: "node energy",
    3: "hop count",
    4: "link throughput",
    5: "link latency",
    6: "link quality",
    7: "expected transmissions",
    8: "link color",
}
_OPTIONS: Table = {
    1: ("PadN", blob),
    2: ("Metric", _metric),
    3: ("Route", _route),
    4: ("DODAG configuration", _configuration),
    5: ("Target", _target),
    6: ("Transit", _transit),
    7: ("Solicited information", _solicited),
    8: ("Prefix", _prefix),
    9: ("Target descriptor", blob),
}
