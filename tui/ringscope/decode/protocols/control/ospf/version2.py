# SPDX-License-Identifier: Apache-2.0
"""Link state advertisements of OSPF version 2 (RFC 2328 appendix A.4, RFC 3101, RFC 5250)."""

from __future__ import annotations

from ringscope.decode.address import ipv4
from ringscope.decode.checksum import fletcher
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex2, hex4, hex8, plain
from ringscope.decode.protocols.control.ospf.names import KINDS2, LINKS, OPAQUES, OPTIONS2, ROUTER
from ringscope.decode.protocols.control.ospf.values import OPAQUE, values

_HEADER = 20
_OPAQUE = (9, 10, 11)


def age(value: int) -> str:
    """Seconds; the highest bit says that it does not age (RFC 1793)."""
    return f"{value & 0x7FFF} s, does not age" if value & 0x8000 else f"{value} s"


def request(draft: Draft) -> None:
    """One advertisement that is asked for."""
    with draft.group("Request") as group:
        kind = draft.uint("Type", 4, KINDS2)
        name = ipv4(draft.raw("Link state", 4, ipv4))
        group.display = f"{KINDS2.get(kind, f'type {kind}')} {name} of {ipv4(draft.raw('Advertising router', 4, ipv4))}"


def verdict(draft: Draft, size: int) -> str:
    """Whether the checksum of the advertisement that begins here is right; "" where not all of it is there."""
    start, stop = draft.at, draft.at + size
    if size <= _HEADER or stop > min(draft.end, draft.tree.size):
        return ""
    right = fletcher(draft.data[start + 2 : stop])
    return f"{'right' if right else 'wrong'}, computed over the LSA without its age"


def advertisement(draft: Draft) -> None:
    """A whole advertisement."""
    with draft.group("LSA") as group:
        start = draft.at
        kind, size, identifier, group.display = _header(draft, verdict(draft, draft.peek(2, 18)))
        if size < _HEADER:
            raise Malformed(f"LSA of length {size}")
        with draft.limited(start + size - draft.at):
            if kind in _OPAQUE:
                values(draft, OPAQUE.get(identifier >> 24, {}))
            elif kind in _BODIES:
                _BODIES[kind](draft)
            draft.rest("Data")


def header(draft: Draft, label: str) -> None:
    """An advertisement's header alone."""
    with draft.group(label) as group:
        group.display = _header(draft, "")[-1]


def _header(draft: Draft, note: str) -> tuple[int, int, int, str]:
    draft.uint("Age", 2, age)
    draft.flags("Options", 1, hex2, *OPTIONS2)
    kind = draft.uint("Type", 1, KINDS2)
    if kind in _OPAQUE:
        identifier = draft.peek(4)
        opaque = draft.uint("Opaque type", 1, OPAQUES)
        draft.uint("Opaque identifier", 3)
        name = f"{OPAQUES.get(opaque, f'opaque type {opaque}')} {identifier & 0xFFFFFF}"
    else:
        raw = draft.raw("Link state", 4, ipv4)
        identifier, name = int.from_bytes(raw, "big"), ipv4(raw)
    router = ipv4(draft.raw("Advertising router", 4, ipv4))
    draft.uint("Sequence number", 4, hex8)
    draft.uint("Checksum", 2, hex4, note=note)
    size = draft.uint("Length", 2)
    return kind, size, identifier, f"{KINDS2.get(kind, f'type {kind}')} {name} of {router}"


def _router(draft: Draft) -> None:
    draft.flags("Flags", 1, hex2, *ROUTER)
    draft.uint("Reserved", 1, hex2)
    for _ in range(draft.uint("Links", 2)):
        with draft.group("Link") as group:
            kind = draft.peek(1, 8)
            network = kind == 3
            to = draft.raw("Network" if network else "Link", 4, ipv4)
            data = draft.raw("Network mask" if network else "Link data", 4, ipv4)
            draft.uint("Type", 1, LINKS)
            others = draft.uint("Other metrics", 1)
            metric = draft.uint("Metric", 2)
            group.display = f"{LINKS.get(kind, f'type {kind}')} {ipv4(to)} {ipv4(data)}, metric {metric}"
            for _ in range(others):
                draft.uint("Type of service", 1)
                draft.uint("Reserved", 1)
                draft.uint("Metric", 2)


def _network(draft: Draft) -> None:
    draft.raw("Network mask", 4, ipv4)
    while draft.left >= 4:
        draft.raw("Attached router", 4, ipv4)


def _summary(draft: Draft) -> None:
    draft.raw("Network mask", 4, ipv4)
    while draft.left >= 4:
        draft.uint("Type of service", 1)
        draft.uint("Metric", 3)


def _external(draft: Draft) -> None:
    draft.raw("Network mask", 4, ipv4)
    while draft.left >= 12:
        draft.bits(1, ("External type", 1, {0: "type 1", 1: "type 2"}), ("Type of service", 7, plain))
        draft.uint("Metric", 3)
        draft.raw("Forwarding address", 4, ipv4)
        draft.uint("Route tag", 4)


def _group(draft: Draft) -> None:
    """RFC 1584."""
    while draft.left >= 8:
        draft.uint("Vertex type", 4, {1: "router", 2: "network"})
        draft.raw("Vertex", 4, ipv4)


_BODIES = {1: _router, 2: _network, 3: _summary, 4: _summary, 5: _external, 6: _group, 7: _external}
