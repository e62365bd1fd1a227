# SPDX-License-Identifier: Apache-2.0
"""IPv6's extension headers."""

from __future__ import annotations

from socket import AF_INET6, inet_pton
from struct import pack

from support.cases import Case
from support.packets import IPV6, ethernet, ipv6, udp

_UDP, _HOP, _ROUTING, _FRAGMENT, _NO_NEXT, _DESTINATION, _MOBILITY, _HIP, _SHIM = 17, 0, 43, 44, 59, 60, 135, 139, 140
_INSIDE = udp(b"hello", (9000, 9001))
_ONE, _OTHER = inet_pton(AF_INET6, "2001:db8::1"), inet_pton(AF_INET6, "2001:db8::2")


def frame(first: int, *headers: bytes) -> bytes:
    return ethernet(ipv6(b"".join(headers), first), IPV6)


def header(following: int, body: bytes) -> bytes:
    size = (len(body) + 9) // 8
    return bytes([following, size - 1]) + body.ljust(size * 8 - 2, b"\0")


def option(kind: int, value: bytes = b"") -> bytes:
    return bytes([kind, len(value)]) + value


_HOPS = b"".join(
    (
        option(0x05, b"\0\1"),
        option(0x04, b"\4"),
        option(0xC2, pack(">I", 70000)),
        option(0x63, b"\x80\x1e\1\0"),
        option(0x6D, b"\x10\7"),
        option(0x26, b"\x05\x40" + bytes(4)),
        option(0x07, pack(">IBBH", 1, 0, 2, 0)),
        option(0x30, pack(">HH", 1500, 1401)),
        option(0x12, b"\xab\xcd\xe8\0"),
        option(0x31, b"\0\0" + bytes(4)),
        option(0x1E, b"?"),
    )
)
_DESTINATIONS = option(0xC9, _ONE) + option(0x0F, pack(">BBHHHH", 1, 2, 7, 6, 5, 4)) + option(1, b"\0\0")
_SEGMENTS = pack(">BBBBH", 4, 1, 1, 0, 7) + _ONE + _OTHER + b"\5\x26\0\0" + pack(">I", 9) + b"h" * 32
_RPL = pack(">BBI", 3, 2, 0x8A << 24 | 2 << 20) + b"12345678" + b"abcdef\0\0"
_STACK = "eth:ipv6"

