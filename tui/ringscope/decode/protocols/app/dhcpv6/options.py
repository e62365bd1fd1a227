# SPDX-License-Identifier: Apache-2.0
"""The options of DHCPv6 (RFC 8415 section 21 and the RFCs of IANA's registry)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ringscope.decode.address import ipv6, mac
from ringscope.decode.draft import Draft
from ringscope.decode.forms import Form, hex2, hex8, octets, plain, seconds, yes
from ringscope.decode.names import HARDWARE
from ringscope.decode.protocols.app.dhcpv6.names import ARCHITECTURES, DUIDS, ENTERPRISES, MESSAGES, QUERIES, STATUS
from ringscope.decode.text import shorten
from ringscope.decode.values import Reader, Table, addresses6, blob, names, number, numbers, readable, text

_DEEPEST = 8  # options inside options
_FOREVER = 0xFFFFFFFF
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def lifetime(value: int) -> str:
    """Seconds, of which the most stand for ever."""
    return "infinity" if value == _FOREVER else seconds(value)


def moment(value: int) -> str:
    """Seconds since 2000."""
    return (_EPOCH + timedelta(seconds=value)).strftime("%Y-%m-%d %H:%M:%S UTC")


def option_name(number: int) -> str:
    """The name of an option by its number."""
    entry = OPTIONS.get(number)
    return entry[0] if entry else f"Option {number}"


def options(draft: Draft, depth: int = 0) -> list[str]:
    """Options up to the draft's end; returns what their headings say."""
    found: list[str] = []
    while draft.left:
        kind = draft.peek(2)
        name = option_name(kind)
        with draft.group(name) as group:
            draft.uint("Option", 2, lambda kind: f"{kind} ({option_name(kind)})")
            size = draft.uint("Length", 2)
            with draft.limited(size):
                group.display = _value(draft, kind, size, depth)
            found.append(f"{name} {group.display}".rstrip())
    return found


def _value(draft: Draft, kind: int, size: int, depth: int) -> str:
    nested = _NESTED.get(kind)
    if nested is not None and depth < _DEEPEST and size >= nested[0]:
        words = nested[1](draft)
        inside = options(draft, depth + 1)
        return words or shorten(", ".join(inside), 200)
    if kind == 9 and depth < _DEEPEST:
        return message(draft, depth + 1)
    return OPTIONS.get(kind, ("", blob))[1](draft, size)


def message(draft: Draft, depth: int = 0) -> str:
    """A message, which a relay may have put into another; returns its type in words."""
    kind = draft.uint("Message", 1, MESSAGES)
    words = MESSAGES.get(kind, f"type {kind}")
    if kind in (12, 13):
        draft.uint("Hop count", 1)
        draft.raw("Link address", 16, ipv6)
        draft.raw("Peer address", 16, ipv6)
    else:
        draft.uint("Transaction", 3, lambda value: f"0x{value:06x}")
    options(draft, depth)
    return words


def _duid(draft: Draft, size: int) -> str:
    if size < 2:
        return blob(draft, size)
    kind = draft.uint("DUID type", 2, DUIDS)
    if kind == 1 and size >= 8:
        draft.uint("Hardware type", 2, HARDWARE)
        draft.uint("Time", 4, moment)
        return _rest(draft, "Link-layer address", size - 8, mac)
    if kind == 2 and size >= 6:
        number = draft.uint("Enterprise", 4, ENTERPRISES)
        return f"enterprise {number} {_rest(draft, 'Identifier', size - 6, octets)}"
    if kind == 3 and size >= 4:
        draft.uint("Hardware type", 2, HARDWARE)
        return _rest(draft, "Link-layer address", size - 4, mac)
    return _rest(draft, "UUID" if kind == 4 else "Identifier", size - 2, octets)


def _rest(draft: Draft, label: str, size: int, form: Form) -> str:
    if not size:
        return ""
    value = draft.raw(label, size, form)
    return mac(value) if form is mac else octets(value)


def _association(draft: Draft) -> str:
    draft.uint("IAID", 4, hex8)
    draft.uint("T1", 4, lifetime)
    draft.uint("T2", 4, lifetime)
    return ""


def _temporary(draft: Draft) -> str:
    draft.uint("IAID", 4, hex8)
    return ""


def _address(draft: Draft) -> str:
    address = ipv6(draft.raw("Address", 16, ipv6))
    draft.uint("Preferred lifetime", 4, lifetime)
    draft.uint("Valid lifetime", 4, lifetime)
    return address


def _prefix(draft: Draft) -> str:
    draft.uint("Preferred lifetime", 4, lifetime)
    draft.uint("Valid lifetime", 4, lifetime)
    length = draft.uint("Prefix length", 1)
    return f"{ipv6(draft.raw('Prefix', 16, ipv6))}/{length}"


def _query(draft: Draft) -> str:
    draft.uint("Query type", 1, QUERIES)
    draft.raw("Link address", 16, ipv6)
    return ""


def _inside(_: Draft) -> str:
    return ""


