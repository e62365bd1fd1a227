# SPDX-License-Identifier: Apache-2.0
"""The one table of how a declared field is called and how its value is written.

Keyed by dpkt class and field name. A field that is missing here appears under its own name, numbers in decimal and
bytes in hexadecimal; an empty label leaves the field out (reserved bits).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dpkt.ah import AH
from dpkt.arp import ARP
from dpkt.dhcp import DHCP
from dpkt.esp import ESP
from dpkt.ethernet import Ethernet, MPLSlabel, VLANtag8021Q
from dpkt.gre import GRE
from dpkt.icmp import ICMP
from dpkt.icmp6 import ICMP6
from dpkt.igmp import IGMP
from dpkt.ip import IP
from dpkt.ip6 import IP6, IP6FragmentHeader, IP6HopOptsHeader, IP6RoutingHeader
from dpkt.llc import LLC
from dpkt.ntp import NTP
from dpkt.ospf import OSPF
from dpkt.pppoe import PPPoE
from dpkt.sctp import SCTP
from dpkt.stp import STP
from dpkt.tcp import TCP
from dpkt.udp import UDP

from ringscope.decode.address import grouped, ip_text, ipv4, mac
from ringscope.decode.app_names import NTP_MODES
from ringscope.decode.names import (
    ARP_OPERATIONS,
    ETHERTYPES,
    HARDWARE,
    IP_PROTOCOLS,
    TCP_FLAG_WORDS,
    named,
)
from ringscope.decode.text import wire_text

Form = Callable[[Any], str]


def hex2(value: int) -> str:
    """Eight bits."""
    return f"0x{value:02x}"


def hex4(value: int) -> str:
    """Sixteen bits."""
    return f"0x{value:04x}"


def hex8(value: int) -> str:
    """Thirty-two bits."""
    return f"0x{value:08x}"


def _kind(value: int) -> str:
    name = ETHERTYPES.get(value)
    if name is None and value <= 1500:
        return f"{value} (length)"
    return f"0x{value:04x} ({name})" if name else f"0x{value:04x}"


def _protocol(value: int) -> str:
    return named(IP_PROTOCOLS, value)


def _set(value: int) -> str:
    return "set" if value else "not set"


def _bridge(value: bytes) -> str:
    number = value[0] << 8 | value[1]
    return f"{number & 0xF000}/{number & 0xFFF}/{mac(value[2:])}"


def _four(value: int) -> str:
    return ipv4(value.to_bytes(4, "big"))


def _dscp(value: int) -> str:
    return f"DSCP {value >> 2}, ECN {value & 3}"


def _words(value: int) -> str:
    return f"{value} ({value * 4} bytes)"


def _flags(value: int) -> str:
    return f"0x{value:03x} ({TCP_FLAG_WORDS[value]})"


def _seconds16(value: int) -> str:
    return f"{value / 65536:.6f} s"


def _binary(value: int) -> str:
    return f"2^{value - 256 if value > 127 else value} s"


def _padded(value: bytes) -> str:
    return wire_text(value.split(b"\0", 1)[0])


def _stamp(value: bytes) -> str:
    # Seconds since 1900 and a binary fraction (RFC 5905 section 6); 2208988800 s lie between 1900 and 1970.
    seconds = int.from_bytes(value[:4], "big")
    fraction = int.from_bytes(value[4:], "big") / 2**32
    return f"{seconds - 2208988800 + fraction:.6f} s (unix time)" if seconds else "none"


_ETHERNET: dict[str, tuple[str, Form]] = {
    "dst": ("Destination", mac),
    "src": ("Source", mac),
    "type": ("Type", _kind),
}
_VERSION_HEADER: dict[str, tuple[str, Form]] = {"v": ("Version", str), "type": ("Type", str)}
_PORTS: dict[str, tuple[str, Form]] = {
    "sport": ("Source port", str),
    "dport": ("Destination port", str),
    "sum": ("Checksum", hex4),
}
_EXTENSION: dict[str, tuple[str, Form]] = {"nxt": ("Next header", _protocol), "len": ("Length", str)}
_CONTROL: dict[str, tuple[str, Form]] = {"type": ("Type", str), "code": ("Code", str), "sum": ("Checksum", hex4)}

SHOW: dict[type[Any], dict[str, tuple[str, Form]]] = {
    Ethernet: _ETHERNET,
    VLANtag8021Q: {
        "pri": ("Priority", str),
        "cfi": ("Drop eligible", _set),
        "id": ("VLAN", str),
        "type": ("Type", _kind),
    },
    MPLSlabel: {
        "val": ("Label", str),
        "exp": ("Traffic class", str),
        "s": ("Bottom of stack", _set),
        "ttl": ("TTL", str),
    },
    PPPoE: {**_VERSION_HEADER, "code": ("Code", hex2), "session": ("Session", hex4), "len": ("Length", str)},
    LLC: {"dsap": ("DSAP", hex2), "ssap": ("SSAP", hex2), "ctl": ("Control", hex2)},
    STP: {
        "proto_id": ("Protocol", hex4),
        "v": ("Version", str),
        "type": ("Type", hex2),
        "flags": ("Flags", hex2),
        "root_id": ("Root bridge", _bridge),
        "root_path": ("Root path cost", str),
        "bridge_id": ("Bridge", _bridge),
        "port_id": ("Port", hex4),
        "_age": ("Message age", lambda value: f"{value / 256:g} s"),
        "_max_age": ("Maximum age", lambda value: f"{value / 256:g} s"),
        "_hello": ("Hello time", lambda value: f"{value / 256:g} s"),
        "_fd": ("Forward delay", lambda value: f"{value / 256:g} s"),
    },
    ARP: {
        "hrd": ("Hardware type", lambda value: named(HARDWARE, value)),
        "pro": ("Protocol type", _kind),
        "hln": ("Hardware size", str),
        "pln": ("Protocol size", str),
        "op": ("Operation", lambda value: named(ARP_OPERATIONS, value)),
        "sha": ("Sender MAC", mac),
        "spa": ("Sender IP", ip_text),
        "tha": ("Target MAC", mac),
        "tpa": ("Target IP", ip_text),
    },
    IP: {
        "v": ("Version", str),
        "hl": ("Header length", _words),
        "tos": ("Traffic class", _dscp),
        "len": ("Total length", str),
        "id": ("Identification", hex4),
        "rf": ("Reserved flag", _set),
        "df": ("Don't fragment", _set),
        "mf": ("More fragments", _set),
        "offset": ("Fragment offset", lambda value: str(value * 8)),
        "ttl": ("TTL", str),
        "p": ("Protocol", _protocol),
        "sum": ("Header checksum", hex4),
        "src": ("Source", ip_text),
        "dst": ("Destination", ip_text),
    },
    IP6: {
        "v": ("Version", str),
        "fc": ("Traffic class", _dscp),
        "flow": ("Flow label", lambda value: f"0x{value:05x}"),
        "plen": ("Payload length", str),
        "nxt": ("Next header", _protocol),
        "hlim": ("Hop limit", str),
        "src": ("Source", ip_text),
        "dst": ("Destination", ip_text),
    },
    IP6HopOptsHeader: _EXTENSION,
    IP6RoutingHeader: {
        **_EXTENSION,
        "type": ("Type", str),
        "segs_left": ("Segments left", str),
        "sl_bits": ("Reserved", hex8),
    },
    IP6FragmentHeader: {
        "nxt": ("Next header", _protocol),
        "frag_off": ("Fragment offset", lambda value: str(value * 8)),
        "m_flag": ("More fragments", _set),
        "id": ("Identification", hex8),
    },
    AH: {
        "nxt": ("Next header", _protocol),
        "len": ("Length", str),
        "rsvd": ("", str),
        "spi": ("SPI", hex8),
        "seq": ("Sequence number", str),
    },
    ESP: {"spi": ("SPI", hex8), "seq": ("Sequence number", str)},
    GRE: {"flags": ("Flags and version", hex4), "p": ("Protocol", _kind)},
    ICMP: _CONTROL,
    ICMP6: _CONTROL,
    IGMP: {
        "type": ("Type", hex2),
        "maxresp": ("Maximum response time", lambda value: f"{value / 10:g} s"),
        "sum": ("Checksum", hex4),
        "group": ("Group", ip_text),
    },
    TCP: {
        **_PORTS,
        "seq": ("Sequence number", grouped),
        "ack": ("Acknowledgment number", grouped),
        "off": ("Header length", _words),
        "flags": ("Flags", _flags),
        "win": ("Window (unscaled)", str),
        "urp": ("Urgent pointer", str),
    },
    UDP: {**_PORTS, "ulen": ("Length", str)},
    SCTP: {**_PORTS, "vtag": ("Verification tag", hex8), "sum": ("Checksum", hex8)},
    OSPF: {
        "v": ("Version", str),
        "type": ("Type", str),
        "len": ("Length", str),
        "router": ("Router", _four),
        "area": ("Area", _four),
        "sum": ("Checksum", hex4),
        "atype": ("Authentication type", str),
        "auth": ("Authentication", mac),
    },
    NTP: {
        "li": ("Leap indicator", str),
        "v": ("Version", str),
        "mode": ("Mode", lambda value: named(NTP_MODES, value)),
        "stratum": ("Stratum", str),
        "interval": ("Poll interval", _binary),
        "precision": ("Precision", _binary),
        "delay": ("Root delay", _seconds16),
        "dispersion": ("Root dispersion", _seconds16),
        "id": ("Reference", ip_text),
        "update_time": ("Reference time", _stamp),
        "originate_time": ("Originate time", _stamp),
        "receive_time": ("Receive time", _stamp),
        "transmit_time": ("Transmit time", _stamp),
    },
    DHCP: {
        "op": ("Operation", lambda value: named({1: "request", 2: "reply"}, value)),
        "hrd": ("Hardware type", lambda value: named(HARDWARE, value)),
        "hln": ("Hardware size", str),
        "hops": ("Hops", str),
        "xid": ("Transaction", hex8),
        "secs": ("Seconds elapsed", str),
        "flags": ("Flags", hex4),
        "ciaddr": ("Client address", _four),
        "yiaddr": ("Your address", _four),
        "siaddr": ("Next server", _four),
        "giaddr": ("Relay agent", _four),
        "chaddr": ("Client MAC", lambda value: mac(value[:6])),
        "sname": ("Server name", _padded),
        "file": ("Boot file", _padded),
        "magic": ("Magic cookie", hex8),
    },
}

_NONE: dict[str, tuple[str, Form]] = {}


def shown(kind: type[Any], name: str, value: Any) -> tuple[str, str]:
    """Label and text of one declared field; an empty label means that it is not shown."""
    entry = SHOW.get(kind, _NONE).get(name)
    if entry is not None:
        return entry[0], entry[1](value)
    if name.startswith("_"):
        return "", ""
    return name.replace("_", " "), value.hex() if isinstance(value, bytes) else str(value)
