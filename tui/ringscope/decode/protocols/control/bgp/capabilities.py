# SPDX-License-Identifier: Apache-2.0
"""Capabilities of BGP speakers (RFC 5492 and the RFCs of IANA's registry)."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, plain, seconds, yes
from ringscope.decode.protocols.control.bgp.names import CAPABILITIES, FAMILIES, ROLES, SUBSEQUENT, family_name
from ringscope.decode.values import Reader, blob, number


def capability(draft: Draft) -> None:
    """Code, length, value."""
    code = draft.peek()
    with draft.group(CAPABILITIES.get(code, f"Capability {code}")) as group:
        draft.uint("Capability", 1, CAPABILITIES)
        size = draft.uint("Length", 1)
        with draft.limited(size):
            group.display = _READERS.get(code, blob)(draft, size)
            draft.rest("Rest of the value")


def family(draft: Draft, wide: int = 1) -> str:
    """Address family and subsequent identifier of one or two bytes."""
    one = draft.uint("Address family", 2, FAMILIES)
    return family_name(one, draft.uint("Subsequent family", wide, SUBSEQUENT))


def _multiprotocol(draft: Draft, size: int) -> str:
    if size < 4:
        return blob(draft, size)
    one = draft.uint("Address family", 2, FAMILIES)
    draft.uint("Reserved", 1, hex2)
    return family_name(one, draft.uint("Subsequent family", 1, SUBSEQUENT))


def _each(size: int, read: Reader) -> Reader:
    """A list of entries of one size."""

    def all_of_them(draft: Draft, length: int) -> str:
        return ", ".join(read(draft, size) for _ in range(length // size))

    return all_of_them


def _next_hop(draft: Draft, _: int) -> str:
    words = family(draft, 2)
    return f"{words} by {FAMILIES.get(draft.uint('Next hop family', 2, FAMILIES), 'another family')}"


def _labels(draft: Draft, _: int) -> str:
    return f"{family(draft)} {draft.uint('Labels', 1)}"


def _graceful(draft: Draft, size: int) -> str:
    if size < 2:
        return blob(draft, size)
    parts = (("Restarting (R)", 1, yes), ("Notifications (N)", 1, yes), ("", 2, plain), ("Restart time", 12, seconds))
    time = draft.bits(2, *parts)[-1]
    families = _each(4, _kept)(draft, size - 2)
    return f"{time} s" + (f", {families}" if families else "")


def _kept(draft: Draft, _: int) -> str:
    words = family(draft)
    draft.flags("Flags", 1, hex2, ("Forwarding state kept (F)", 1, yes), ("", 7, plain))
    return words


def _long_lived(draft: Draft, _: int) -> str:
    words = _kept(draft, 4)
    return f"{words} {seconds(draft.uint('Stale time', 3, seconds))}"


_DIRECTIONS = {1: "receive", 2: "send", 3: "send and receive"}


def _paths(draft: Draft, _: int) -> str:
    words = family(draft)
    way = draft.uint("Send/receive", 1, _DIRECTIONS)
    return f"{words} {_DIRECTIONS.get(way, str(way))}"


def _host(draft: Draft, size: int) -> str:
    found: list[str] = []
    for label in ("Host name", "Domain name"):
        if not draft.left:
            break
        length = draft.uint(f"{label} length", 1)
        if length:
            found.append(draft.text(label, length))
    return ".".join(found)


def _version(draft: Draft, size: int) -> str:
    if not size:
        return ""
    length = draft.uint("Version length", 1)
    return draft.text("Version", length) if length else ""


_FILTERS = {64: "address prefixes", 65: "CP", 128: "address prefixes (Cisco)"}


def _filters(draft: Draft, size: int) -> str:
    found: list[str] = []
    while draft.left >= 5:
        one = draft.uint("Address family", 2, FAMILIES)
        draft.uint("Reserved", 1, hex2)
        found.append(family_name(one, draft.uint("Subsequent family", 1, SUBSEQUENT)))
        for _ in range(draft.uint("Filters", 1)):
            draft.uint("Filter type", 1, _FILTERS)
            draft.uint("Send/receive", 1, _DIRECTIONS)
    return ", ".join(found)


_READERS: dict[int, Reader] = {
    1: _multiprotocol,
    3: _filters,
    5: _each(6, _next_hop),
    8: _each(4, _labels),
    9: number(ROLES, "Role"),
    64: _graceful,
    65: number(label="Autonomous system"),
    69: _each(4, _paths),
    71: _each(7, _long_lived),
    73: _host,
    75: _version,
    130: _filters,
}
