# SPDX-License-Identifier: Apache-2.0
"""DHCP's options (RFC 2132 and the RFCs of IANA's "BOOTP Vendor Extensions and DHCP Options")."""

from __future__ import annotations

from ringscope.decode.address import ipv4, ipv6, mac
from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex8, octets, plain, seconds, yes
from ringscope.decode.names import HARDWARE
from ringscope.decode.protocols.app.dhcpv6.names import ARCHITECTURES, DUIDS, ENTERPRISES
from ringscope.decode.text import shorten
from ringscope.decode.values import (
    Table,
    addresses4,
    addresses6,
    blob,
    listed,
    names,
    number,
    numbers,
    readable,
    text,
    words,
)

MESSAGES = {
    1: "Discover",
    2: "Offer",
    3: "Request",
    4: "Decline",
    5: "ACK",
    6: "NAK",
    7: "Release",
    8: "Inform",
    9: "Force Renew",
    10: "Lease Query",
    11: "Lease Unassigned",
    12: "Lease Unknown",
    13: "Lease Active",
    14: "Bulk Lease Query",
    15: "Lease Query Done",
    16: "Active Lease Query",
    17: "Lease Query Status",
    18: "TLS",
}
_SHOWN = 200
_FOREVER = 0xFFFFFFFF


def _lifetime(value: int) -> str:
    return "infinity" if value == _FOREVER else seconds(value)


def option_name(kind: int) -> str:
    """The name of an option."""
    entry = OPTIONS.get(kind)
    return entry[0] if entry else f"Option {kind}"


def options(draft: Draft) -> int:
    """Options up to their end mark or the draft's end; returns what option 52 says of the fields before them."""
    overload = 0
    while draft.left:
        kind = draft.peek()
        if kind == 0:
            rest = draft.data[draft.at : min(draft.end, draft.tree.size)]
            draft.raw("Padding", len(rest) - len(rest.lstrip(b"\0")), lambda value: f"{len(value)} bytes")
            continue
        if kind == 255:
            draft.uint("End", 1, lambda _: "")
            break
        with draft.group(option_name(kind)) as group:
            draft.uint("Option", 1, lambda kind: f"{kind} ({option_name(kind)})")
            size = draft.uint("Length", 1)
            if kind == 52 and size == 1:
                overload = draft.peek()
            with draft.limited(size):
                group.display = OPTIONS.get(kind, ("", blob))[1](draft, size)
                draft.rest("Rest of the value")
    return overload


def _client(draft: Draft, size: int) -> str:
    if size < 2:
        return blob(draft, size)
    kind = draft.uint("Type", 1, {0: "text or other", 255: "DUID", **HARDWARE})
    if kind == 255 and size > 7:
        draft.uint("IAID", 4, hex8)
        draft.uint("DUID type", 2, DUIDS)
        return octets(draft.raw("DUID", size - 7))
    if kind in HARDWARE and size == 7:
        return mac(draft.raw("Link-layer address", 6, mac))
    return readable(draft.raw("Identifier", size - 1, readable))