def _vendor_class(draft: Draft, size: int) -> str:
    if size < 4:
        return blob(draft, size)
    draft.uint("Enterprise", 4, ENTERPRISES)
    return _counted(draft, size - 4)


def _counted(draft: Draft, size: int) -> str:
    found: list[str] = []
    stop = draft.at + size
    while draft.at + 2 <= stop:
        length = min(draft.uint("Length", 2), stop - draft.at)
        if length:
            found.append(draft.text("Value", length))
    if draft.at < stop:
        blob(draft, stop - draft.at)
    return shorten(", ".join(found), 200)


def _vendor_options(draft: Draft, size: int) -> str:
    if size < 4:
        return blob(draft, size)
    enterprise = draft.uint("Enterprise", 4, ENTERPRISES)
    stop = draft.at + size - 4
    while draft.at + 4 <= stop:
        kind = draft.peek(2)
        with draft.group(f"Vendor option {kind}") as group:
            draft.uint("Option", 2)
            length = min(draft.uint("Length", 2), stop - draft.at)
            group.display = blob(draft, length)
    if draft.at < stop:
        blob(draft, stop - draft.at)
    return (
        f"enterprise {enterprise} ({ENTERPRISES[enterprise]})"
        if enterprise in ENTERPRISES
        else f"enterprise {enterprise}"
    )


def _status(draft: Draft, size: int) -> str:
    if size < 2:
        return blob(draft, size)
    code = draft.uint("Status", 2, STATUS)
    words = f": {draft.text('Message', size - 2)}" if size > 2 else ""
    return shorten(STATUS.get(code, str(code)) + words, 200)


def _authentication(draft: Draft, size: int) -> str:
    if size < 11:
        return blob(draft, size)
    draft.uint("Protocol", 1, {0: "configuration token", 2: "delayed", 3: "reconfigure key"})
    draft.uint("Algorithm", 1, {1: "HMAC-MD5"})
    draft.uint("Replay detection", 1, {0: "counter"})
    draft.raw("Replay counter", 8)
    return blob(draft, size - 11)


def _fqdn(draft: Draft, size: int) -> str:
    if not size:
        return ""
    draft.flags(
        "Flags", 1, hex2, ("", 5, plain), ("No update", 1, yes), ("Overridden", 1, yes), ("Server updates", 1, yes)
    )
    return names(draft, size - 1)


def _remote(draft: Draft, size: int) -> str:
    if size < 4:
        return blob(draft, size)
    draft.uint("Enterprise", 4, ENTERPRISES)
    return _words(draft, "Remote id", size - 4)


def _words(draft: Draft, label: str, size: int) -> str:
    """Text where it is some, else bytes."""
    if not size:
        return ""
    value = draft.raw(label, size, readable)
    return readable(value)


def _words_of(label: str) -> Reader:
    return lambda draft, size: _words(draft, label, size)


def _ntp(draft: Draft, size: int) -> str:
    found: list[str] = []
    stop = draft.at + size
    while draft.at + 4 <= stop:
        kind = draft.uint("Suboption", 2, {1: "server address", 2: "multicast address", 3: "server name"})
        length = min(draft.uint("Length", 2), stop - draft.at)
        reader = addresses6() if kind in (1, 2) else names if kind == 3 else blob
        found.append(reader(draft, length))
    if draft.at < stop:
        blob(draft, stop - draft.at)
    return ", ".join(found)


def _interface_type(draft: Draft, size: int) -> str:
    if size != 3:
        return blob(draft, size)
    kind, major, minor = draft.uint("Type", 1), draft.uint("Major", 1), draft.uint("Minor", 1)
    return f"{kind}, version {major}.{minor}"


def _link_address(draft: Draft, size: int) -> str:
    if size < 2:
        return blob(draft, size)
    draft.uint("Hardware type", 2, HARDWARE)
    return _rest(draft, "Link-layer address", size - 2, mac)


def _relay_data(draft: Draft, size: int) -> str:
    if size < 16:
        return blob(draft, size)
    return ipv6(draft.raw("Peer address", 16, ipv6)) + " " + blob(draft, size - 16)


def _reconfigure(value: int) -> str:
    return MESSAGES.get(value, str(value))


def _excluded(draft: Draft, size: int) -> str:
    if size < 2:
        return blob(draft, size)
    length = draft.uint("Prefix length", 1)
    return f"/{length} {octets(draft.raw('Subnet', size - 1))}"


def _port_parameters(draft: Draft, size: int) -> str:
    if size != 4:
        return blob(draft, size)
    offset, length, port_set = draft.uint("Offset", 1), draft.uint("PSID length", 1), draft.uint("PSID", 2)
    return f"offset {offset}, PSID {port_set}/{length}"


