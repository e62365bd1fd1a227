# SPDX-License-Identifier: Apache-2.0
"""Type-length-values in OSPF's advertisements: traffic engineering (RFC 3630, RFC 5329), graceful restart (RFC 3623,
RFC 5187), router information (RFC 7770), extended prefixes and links (RFC 7684) with segment routing (RFC 8665)."""

from __future__ import annotations

from struct import unpack

from ringscope.decode.address import ipv4, ipv6
from ringscope.decode.draft import Draft
from ringscope.decode.forms import Form, formed, hex2, hex8, plain, seconds
from ringscope.decode.protocols.control.ospf.names import LINKS
from ringscope.decode.values import Reader, Table, addresses4, addresses6, blob, number, numbers, text


def values(draft: Draft, table: Table) -> None:
    """All up to the draft's end, each padded to four bytes."""
    while draft.left >= 4:
        kind = draft.peek(2)
        name, reader = table.get(kind, (f"TLV {kind}", blob))
        with draft.group(name) as group:
            draft.uint("Type", 2)
            size = draft.uint("Length", 2)
            with draft.limited(size):
                group.display = reader(draft, size)
                draft.rest("Rest of the value")
            if draft.left:
                draft.raw("Padding", min(-size % 4, draft.left))


def _sub(table: Table, before: Reader, size: int) -> Reader:
    """A value of a fixed part and type-length-values of a table of its own."""

    def read(draft: Draft, length: int) -> str:
        if length < size:
            return blob(draft, length)
        words = before(draft, size)
        values(draft, table)
        return words

    return read


def _empty(_: Draft, __: int) -> str:
    return ""


def _rate(value: bytes) -> str:
    """Bytes a second as an IEEE 754 number."""
    (rate,) = unpack(">f", value)
    return f"{rate * 8 / 1e6:g} Mbit/s"