def _routes(draft: Draft, size: int) -> str:
    """Classless static routes (RFC 3442)."""
    found: list[str] = []
    while draft.left:
        with draft.group("Route") as group:
            length = draft.uint("Prefix length", 1)
            count = min((length + 7) // 8, 4)
            raw = draft.raw("Destination", count, lambda value: ipv4(value.ljust(4, b"\0"))) if count else b""
            router = ipv4(draft.raw("Router", 4, ipv4))
            group.display = f"{ipv4(raw.ljust(4, bytes(1)))}/{length} by {router}"
        found.append(group.display)
    return shorten(", ".join(found), _SHOWN)


def _pairs(draft: Draft, size: int) -> str:
    found: list[str] = []
    for _ in range(size // 8):
        one, other = ipv4(draft.raw("Destination", 4, ipv4)), ipv4(draft.raw("Router or mask", 4, ipv4))
        found.append(f"{one} {other}")
    return ", ".join(found)


def _domain(draft: Draft, size: int) -> str:
    """The client's full name (RFC 4702): as text, or encoded as in DNS."""
    if size < 3:
        return blob(draft, size)
    parts = (("", 4, plain), ("No update (N)", 1, yes), ("Encoded (E)", 1, yes), ("Overridden (O)", 1, yes))
    flags = draft.flags("Flags", 1, hex2, *parts, ("Server updates (S)", 1, yes))[0]
    draft.uint("Reply code 1", 1)
    draft.uint("Reply code 2", 1)
    return names(draft, size - 3) if flags & 4 else text(draft, size - 3)


_RELAY: Table = {
    1: ("Circuit identifier", words),
    2: ("Remote identifier", words),
    4: ("DOCSIS device class", number(hex8)),
    5: ("Link selection", addresses4()),
    6: ("Subscriber identifier", words),
    7: ("Radius attributes", blob),
    8: ("Authentication", blob),
    9: ("Vendor-specific", blob),
    10: ("Relay flags", number(hex2)),
    11: ("Server identifier override", addresses4()),
    12: ("Relay identifier", blob),
    13: ("Access technology type", blob),
    14: ("Access network name", words),
    15: ("Access point name", words),
    16: ("Access point BSSID", listed(6, mac)),
    17: ("Operator identifier", blob),
    18: ("Operator realm", words),
    19: ("Relay source port", number()),
    151: ("Virtual subnet selection", blob),
    152: ("Virtual subnet selection control", blob),
}


def _relay(draft: Draft, size: int) -> str:
    return _suboptions(draft, _RELAY)


def _suboptions(draft: Draft, table: Table) -> str:
    found: list[str] = []
    while draft.left >= 2:
        kind = draft.peek()
        name, reader = table.get(kind, (f"Suboption {kind}", blob))
        with draft.group(name) as group:
            draft.uint("Suboption", 1)
            size = draft.uint("Length", 1)
            with draft.limited(size):
                group.display = reader(draft, size)
                draft.rest("Rest of the value")
        found.append(f"{name} {group.display}".rstrip())
    return shorten(", ".join(found), _SHOWN)


def _vendor(draft: Draft, size: int) -> str:
    """Usually suboptions of one byte each; only where they fill the value, it is taken for such."""
    raw = draft.data[draft.at : min(draft.at + size, draft.tree.size)]
    at = 0
    while at + 1 < len(raw) and raw[at] not in (0, 255):
        at += 2 + raw[at + 1]
    if not raw or (at != len(raw) and raw[at : at + 1] != b"\xff"):
        return words(draft, size)
    draft.end = min(draft.end, draft.at + at)
    return _suboptions(draft, {})


def _by_enterprise(draft: Draft, size: int) -> str:
    found: list[str] = []
    while draft.left >= 5:
        with draft.group("Enterprise") as group:
            number = draft.uint("Number", 4, ENTERPRISES)
            length = min(draft.uint("Length", 1), draft.left)
            value = draft.raw("Value", length, readable)
            group.display = f"{ENTERPRISES.get(number, number)}: {readable(value)}"
        found.append(group.display)
    return shorten(", ".join(found), _SHOWN)


def _user_class(draft: Draft, size: int) -> str:
    """Counted texts (RFC 3004), or as many clients send it, a text alone."""
    raw = draft.data[draft.at : min(draft.at + size, draft.tree.size)]
    at = 0
    while at < len(raw) and raw[at]:
        at += 1 + raw[at]
    if at != len(raw):
        return words(draft, size)
    found: list[str] = []
    while draft.left:
        found.append(words(draft, draft.uint("Length", 1)))
    return ", ".join(found)


def _authentication(draft: Draft, size: int) -> str:
    if size < 11:
        return blob(draft, size)
    draft.uint("Protocol", 1, {0: "configuration token", 1: "delayed", 3: "reconfigure key"})
    draft.uint("Algorithm", 1, {0: "none", 1: "HMAC-MD5"})
    draft.uint("Replay detection", 1)
    draft.uint("Replay counter", 8)
    return blob(draft, size - 11)


def _sip(draft: Draft, size: int) -> str:
    if not size:
        return ""
    kind = draft.uint("Encoding", 1, {0: "names", 1: "addresses"})
    return names(draft, size - 1) if kind == 0 else addresses4()(draft, size - 1)


def _interface(draft: Draft, size: int) -> str:
    if size != 3:
        return blob(draft, size)
    kind, major, minor = draft.uint("Type", 1), draft.uint("Major", 1), draft.uint("Minor", 1)
    return f"{kind}, version {major}.{minor}"


def _machine(draft: Draft, size: int) -> str:
    if size != 17:
        return blob(draft, size)
    draft.uint("Type", 1, {0: "GUID"})
    return octets(draft.raw("GUID", 16))


def _rapid_deployment(draft: Draft, size: int) -> str:
    """6rd (RFC 5969)."""
    if size < 22:
        return blob(draft, size)
    draft.uint("IPv4 mask length", 1)
    length = draft.uint("Prefix length", 1)
    prefix = ipv6(draft.raw("Prefix", 16, ipv6))
    return f"{prefix}/{length} by {addresses4('Border relay')(draft, size - 18)}"


def _flag(value: int) -> str:
    return "on" if value else "off"


_NODES = {1: "broadcast", 2: "peer to peer", 4: "mixed", 8: "hybrid"}

OPTIONS: Table = {
    1: ("Subnet mask", addresses4()),
    2: ("Time offset", number(lambda value: f"{value - (1 << 32) if value >> 31 else value} s")),
    3: ("Router", addresses4()),
    4: ("Time servers", addresses4()),
    5: ("Name servers", addresses4()),
    6: ("DNS servers", addresses4()),
    7: ("Log servers", addresses4()),
    8: ("Quote servers", addresses4()),
    9: ("LPR servers", addresses4()),
    10: ("Impress servers", addresses4()),
    11: ("Resource location servers", addresses4()),
    12: ("Host name", text),
    13: ("Boot file size", number(lambda value: f"{value} blocks of 512 bytes")),
    14: ("Merit dump file", text),
    15: ("Domain name", text),
    16: ("Swap server", addresses4()),
    17: ("Root path", text),
    18: ("Extensions path", text),
    19: ("IP forwarding", number(_flag)),
    20: ("Forwarding of source-routed packets", number(_flag)),
    21: ("Policy filter", _pairs),
    22: ("Maximum reassembly size", number()),
    23: ("Default TTL", number()),
    24: ("Path MTU aging", number(seconds)),
    25: ("Path MTU plateaus", numbers(2)),
    26: ("MTU", number()),
    27: ("All subnets are local", number(_flag)),
    28: ("Broadcast address", addresses4()),
    29: ("Mask discovery", number(_flag)),
    30: ("Mask supplier", number(_flag)),
    31: ("Router discovery", number(_flag)),
    32: ("Router solicitation address", addresses4()),
    33: ("Static routes", _pairs),
    34: ("Trailer encapsulation", number(_flag)),
    35: ("ARP cache timeout", number(seconds)),
    36: ("Ethernet encapsulation", number({0: "Ethernet II", 1: "IEEE 802.3"})),
    37: ("Default TCP TTL", number()),
    38: ("TCP keep-alive interval", number(seconds)),
    39: ("TCP keep-alive garbage", number(_flag)),
    40: ("NIS domain", text),
    41: ("NIS servers", addresses4()),
    42: ("NTP servers", addresses4()),
    43: ("Vendor information", _vendor),
    44: ("NetBIOS name servers", addresses4()),
    45: ("NetBIOS datagram servers", addresses4()),
    46: ("NetBIOS node type", number(_NODES)),
    47: ("NetBIOS scope", text),
    48: ("X font servers", addresses4()),
    49: ("X display managers", addresses4()),
    50: ("Requested address", addresses4()),
    51: ("Lease time", number(_lifetime)),
    52: ("Overload", number({1: "boot file", 2: "server name", 3: "boot file and server name"})),
    53: ("Message type", number(MESSAGES)),
    54: ("Server", addresses4()),
    55: ("Parameter request list", numbers(1, option_name, "Requested option")),
    56: ("Message", text),
    57: ("Maximum message size", number()),
    58: ("Renewal time", number(_lifetime)),
    59: ("Rebinding time", number(_lifetime)),
    60: ("Vendor class", text),
    61: ("Client identifier", _client),
    62: ("NetWare domain", text),
    63: ("NetWare information", blob),
    64: ("NIS+ domain", text),
    65: ("NIS+ servers", addresses4()),
    66: ("TFTP server name", text),
    67: ("Boot file name", text),
    68: ("Mobile IP home agents", addresses4()),
    69: ("SMTP servers", addresses4()),
    70: ("POP3 servers", addresses4()),
    71: ("NNTP servers", addresses4()),
    72: ("WWW servers", addresses4()),
    73: ("Finger servers", addresses4()),
    74: ("IRC servers", addresses4()),
    75: ("StreetTalk servers", addresses4()),
    76: ("StreetTalk directory servers", addresses4()),
    77: ("User class", _user_class),
    78: ("Directory agents (SLP)", blob),
    79: ("Service scope (SLP)", blob),
    80: ("Rapid commit", blob),
    81: ("Client FQDN", _domain),
    82: ("Relay agent information", _relay),
    83: ("iSNS", blob),
    85: ("NDS servers", addresses4()),
    86: ("NDS tree", text),
    87: ("NDS context", text),
    88: ("BCMCS domains", names),
    89: ("BCMCS servers", addresses4()),
    90: ("Authentication", _authentication),
    91: ("Time since client's last transaction", number(seconds)),
    92: ("Associated addresses", addresses4()),
    93: ("Client architecture", numbers(2, ARCHITECTURES, "Architecture")),
    94: ("Client network interface", _interface),
    95: ("LDAP", text),
    97: ("Client machine", _machine),
    98: ("User authentication", text),
    99: ("Civic location", blob),
    100: ("POSIX time zone", text),
    101: ("Time zone", text),
    108: ("IPv6-only preferred", number(_lifetime)),
    109: ("DHCP 4o6 softwire source", addresses6()),
    112: ("NetInfo parent servers", addresses4()),
    113: ("NetInfo tag", text),
    114: ("Captive portal", text),
    116: ("Auto-configure", number({0: "do not", 1: "do"})),
    117: ("Name service search", numbers(2, option_name)),
    118: ("Subnet selection", addresses4()),
    119: ("Domain search", names),
    120: ("SIP servers", _sip),
    121: ("Classless static routes", _routes),
    122: ("CableLabs client configuration", blob),
    123: ("Geographic location", blob),
    124: ("Vendor class by enterprise", _by_enterprise),
    125: ("Vendor information by enterprise", _by_enterprise),
    128: ("Option 128", words),
    129: ("Option 129", words),
    136: ("PANA agents", addresses4()),
    137: ("LoST server", names),
    138: ("CAPWAP controllers", addresses4()),
    141: ("SIP user agent domains", names),
    143: ("SZTP redirect", blob),
    144: ("Geographic location", blob),
    145: ("Force renew nonce", blob),
    146: ("RDNSS selection", blob),
    150: ("TFTP servers", addresses4()),
    151: ("Status", blob),
    152: ("Base time", number(seconds)),
    153: ("Start time of state", number(seconds)),
    154: ("Query start time", number(seconds)),
    155: ("Query end time", number(seconds)),
    156: ("State", number()),
    157: ("Data source", number(hex2)),
    158: ("PCP servers", blob),
    159: ("Port parameters", blob),
    161: ("Manufacturer usage description", text),
    162: ("Encrypted DNS", blob),
    175: ("Etherboot", blob),
    208: ("PXELINUX magic", blob),
    209: ("PXELINUX configuration file", text),
    210: ("PXELINUX path prefix", text),
    211: ("PXELINUX reboot time", number(seconds)),
    212: ("6rd", _rapid_deployment),
    213: ("Access network domain", names),
    220: ("Subnet allocation", blob),
    221: ("Virtual subnet selection", blob),
    249: ("Classless static routes (Microsoft)", _routes),
    252: ("Web proxy auto-discovery", text),
}
