# SPDX-License-Identifier: Apache-2.0
"""The expression of a field, or of a layer as a whole; where there is none, why."""

from __future__ import annotations

from collections.abc import Sequence

from ringscope.app.expression.octets import MOST_BYTES, tests
from ringscope.app.expression.primitives import ethertype, primitive
from ringscope.app.expression.reach import ETHERNET, NOWHERE, Reach, reaches
from ringscope.decode import Field, Layer
from ringscope.frozen import frozen

_SAME = {"ip": "ip", "ipv6": "ip6", "arp": "arp", "tcp": "tcp", "udp": "udp", "sctp": "sctp", "icmp": "icmp",
         "icmpv6": "icmp6", "igmp": "igmp", "pim": "pim", "vrrp": "vrrp"}  # fmt: skip
_PORTED = frozenset({"tcp", "udp", "sctp"})


@frozen
class Expression:
    """What selects the packet; an empty ``text`` means that nothing does. ``note``: what to know of it, or why."""

    text: str
    note: str = ""


def field_expression(layers: Sequence[Layer], place: int, field: Field, data: bytes, link_type: int) -> Expression:
    """That a packet has this field of layer ``place`` with this value. data: the captured bytes."""
    layer = layers[place]
    if layer.name == "frame" and field.name == "Length on the wire":
        number = "".join(character for character in field.display if character.isdecimal())
        return Expression(f"len = {number}")
    raw = data[field.start : field.start + field.length]
    if not raw:
        return Expression("", f"no filter for {field.name}: {NOWHERE}")
    found = reaches(layers, data, link_type)
    here = found[place]
    made = primitive(layer, field, raw, here, _outer(found, place))
    if made:
        return Expression(made)
    if here.anchor is None or field.start < here.anchor.start:
        return Expression("", f"no filter for {field.name}: {here.why or NOWHERE}")
    if len(raw) > MOST_BYTES:
        return Expression("", f"no filter for {len(raw)} bytes of {field.name}; / searches for them")
    note = "" if here.anchor.known else "tests bytes at this very place"
    return Expression(f"{here.anchor.prefix}{tests(here.anchor, data, field)}", note)


def layer_expression(layers: Sequence[Layer], place: int, data: bytes, link_type: int) -> Expression:
    """Packets that have a header like layer ``place``."""
    layer, found = layers[place], reaches(layers, data, link_type)
    here, outer = found[place], _outer(found, place)
    if here.moves:
        return Expression(f"{outer}{layer.name if layer.name in ('mpls', 'pppoes') else 'vlan'}")
    anchor = here.anchor
    if anchor is not None and anchor.known and layer.name in _SAME and len(anchor.guards) < 2:
        token = anchor.token if anchor.token == "rarp" else _SAME[layer.name]
        return Expression(f"{anchor.prefix}{token}")
    before = layers[place - 1] if place else None
    below = found[place - 1].anchor if place else None
    if before is not None and below is not None and below.known and before.name in _PORTED:
        ports = [field.value for field in before.fields if field.name in ("Source port", "Destination port")]
        numbers = [port for port in ports if isinstance(port, int)]
        if len(below.guards) < 2 and numbers:
            return Expression(f"{below.prefix}{before.name} port {min(numbers)}", "by its port")
    if anchor is not None and anchor.guards and anchor.guards[0].startswith(("ether proto", "ip proto")):
        return Expression(f"{anchor.prefix}{anchor.guards[0]}")
    if layer.name == "eth" and link_type == ETHERNET and layer.start == 0 and int.from_bytes(data[12:14], "big") > 1500:
        return Expression(ethertype(int.from_bytes(data[12:14], "big")), "by its type")
    return Expression("", f"no filter for this layer: {here.why or 'pcap-filter has no word for it'}")


def _outer(found: Sequence[Reach], place: int) -> str:
    return found[place - 1].prefix if place else ""
