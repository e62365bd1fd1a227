# SPDX-License-Identifier: Apache-2.0
"""MPLS: IP, pseudowires with and without a control word, the channel beside them."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import dns_query, ethernet, ipv4, udp

_QUERY = ipv4(udp(dns_query()), 17)
_FRAME = ethernet(_QUERY)
_SAID = ("DNS", "Standard query 0x50b5 AAAA db1.internal")
_LABEL = pack(">I", 17 << 12 | 0x140)
_BFD = pack(">BBBBIIIII", 0x20, 0xC8, 3, 24, 1, 2, 300000, 300000, 0)


def _labelled(payload: bytes, labels: bytes = _LABEL) -> bytes:
    return ethernet(labels + payload, 0x8847)


CASES = [
    Case(
        "explicit null in UDP",
        ethernet(ipv4(udp(pack(">I", 0x140) + _QUERY, (40000, 6635)), 17)),
        "eth:ip:udp:mpls:ip:udp:dns",
        *_SAID,
        (("mpls.Label", "0 (IPv4 explicit null)"),),
    ),
    Case(
        "a frame behind a control word",
        _labelled(pack(">I", 5) + _FRAME),
        "eth:mpls:pwethheuristic:pwethcw:eth:ip:udp:dns",
        *_SAID,
        (("pwethcw.Sequence", "5"),),
    ),
    Case(
        "a frame alone",
        _labelled(_FRAME),
        "eth:mpls:pwethheuristic:pwethnocw:eth:ip:udp:dns",
        *_SAID,
        (("pwethheuristic.Control word", "[absent, from where a type of the frame is known]"),),
    ),
    Case(
        "BFD in the channel",
        _labelled(b"\x10\0\0\x07" + _BFD, pack(">I", 13 << 12 | 0x140)),
        "eth:mpls:pwach:bfd",
        "BFD Control",
        "Diag: No Diagnostic, State: Up, Flags: 0x08",
        (("pwach.Channel type", "0x0007 (BFD control, without IP)"),),
    ),
    Case("IP in the channel", _labelled(b"\x10\0\0\x21" + _QUERY), "eth:mpls:pwach:ip:udp:dns", *_SAID),
    Case(
        "a channel that nobody reads",
        _labelled(b"\x10\0\x7f\xff" + bytes(8)),
        "eth:mpls:pwach",
        "PW ACH",
        "channel 0x7fff, 8 bytes",
    ),
    Case("no frame at all", _labelled(b"\x9abcdefgh"), "eth:mpls", "MPLS", "label 17, 8 bytes"),
]