def _rates(draft: Draft, size: int) -> str:
    found = [_rate(draft.raw("Bandwidth", 4, _rate)) for _ in range(size // 4)]
    return ", ".join(found)


def _pair(draft: Draft, size: int) -> str:
    if size != 8:
        return blob(draft, size)
    return f"local {draft.uint('Local', 4)}, remote {draft.uint('Remote', 4)}"


def _switching(draft: Draft, size: int) -> str:
    if size < 36:
        return blob(draft, size)
    kinds = {1: "packet", 51: "layer 2", 100: "TDM", 110: "OTN", 150: "lambda", 200: "fiber"}
    kind = draft.uint("Switching capability", 1, kinds)
    draft.uint("Encoding", 1)
    draft.uint("Reserved", 2)
    for _ in range(8):
        draft.raw("Maximum LSP bandwidth", 4, _rate)
    return formed(kinds, kind)


def _sid(size: int) -> tuple[str, int, Form]:
    return ("Label", 3, plain) if size == 3 else ("Index", 4, plain)


def _prefix_sid(draft: Draft, size: int) -> str:
    if size < 7:
        return blob(draft, size)
    draft.uint("Flags", 1, hex2)
    draft.uint("Reserved", 1, hex2)
    draft.uint("Multi-topology", 1)
    draft.uint("Algorithm", 1)
    label, count, form = _sid(size - 4)
    return f"{label.lower()} {draft.uint(label, count, form)}"


def _adjacency_sid(draft: Draft, size: int) -> str:
    if size < 7:
        return blob(draft, size)
    draft.uint("Flags", 1, hex2)
    draft.uint("Reserved", 1, hex2)
    draft.uint("Multi-topology", 1)
    draft.uint("Weight", 1)
    label, count, form = _sid(size - 4)
    return f"{label.lower()} {draft.uint(label, count, form)}"


def _lan_adjacency_sid(draft: Draft, size: int) -> str:
    if size < 11:
        return blob(draft, size)
    draft.uint("Flags", 1, hex2)
    draft.uint("Reserved", 1, hex2)
    draft.uint("Multi-topology", 1)
    draft.uint("Weight", 1)
    neighbour = ipv4(draft.raw("Neighbor", 4, ipv4))
    label, count, form = _sid(size - 8)
    return f"{label.lower()} {draft.uint(label, count, form)} to {neighbour}"


def _range(draft: Draft, _: int) -> str:
    count = draft.uint("Range size", 3)
    draft.uint("Reserved", 1, hex2)
    return f"{count} labels"


def _label(draft: Draft, size: int) -> str:
    if size not in (3, 4):
        return blob(draft, size)
    label, count, form = _sid(size)
    return formed(form, draft.uint(label, count, form))


def _prefix(draft: Draft, _: int) -> str:
    draft.uint("Route type", 1, {0: "any", 1: "intra-area", 3: "inter-area", 5: "AS external", 7: "NSSA external"})
    length = draft.uint("Prefix length", 1)
    draft.uint("Address family", 1)
    draft.uint("Flags", 1, hex2)
    return f"{ipv4(draft.raw('Prefix', 4, ipv4))}/{length}"


def _link(draft: Draft, _: int) -> str:
    kind = draft.uint("Link type", 1, LINKS)
    draft.uint("Reserved", 3)
    to = ipv4(draft.raw("Link", 4, ipv4))
    draft.raw("Link data", 4, ipv4)
    return f"{LINKS.get(kind, f'type {kind}')} {to}"


def _router_link(draft: Draft, _: int) -> str:
    kind = draft.uint("Link type", 1, LINKS)
    draft.uint("Reserved", 1)
    metric = draft.uint("Metric", 2)
    draft.uint("Interface", 4)
    draft.uint("Neighbor interface", 4)
    router = ipv4(draft.raw("Neighbor router", 4, ipv4))
    return f"{LINKS.get(kind, f'type {kind}')} to {router}, metric {metric}"


def _six_prefix(draft: Draft, size: int) -> str:
    if size < 8:
        return blob(draft, size)
    draft.uint("Flags", 1, hex2)
    metric = draft.uint("Metric", 3)
    length = draft.uint("Prefix length", 1)
    draft.uint("Prefix options", 1, hex2)
    draft.uint("Reserved", 2)
    width = min((length + 31) // 32 * 4, 16, size - 8)
    address = draft.raw("Address", width, lambda value: ipv6(value.ljust(16, b"\0")))
    values(draft, _EXTENDED_SUB)
    return f"{ipv6(address.ljust(16, bytes(1)))}/{length}, metric {metric}"


_REASONS = {0: "unknown", 1: "software restart", 2: "software reload", 3: "switch to redundant processor"}
_LINK_TYPES = {1: "point-to-point", 2: "multi-access"}
_LINK_TRAFFIC: Table = {
    1: ("Link type", number(_LINK_TYPES)),
    2: ("Link", addresses4("Link")),
    3: ("Local address", addresses4()),
    4: ("Remote address", addresses4()),
    5: ("Traffic engineering metric", number()),
    6: ("Maximum bandwidth", _rates),
    7: ("Maximum reservable bandwidth", _rates),
    8: ("Unreserved bandwidth", _rates),
    9: ("Administrative group", number(hex8)),
    10: ("Reserved bandwidth", blob),
    11: ("Link identifiers", _pair),
    14: ("Link protection", blob),
    15: ("Switching capability", _switching),
    16: ("Shared risk link groups", numbers(4)),
    17: ("Bandwidth constraints", blob),
    19: ("Local address (IPv6)", addresses6()),
    20: ("Remote address (IPv6)", addresses6()),
    21: ("Remote AS", number()),
    22: ("Remote AS boundary router", addresses4()),
    26: ("Extended administrative group", numbers(4, hex8)),
    27: ("Unidirectional link delay", number(lambda value: f"{value & 0xFFFFFF} us")),
    30: ("Unidirectional link loss", number()),
}
TRAFFIC: Table = {
    1: ("Router address", addresses4("Router")),
    2: ("Link", _sub(_LINK_TRAFFIC, _empty, 0)),
    3: ("Router address (IPv6)", addresses6("Router")),
    5: ("Node attributes", blob),
}
GRACE: Table = {
    1: ("Grace period", number(seconds)),
    2: (
        "Reason",
        number(_REASONS),
    ),
    3: ("Interface address", addresses4()),
}
_RANGES: Table = {1: ("SID/label", _label)}
ROUTER_INFORMATION: Table = {
    1: ("Router capabilities", number(hex8)),
    2: ("Functional capabilities", number(hex8)),
    3: ("Traffic engineering mesh group (IPv4)", blob),
    4: ("Traffic engineering mesh group (IPv6)", blob),
    5: ("Traffic engineering node capabilities", blob),
    6: ("Path computation element", blob),
    7: ("Host name", text),
    8: ("Segment routing algorithms", numbers(1, {0: "shortest path first", 1: "strict shortest path first"})),
    9: ("SID/label range", _sub(_RANGES, _range, 4)),
    10: ("Administrative tags", numbers(4)),
    12: ("Maximum SID depths", blob),
    14: ("Segment routing local block", _sub(_RANGES, _range, 4)),
    15: ("Mapping server preference", blob),
    16: ("Flexible algorithm", blob),
}
_EXTENDED_PREFIX: Table = {2: ("Prefix SID", _prefix_sid), 4: ("Source", addresses4())}
_EXTENDED_LINK: Table = {
    2: ("Adjacency SID", _adjacency_sid),
    3: ("LAN adjacency SID", _lan_adjacency_sid),
    8: ("Remote address", addresses4()),
    9: ("Link identifiers", _pair),
}
OPAQUE: dict[int, Table] = {
    1: TRAFFIC,
    3: GRACE,
    4: ROUTER_INFORMATION,
    6: TRAFFIC,
    7: {1: ("Extended prefix", _sub(_EXTENDED_PREFIX, _prefix, 8)), 2: ("Extended prefix range", blob)},
    8: {1: ("Extended link", _sub(_EXTENDED_LINK, _link, 12))},
}
"""By opaque type."""
_EXTENDED_SUB: Table = {
    1: ("Forwarding address (IPv6)", addresses6()),
    2: ("Forwarding address (IPv4)", addresses4()),
    3: ("Route tag", number()),
    4: ("Prefix SID", _prefix_sid),
    5: ("Adjacency SID", _adjacency_sid),
    6: ("LAN adjacency SID", _lan_adjacency_sid),
    7: ("SID/label", _label),
}
EXTENDED: Table = {
    1: ("Router link", _sub(_EXTENDED_SUB, _router_link, 16)),
    2: ("Attached routers", addresses4("Attached router")),
    3: ("Inter-area prefix", _six_prefix),
    4: ("Inter-area router", blob),
    5: ("External prefix", _six_prefix),
    6: ("Intra-area prefix", _six_prefix),
    7: ("Link-local address (IPv6)", addresses6()),
    8: ("Link-local address (IPv4)", addresses4()),
}
"""Of RFC 8362."""