CASES = [
    Case(
        "hop-by-hop and destination options",
        frame(_HOP, header(_DESTINATION, _HOPS), header(_UDP, _DESTINATIONS), _INSIDE),
        f"{_STACK}:ipv6.hopopts:ipv6.dstopts:udp",
        "UDP",
        "9000 → 9001 Len=5",
        (
            ("ipv6.hopopts.Router alert", "1 (RSVP)"),
            ("ipv6.hopopts.Jumbo payload", "70000"),
            ("ipv6.hopopts.RPL (old)", "instance 30, rank 256"),
            ("ipv6.hopopts.CALIPSO", "domain 1, level 2"),
            ("ipv6.hopopts.Minimum path MTU", "1500"),
            ("ipv6.hopopts.Alternate marking", "flow 0xabcde, loss 1, delay 0"),
            ("ipv6.hopopts.In situ OAM", "preallocated trace"),
            ("ipv6.hopopts.Option 0x1e", "3f"),
            ("ipv6.hopopts.Where unknown", "3 (discard the packet and say so, unless multicast)"),
            ("ipv6.dstopts.Home address", "2001:db8::1"),
            ("ipv6.dstopts.Performance and diagnostic metrics", "sequence 7, last received 6"),
        ),
    ),
    Case(
        "segments",
        frame(_ROUTING, header(_UDP, _SEGMENTS), _INSIDE),
        f"{_STACK}:ipv6.routing:udp",
        "UDP",
        "9000 → 9001 Len=5",
        (
            ("ipv6.routing.Type", "4 (segment routing)"),
            ("ipv6.routing.Segment", "2001:db8::2"),
            ("ipv6.routing.Tag", "0x0007"),
            ("ipv6.routing.HMAC", "68" * 32),
        ),
    ),
    Case(
        "a source route of RPL",
        frame(_ROUTING, header(_UDP, _RPL), _INSIDE),
        f"{_STACK}:ipv6.routing:udp",
        "UDP",
        "9000 → 9001 Len=5",
        (
            ("ipv6.routing.Bytes left out", "8"),
            ("ipv6.routing.Address without its beginning", b"12345678".hex()),
            ("ipv6.routing.Last address without its beginning", b"abcdef".hex()),
        ),
    ),
    Case(
        "the route of a mobile node",
        frame(_ROUTING, header(_UDP, pack(">BBI", 2, 1, 0) + _ONE), _INSIDE),
        f"{_STACK}:ipv6.routing:udp",
        "UDP",
        "9000 → 9001 Len=5",
        (("ipv6.routing.Address", "2001:db8::1"),),
    ),
    Case(
        "a first fragment",
        frame(_FRAGMENT, pack(">BBHI", _UDP, 0, 1, 7), _INSIDE),
        f"{_STACK}:ipv6.fraghdr:udp",
        "IPv6",
        "IPv6 fragment (off=0 more=y ident=0x00000007 nxt=17)",
        (("ipv6.fraghdr.More fragments", "set"),),
    ),
    Case(
        "a later fragment",
        frame(_FRAGMENT, pack(">BBHI", _UDP, 0, 1480, 7), bytes(16)),
        f"{_STACK}:ipv6.fraghdr",
        "IPv6",
        "IPv6 fragment (off=1480 more=n ident=0x00000007 nxt=17)",
    ),
    Case(
        "a binding update",
        frame(
            _MOBILITY,
            header(_NO_NEXT, pack(">BBHHHH", 5, 0, 0, 9, 0xC000, 60) + option(3, _ONE) + option(4, pack(">HH", 1, 2))),
        ),
        f"{_STACK}:mipv6",
        "MIPv6",
        "Binding Update",
        (
            ("mipv6.Home registration (H)", "yes"),
            ("mipv6.Lifetime", "60 (240 s)"),
            ("mipv6.Alternate care-of address", "2001:db8::1"),
            ("mipv6.Nonce indices", "home 1, care-of 2"),
        ),
    ),
    Case(
        "a binding acknowledgement",
        frame(_MOBILITY, header(_NO_NEXT, pack(">BBHBBHH", 6, 0, 0, 134, 0, 9, 60))),
        f"{_STACK}:mipv6",
        "MIPv6",
        "Binding Acknowledgement",
        (("mipv6.Status", "134 (duplicate address detection failed)"),),
    ),
    Case(
        "a home test",
        frame(_MOBILITY, header(_NO_NEXT, pack(">BBHH", 3, 0, 0, 7) + b"cookie!!" + b"token!!!")),
        f"{_STACK}:mipv6",
        "MIPv6",
        "Home Test",
        (("mipv6.Nonce index", "7"), ("mipv6.Keygen token", b"token!!!".hex())),
    ),
    Case(
        "a binding error",
        frame(_MOBILITY, header(_NO_NEXT, pack(">BBHBB", 7, 0, 0, 1, 0) + _ONE)),
        f"{_STACK}:mipv6",
        "MIPv6",
        "Binding Error",
        (("mipv6.Home address", "2001:db8::1"),),
    ),
    Case(
        "host identity",
        frame(_HIP, header(_NO_NEXT, pack(">BBHH", 1, 0x21, 0, 0) + _ONE + _OTHER + pack(">HHI", 385, 4, 9))),
        f"{_STACK}:hip",
        "HIP",
        "I1 (HIP Initiator Packet)",
        (("hip.Sender's identity", "2001:db8::1"), ("hip.Sequence", "00000009")),
    ),
    Case(
        "Shim6 with a payload",
        frame(_SHIM, header(_UDP, b"\x80\0\0\0\0\7"), _INSIDE),
        f"{_STACK}:shim6:udp",
        "UDP",
        "9000 → 9001 Len=5",
        (("shim6.Context tag", "0x000000000007"),),
    ),
    Case(
        "Shim6 control",
        frame(_SHIM, header(_NO_NEXT, b"\x42\0\0\0" + bytes(10))),
        f"{_STACK}:shim6",
        "SHIM6",
        "Keepalive",
    ),
    Case("nothing behind", frame(_NO_NEXT), _STACK, "IPv6", "IPv6 no next header"),
]
