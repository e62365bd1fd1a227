# SPDX-License-Identifier: Apache-2.0
"""Which application protocol a TCP or UDP payload carries.

What the bytes say beats what the port says: TLS on the port of a database is TLS. One place decides, so a row of the
list and the layers below it never disagree.
"""

from __future__ import annotations

import re

_REQUEST = re.compile(
    rb"(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|REPORT"
    rb"|SEARCH|PURGE|NOTIFY|SUBSCRIBE|UNSUBSCRIBE|M-SEARCH|RPC_IN_DATA|RPC_OUT_DATA|BASELINE-CONTROL|MKACTIVITY"
    rb"|CHECKOUT|MERGE) [^\r\n]*"
)
_RESPONSE = re.compile(rb"HTTP/1\.\d \d{3}")
_FIRST = frozenset(b"GHPDCOTMLURSNBP")
_DHCP_COOKIE = b"\x63\x82\x53\x63"
_UDP_PORTS = {53: "dns", 5353: "mdns", 5355: "llmnr", 67: "dhcp", 68: "dhcp", 123: "ntp", 4789: "vxlan", 6081: "geneve"}
_UDP_PORTS |= {520: "rip", 1985: "hsrp", 1645: "radius", 1646: "radius", 1812: "radius", 1813: "radius"}
_STUN_COOKIE = b"\x21\x12\xa4\x42"
_BGP_MARKER = b"\xff" * 16


def is_tls(data: bytes, at: int, stop: int) -> bool:
    """A TLS or SSLv3 record header stands at `at` (RFC 8446 section 5.1)."""
    if stop - at < 5 or data[at + 1] != 3 or data[at + 2] > 4 or not 20 <= data[at] <= 24:
        return False
    size = data[at + 3] << 8 | data[at + 4]
    return size == 1 if data[at] == 20 else 2 <= size <= 0x4800


def is_http(data: bytes, at: int, stop: int) -> bool:
    """A request line or status line of HTTP/1 stands at `at`."""
    if stop - at < 5 or data[at] not in _FIRST:
        return False
    if _RESPONSE.match(data, at, stop):
        return True
    found = _REQUEST.match(data, at, stop)
    # A line that goes on beyond the segment cannot show its version; a whole one must.
    return found is not None and (found.end() == stop or found[0].rfind(b" HTTP/1.") > 0)


def over_tcp(data: bytes, at: int, stop: int, ports: tuple[int, int]) -> str:
    """What the segment payload data[at:stop] is, by the name of its decoder, or ""."""
    if is_tls(data, at, stop):
        return "tls"
    if is_http(data, at, stop):
        return "http"
    if data.startswith((b"SSH-2.0-", b"SSH-1."), at, stop):
        return "ssh"
    if data.startswith(_BGP_MARKER, at, stop):
        return "bgp"
    if 53 in ports and stop - at >= 14 and data[at] << 8 | data[at + 1] >= 12:
        return "dns"
    return ""


def over_udp(data: bytes, at: int, stop: int, ports: tuple[int, int]) -> str:
    """What the datagram payload data[at:stop] is, by the name of its decoder, or ""."""
    if data.startswith(_DHCP_COOKIE, at + 236, stop):
        return "dhcp"
    if stop - at >= 20 and data[at] < 2 and data.startswith(_STUN_COOKIE, at + 4):
        return "stun"
    if is_http(data, at, stop):
        return "ssdp" if 1900 in ports else "http"
    return _UDP_PORTS.get(ports[1]) or _UDP_PORTS.get(ports[0]) or ""
