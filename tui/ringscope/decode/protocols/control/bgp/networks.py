# SPDX-License-Identifier: Apache-2.0
"""Network layer reachability information of BGP, by address family: prefixes (RFC 4271), labels (RFC 8277), VPNs
(RFC 4364), EVPN (RFC 7432, RFC 9136), VPLS (RFC 4761), flow specifications (RFC 8955), route targets (RFC 4684), BGP-LS
(RFC 9552), SR policies (RFC 9830), multicast VPN (RFC 6514)."""

from __future__ import annotations

from collections.abc import Callable
from struct import unpack_from

from ringscope.decode.address import ip_text, ipv4, mac
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import octets
from ringscope.decode.protocols.control.bgp.communities import extended_text
from ringscope.decode.protocols.control.bgp.flowspec import flow_specification

_WIDTHS = {1: 4, 2: 16}


def distinguisher(raw: bytes) -> str:
    """A route distinguisher of eight bytes (RFC 4364 section 4.2)."""
    kind = raw[0] << 8 | raw[1]
    if kind == 1:
        return f"{ipv4(raw[2:6])}:{raw[6] << 8 | raw[7]}"
    one, other = unpack_from(">IH" if kind == 2 else ">HI", raw, 2)
    return f"{one}:{other}"


def networks(draft: Draft, label: str, family: int, subsequent: int) -> str:
    """All up to the draft's end; returns how many there are."""
    read = _LISTS.get((family, subsequent))
    if family in _WIDTHS:
        if subsequent in (1, 2):
            return _counted(prefixes(draft, label, family))
        read = _OF_IP.get(subsequent)
    if read is None:
        draft.rest(label)
        return "of a form not read here"
    count = 0
    while draft.left:
        read(draft, label, family)
        count += 1
    return _counted(count)


def _counted(count: int) -> str:
    return f"{count} network" if count == 1 else f"{count} networks"


def _fits(data: bytes, width: int, *, identified: bool, whole: bool) -> bool:
    """Whether the bytes are prefixes of which at most one has the length 0; the last may be cut unless `whole`."""
    at = defaults = 0
    while at < len(data):
        at += 4 if identified else 0
        if at >= len(data):
            return not whole
        if data[at] > width * 8:
            return False
        defaults += not data[at]
        at += 1 + (data[at] + 7) // 8
    return defaults < 2 and (at == len(data) or not whole)


def _identified(raw: bytes, width: int) -> bool:
    for whole in (True, False):
        for identified in (False, True):
            if _fits(raw, width, identified=identified, whole=whole):
                return identified
    return False


def prefixes(draft: Draft, label: str, family: int) -> int:
    """Prefixes up to the draft's end; returns how many.

    Whether each has a path identifier before it (RFC 7911) was agreed upon in other packets. It is assumed where only
    that makes sense of the list, or where it would else hold the default route more than once.
    """
    width = _WIDTHS[family]
    raw = draft.data[draft.at : draft.at + draft.left]
    identified = _identified(raw, width)
    count = 0
    while draft.left:
        count += 1
        if identified:
            with draft.group(label) as group:
                number = draft.uint("Path identifier", 4)
                group.display = f"{_prefix(draft, 'Prefix', width)} (path {number})"
                group.note = "path identifiers, concluded from the form of the list"
        else:
            _prefix(draft, label, width)
    return count


