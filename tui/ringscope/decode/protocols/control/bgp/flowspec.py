# SPDX-License-Identifier: Apache-2.0
"""Flow specifications in BGP (RFC 8955, RFC 8956): what a packet must look like."""

from __future__ import annotations

from collections.abc import Callable

from ringscope.decode.address import ip_text
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed

_COMPONENTS = {
    1: "destination",
    2: "source",
    3: "protocol",
    4: "port",
    5: "destination port",
    6: "source port",
    7: "ICMP type",
    8: "ICMP code",
    9: "TCP flags",
    10: "length",
    11: "DSCP",
    12: "fragment",
    13: "flow label",
}
_BITMASKS = (9, 12)
_COMPARISONS = ("false", "=", ">", ">=", "<", "<=", "!=", "true")


def flow_specification(
    draft: Draft, label: str, *, six: bool, distinguisher: Callable[[bytes], str] | None = None
) -> None:
    """One specification: its length in one or two bytes, and components."""
    with draft.group(label) as group:
        long = draft.peek() >= 0xF0
        size = draft.uint("Length", 2 if long else 1, lambda value: str(value & 0x0FFF if long else value))
        words: list[str] = []
        with draft.limited(size & 0x0FFF if long else size):
            if distinguisher is not None:
                words.append(distinguisher(draft.raw("Route distinguisher", 8, distinguisher)))
            while draft.left:
                words.append(_component(draft, six))
        group.display = ", ".join(words)


def _component(draft: Draft, six: bool) -> str:
    kind = draft.peek()
    name = _COMPONENTS.get(kind)
    if name is None:
        raise Malformed(f"flow specification component {kind}")
    with draft.group(name.capitalize() if name[0].islower() else name) as group:
        draft.uint("Component", 1, _COMPONENTS)
        group.display = _prefix(draft, six) if kind < 3 else _operations(draft, kind in _BITMASKS)
    return f"{name} {group.display}"


def _prefix(draft: Draft, six: bool) -> str:
    length = draft.uint("Prefix length", 1)
    offset = draft.uint("Prefix offset", 1) if six else 0
    width = 16 if six else 4
    if length > width * 8 or offset > length:
        raise Malformed(f"prefix of length {length}")
    size = (length - offset + 7) // 8
    raw = draft.raw("Prefix", size, lambda value: ip_text(value.ljust(width, b"\0"))) if size else b""
    return f"{ip_text(raw.ljust(width, bytes(1)))}/{length}"


def _operations(draft: Draft, mask: bool) -> str:
    words: list[str] = []
    last = 0
    while not last:
        operator = draft.uint("Operator", 1, lambda value: _operator(value, mask))
        last = operator & 0x80
        value = draft.uint("Value", 1 << (operator >> 4 & 3))
        joined = " and " if operator & 0x40 else " or "
        words.append((joined if words else "") + f"{_operator(operator, mask)} {value}")
    return "".join(words)


def _operator(value: int, mask: bool) -> str:
    if mask:
        return ("not " if value & 2 else "") + ("all of" if value & 1 else "any of")
    return _COMPARISONS[value & 7]
