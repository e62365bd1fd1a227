# SPDX-License-Identifier: Apache-2.0
"""What pcap-filter(7) has words for: addresses, ports, protocols, tags and labels, flags, lengths.

Each is asked for a layer that the expression can reach (see ``reach``); the values are read from the bytes.
"""

from __future__ import annotations

from collections.abc import Callable

from ringscope.app.expression.reach import Reach
from ringscope.decode import Field, Layer
from ringscope.decode.address import ip_text, mac

Words = Callable[[bytes], str]
"""Bytes of a field to an expression."""

_ETHERTYPES = {0x0800: "ip", 0x0806: "arp", 0x8035: "rarp", 0x86DD: "ip6", 0x8864: "pppoes"}
_TAGS = frozenset({0x8100, 0x88A8, 0x9100})
_FLAGS = {"CWR": "cwr", "ECE": "ece", "URG": "urg", "ACK": "ack", "PSH": "push", "RST": "rst", "SYN": "syn",
          "FIN": "fin"}  # fmt: skip
_PORTED = frozenset({"tcp", "udp", "sctp"})


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "big")


def ethertype(number: int) -> str:
    """Packets whose Ethertype is this one."""
    return "vlan" if number in _TAGS else _ETHERTYPES.get(number) or f"ether proto 0x{number:04x}"


_WORDS: dict[tuple[str, str], Words] = {
    ("ether", "Source"): lambda raw: f"ether src {mac(raw)}",
    ("ether", "Destination"): lambda raw: f"ether dst {mac(raw)}",
    ("ether", "Type"): lambda raw: ethertype(_number(raw)) if _number(raw) > 1500 else "",
    ("ip", "Source"): lambda raw: f"src host {ip_text(raw)}",
    ("ip", "Destination"): lambda raw: f"dst host {ip_text(raw)}",
    ("ip", "Protocol"): lambda raw: f"ip proto {raw[0]}",
    ("ip6", "Source"): lambda raw: f"src host {ip_text(raw)}",
    ("ip6", "Destination"): lambda raw: f"dst host {ip_text(raw)}",
    ("ip6", "Next header"): lambda raw: f"ip6 proto {raw[0]}",
    ("arp", "Sender IP"): lambda raw: f"arp src host {ip_text(raw)}",
    ("arp", "Target IP"): lambda raw: f"arp dst host {ip_text(raw)}",
    ("icmp", "Type"): lambda raw: f"icmp[icmptype] = {raw[0]}",
    ("icmp", "Code"): lambda raw: f"icmp[icmpcode] = {raw[0]}",
    ("icmp6", "Type"): lambda raw: f"icmp6[icmp6type] = {raw[0]}",
    ("icmp6", "Code"): lambda raw: f"icmp6[icmp6code] = {raw[0]}",
}
_SIZES = {("ether", "Source"): 6, ("ether", "Destination"): 6, ("arp", "Sender IP"): 4, ("arp", "Target IP"): 4}


def primitive(layer: Layer, field: Field, raw: bytes, here: Reach, outer: str) -> str:
    """The expression for a field, or "" where it has no words of its own.

    here: how its layer is reached; outer: the prefix of what is around the layer.
    """
    if here.moves:
        return _of_mover(layer, field, raw, outer)
    anchor = here.anchor
    if anchor is None or not anchor.known:
        return ""
    if layer.name in _PORTED and field.name in ("Source port", "Destination port"):
        way = "src" if field.name == "Source port" else "dst"
        # Behind an extension header of IPv6 pcap-filter finds no ports.
        return f"{anchor.prefix}{layer.name} {way} port {_number(raw)}" if len(anchor.guards) < 2 else ""
    if anchor.token == "tcp" and field.name in _FLAGS and field.depth:
        return f"{anchor.prefix}tcp[tcpflags] & tcp-{_FLAGS[field.name]} {'!=' if field.value else '='} 0"
    words = _WORDS.get((anchor.token, field.name)) if field.depth == 0 and not anchor.guards else None
    # Of an address that the capture cut there is no expression of its own.
    whole = len(raw) == _SIZES.get((anchor.token, field.name), len(raw))
    made = words(raw) if words is not None and whole else ""
    return f"{anchor.prefix}{made}" if made else ""


def _of_mover(layer: Layer, field: Field, raw: bytes, outer: str) -> str:
    """Of a tag, a label or a session."""
    if layer.name == "mpls":
        if field.name != "Label" or not field.depth:
            return ""
        before = sum(1 for each in layer.fields if each.name == "Label" and each.depth and each.start < field.start)
        return f"{outer}{'mpls and ' * before}mpls {_number(raw) >> 4}"
    if layer.name == "pppoes":
        return f"{outer}pppoes {_number(raw)}" if field.name == "Session" else ""
    if field.name == "VLAN":
        return f"{outer}vlan {_number(raw) & 0xFFF}"
    if field.name == "Type" and _number(raw) > 1500:
        return f"{outer}vlan and {ethertype(_number(raw))}"
    return ""