def _rule(draft: Draft) -> str:
    draft.uint("Flags", 1, hex2)
    draft.uint("EA length", 1)
    length = draft.uint("IPv4 prefix length", 1)
    four = draft.raw("IPv4 prefix", 4, lambda value: ".".join(map(str, value)))
    bits = draft.uint("IPv6 prefix length", 1)
    size = min((bits + 7) // 8, draft.left, 16)
    six = draft.raw("IPv6 prefix", size, lambda value: ipv6(value.ljust(16, b"\0"))) if size else b""
    return f"{'.'.join(map(str, four))}/{length} {ipv6(six.ljust(16, bytes(1)))}/{bits}"


_NESTED = {
    3: (12, _association),
    4: (4, _temporary),
    5: (24, _address),
    25: (12, _association),
    26: (25, _prefix),
    44: (17, _query),
    45: (0, _inside),
    48: (0, _inside),
    66: (0, _inside),
    89: (8, _rule),
    94: (0, _inside),
    95: (0, _inside),
    96: (0, _inside),
}
"""Options that hold options: how many bytes stand before them, and who reads these."""

OPTIONS: Table = {
    1: ("Client identifier", _duid),
    2: ("Server identifier", _duid),
    3: ("Identity association for addresses", blob),
    4: ("Identity association for temporary addresses", blob),
    5: ("Address", blob),
    6: ("Option request", numbers(2, lambda value: option_name(value), "Requested option")),
    7: ("Preference", number()),
    8: ("Elapsed time", number(lambda value: f"{value * 10} ms")),
    9: ("Relay message", blob),
    11: ("Authentication", _authentication),
    12: ("Server unicast", addresses6()),
    13: ("Status code", _status),
    14: ("Rapid commit", blob),
    15: ("User class", _counted),
    16: ("Vendor class", _vendor_class),
    17: ("Vendor options", _vendor_options),
    18: ("Interface id", _words_of("Interface id")),
    19: ("Reconfigure message", number(_reconfigure)),
    20: ("Reconfigure accept", blob),
    21: ("SIP server names", names),
    22: ("SIP servers", addresses6()),
    23: ("DNS servers", addresses6()),
    24: ("Domain search list", names),
    25: ("Identity association for prefixes", blob),
    26: ("Prefix", blob),
    27: ("NIS servers", addresses6()),
    28: ("NIS+ servers", addresses6()),
    29: ("NIS domain", names),
    30: ("NIS+ domain", names),
    31: ("SNTP servers", addresses6()),
    32: ("Information refresh time", number(lifetime)),
    33: ("BCMCS domains", names),
    34: ("BCMCS servers", addresses6()),
    36: ("Civic location", blob),
    37: ("Remote id", _remote),
    38: ("Subscriber id", _words_of("Subscriber id")),
    39: ("Client FQDN", _fqdn),
    40: ("PANA agents", addresses6()),
    41: ("POSIX time zone", text),
    42: ("Time zone", text),
    43: ("Echo request", numbers(2, lambda value: option_name(value), "Requested option")),
    44: ("Query", blob),
    45: ("Client data", blob),
    46: ("Time since client's last transaction", number(seconds)),
    47: ("Relay data", _relay_data),
    48: ("Links of client", addresses6()),
    49: ("Home network", names),
    50: ("Home agents", addresses6()),
    51: ("LoST server", names),
    52: ("CAPWAP controllers", addresses6()),
    53: ("Relay identifier", _duid),
    54: ("IPv6 mobility service addresses", addresses6()),
    55: ("IPv6 mobility service names", names),
    56: ("NTP servers", _ntp),
    57: ("Access domain", names),
    58: ("SIP user agent domains", names),
    59: ("Boot file URL", text),
    60: ("Boot file parameters", _counted),
    61: ("Client architecture", numbers(2, ARCHITECTURES, "Architecture")),
    62: ("Network interface", _interface_type),
    63: ("Geographic location", blob),
    64: ("AFTR name", names),
    65: ("ERP local domain", names),
    66: ("Relay-supplied options", blob),
    67: ("Excluded prefix", _excluded),
    68: ("Virtual subnet", blob),
    69: ("Identity association for home addresses", blob),
    70: ("Home information", blob),
    74: ("RDNSS selection", blob),
    75: ("Kerberos principal name", blob),
    76: ("Kerberos realm", text),
    79: ("Client link-layer address", _link_address),
    80: ("Link address", addresses6()),
    81: ("Radius", blob),
    82: ("SOL_MAX_RT", number(seconds)),
    83: ("INF_MAX_RT", number(seconds)),
    84: ("Address selection", blob),
    86: ("PCP servers", addresses6()),
    87: ("DHCPv4 message", blob),
    88: ("DHCP 4o6 servers", addresses6()),
    89: ("S46 rule", blob),
    90: ("S46 border relay", addresses6()),
    91: ("S46 default mapping rule", blob),
    92: ("S46 IPv4/IPv6 binding", blob),
    93: ("S46 port parameters", _port_parameters),
    94: ("MAP-E container", blob),
    95: ("MAP-T container", blob),
    96: ("Lightweight 4over6 container", blob),
    97: ("Access network identifiers", blob),
    98: ("Access network realm", text),
    103: ("Captive portal", text),
    112: ("Manufacturer usage description", text),
    135: ("Relay source port", number()),
    136: ("SZTP redirect", _counted),
    143: ("Address registration", blob),
    144: ("Encrypted DNS", blob),
}