def _prefix(draft: Draft, label: str, width: int) -> str:
    length = draft.peek()
    if length > width * 8:
        raise Malformed(f"prefix of length {length}")

    def form(raw: bytes) -> str:
        return f"{ip_text(raw[1:].ljust(width, bytes(1)))}/{length}"

    return form(draft.raw(label, 1 + (length + 7) // 8, form))


def _labels(draft: Draft, left: int) -> tuple[str, int]:
    """Labels up to the one at the bottom of the stack, or the one that stands for a withdrawal; and their bits."""
    found: list[str] = []
    taken = 0
    while taken + 24 <= left:
        raw = draft.uint("Label", 3, lambda value: f"{value >> 4}{', bottom' if value & 1 else ''}")
        found.append(str(raw >> 4))
        taken += 24
        if raw & 1 or raw in (0x800000, 0):
            break
    return "/".join(found), taken


def _labelled(draft: Draft, label: str, family: int) -> None:
    _with_labels(draft, label, family, vpn=False)


def _vpn(draft: Draft, label: str, family: int) -> None:
    _with_labels(draft, label, family, vpn=True)


def _with_labels(draft: Draft, label: str, family: int, *, vpn: bool) -> None:
    width = _WIDTHS[family]
    with draft.group(label) as group:
        bits = draft.uint("Length", 1, lambda value: f"{value} bits")
        words, taken = _labels(draft, bits)
        bits -= taken
        if vpn:
            bits -= 64
            if bits < 0:
                raise Malformed("VPN prefix shorter than its distinguisher")
            group.display = f"{distinguisher(draft.raw('Route distinguisher', 8, distinguisher))} "
        if bits > width * 8:
            raise Malformed(f"prefix of length {bits}")

        def form(raw: bytes) -> str:
            return f"{ip_text(raw.ljust(width, bytes(1)))}/{bits}"

        raw = draft.raw("Prefix", (bits + 7) // 8, form)
        group.display += f"{form(raw)} label {words}"


_ROUTES = {
    1: "Ethernet auto-discovery",
    2: "MAC/IP advertisement",
    3: "inclusive multicast",
    4: "Ethernet segment",
    5: "IP prefix",
    6: "selective multicast",
    7: "IGMP join synch",
    8: "IGMP leave synch",
}


def _ethernet_vpn(draft: Draft, label: str, _: int) -> None:
    with draft.group(label) as group:
        kind = draft.uint("Route type", 1, _ROUTES)
        size = draft.uint("Length", 1)
        with draft.limited(size):
            words = distinguisher(draft.raw("Route distinguisher", 8, distinguisher)) if size >= 8 else ""
            told = _EVPN[kind](draft) if kind in _EVPN else ""
            draft.rest("Rest of the route")
        group.display = f"{_ROUTES.get(kind, f'type {kind}')} {words} {told}".rstrip()


def _label(draft: Draft, label: str = "Label") -> int:
    # Of MPLS the upper 20 bits, of VXLAN all 24 (RFC 8365).
    return draft.uint(label, 3, lambda value: f"{value >> 4} (or network {value})")


def _discovery(draft: Draft) -> str:
    segment = octets(draft.raw("Ethernet segment", 10))
    tag = draft.uint("Ethernet tag", 4)
    _label(draft)
    return f"{segment} tag {tag}"


def _address(draft: Draft, label: str) -> str:
    size = draft.uint(f"{label} length", 1, lambda value: f"{value} bits") // 8
    return ip_text(draft.raw(label, size, ip_text)) if size else ""


def _station(draft: Draft) -> str:
    draft.raw("Ethernet segment", 10)
    draft.uint("Ethernet tag", 4)
    size = draft.uint("MAC length", 1, lambda value: f"{value} bits") // 8
    words = mac(draft.raw("MAC", size, mac)) if size else ""
    words = f"{words} {_address(draft, 'IP')}".rstrip()
    _label(draft)
    if draft.left >= 3:
        _label(draft, "Second label")
    return words


def _inclusive(draft: Draft) -> str:
    tag = draft.uint("Ethernet tag", 4)
    return f"{_address(draft, 'Originator')} tag {tag}"


def _segment(draft: Draft) -> str:
    segment = octets(draft.raw("Ethernet segment", 10))
    return f"{segment} {_address(draft, 'Originator')}"


def _route(draft: Draft) -> str:
    draft.raw("Ethernet segment", 10)
    draft.uint("Ethernet tag", 4)
    length = draft.uint("Prefix length", 1)
    width = 4 if draft.left < 35 else 16
    address = ip_text(draft.raw("Prefix", width, ip_text))
    gateway = ip_text(draft.raw("Gateway", width, ip_text))
    _label(draft)
    return f"{address}/{length} by {gateway}"


_EVPN: dict[int, Callable[[Draft], str]] = {1: _discovery, 2: _station, 3: _inclusive, 4: _segment, 5: _route}


def _vpls(draft: Draft, label: str, _: int) -> None:
    with draft.group(label) as group:
        size = draft.uint("Length", 2)
        with draft.limited(size):
            words = distinguisher(draft.raw("Route distinguisher", 8, distinguisher))
            if size == 17:
                group.display = f"{words} site {draft.uint('VPLS edge', 2)}"
                draft.uint("Block offset", 2)
                draft.uint("Block size", 2)
                draft.uint("Label base", 3, lambda value: str(value >> 4))
            else:
                group.display = f"{words} {octets(draft.rest('Rest of the route'))}"


def _target(draft: Draft, label: str, _: int) -> None:
    with draft.group(label) as group:
        bits = draft.uint("Length", 1, lambda value: f"{value} bits")
        if bits == 96:
            origin = draft.uint("Origin AS", 4)
            group.display = f"{origin} {extended_text(draft.raw('Route target', 8, extended_text))}"
        elif bits:
            group.display = octets(draft.raw("Route target prefix", (bits + 7) // 8))
        else:
            group.display = "all route targets"


_LINK_STATES = {1: "node", 2: "link", 3: "IPv4 prefix", 4: "IPv6 prefix", 6: "SRv6 SID"}
_SOURCES = {1: "IS-IS level 1", 2: "IS-IS level 2", 3: "OSPFv2", 4: "direct", 5: "static", 6: "OSPFv3", 7: "BGP"}


def _link_state(draft: Draft, label: str, _: int) -> None:
    with draft.group(label) as group:
        kind = draft.uint("Type", 2, _LINK_STATES)
        group.display = _LINK_STATES.get(kind, f"type {kind}")
        size = draft.uint("Length", 2)
        with draft.limited(size):
            if size < 9:
                draft.rest("Value")
                return
            source = draft.uint("Source", 1, _SOURCES)
            group.display += f" from {_SOURCES.get(source, str(source))}"
            draft.uint("Identifier", 8)
            while draft.left >= 4:
                draft.uint("Descriptor", 2)
                length = draft.uint("Descriptor length", 2)
                if length:
                    draft.raw("Descriptor value", length)


def _policy(draft: Draft, label: str, family: int) -> None:
    with draft.group(label) as group:
        bits = draft.uint("Length", 1, lambda value: f"{value} bits")
        with draft.limited((bits + 7) // 8):
            draft.uint("Distinguisher", 4)
            color = draft.uint("Color", 4)
            group.display = f"color {color} to {ip_text(draft.raw('Endpoint', _WIDTHS[family], ip_text))}"


_MULTICAST = {
    1: "intra-AS inclusive",
    2: "inter-AS inclusive",
    3: "selective",
    4: "leaf",
    5: "source active",
    6: "shared tree join",
    7: "source tree join",
}


def _multicast(draft: Draft, label: str, _: int) -> None:
    with draft.group(label) as group:
        kind = draft.uint("Route type", 1, _MULTICAST)
        size = draft.uint("Length", 1)
        group.display = _MULTICAST.get(kind, f"type {kind}")
        with draft.limited(size):
            if kind != 4 and size >= 8:
                group.display += f" {distinguisher(draft.raw('Route distinguisher', 8, distinguisher))}"
            draft.rest("Rest of the route")


def _flow(draft: Draft, label: str, family: int) -> None:
    flow_specification(draft, label, six=family == 2)


def _vpn_flow(draft: Draft, label: str, family: int) -> None:
    flow_specification(draft, label, six=family == 2, distinguisher=distinguisher)


_OF_IP: dict[int, Callable[[Draft, str, int], None]] = {
    4: _labelled,
    5: _multicast,
    73: _policy,
    128: _vpn,
    129: _vpn,
    132: _target,
    133: _flow,
    134: _vpn_flow,
}
_LISTS: dict[tuple[int, int], Callable[[Draft, str, int], None]] = {
    (25, 65): _vpls,
    (25, 70): _ethernet_vpn,
    (16388, 71): _link_state,
}
