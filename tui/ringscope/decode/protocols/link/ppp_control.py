# SPDX-License-Identifier: Apache-2.0
"""The control protocols of PPP: LCP (RFC 1661), IPCP (RFC 1332), IPV6CP (RFC 5072), CCP (RFC 1962), which share one
form, and authentication by PAP (RFC 1334) and CHAP (RFC 1994)."""

from __future__ import annotations

from ringscope.decode.forms import hex2
from ringscope.decode.registry import Protocol, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

_CODES = {
    1: "Configuration Request",
    2: "Configuration Ack",
    3: "Configuration Nak",
    4: "Configuration Reject",
    5: "Termination Request",
    6: "Termination Ack",
    7: "Code Reject",
    8: "Protocol Reject",
    9: "Echo Request",
    10: "Echo Reply",
    11: "Discard Request",
    12: "Identification",
    13: "Time Remaining",
}
_PAP = {1: "Authenticate-Request", 2: "Authenticate-Ack", 3: "Authenticate-Nak"}
_CHAP = {1: "Challenge", 2: "Response", 3: "Success", 4: "Failure"}
_LCP_OPTIONS = {
    1: "Maximum receive unit",
    2: "Asynchronous control character map",
    3: "Authentication protocol",
    4: "Quality protocol",
    5: "Magic number",
    7: "Protocol field compression",
    8: "Address and control field compression",
    13: "Callback",
    17: "Multilink MRRU",
    18: "Multilink short sequence numbers",
    19: "Multilink endpoint discriminator",
}
_IPCP_OPTIONS = {2: "IP compression", 3: "IP address", 129: "Primary DNS server", 131: "Secondary DNS server"}


def _control(name: str, title: str, number: int, codes: dict[int, str], options: dict[int, str] | None) -> Protocol:
    made = protocol(name, title, ppp=(number,))

    @made.row
    def row(row: Row, at: int, end: int) -> None:
        row.need(at, 4, end, f"{title} header")
        row.info = codes.get(row.data[at], f"code {row.data[at]}")

    @made.layer
    def layer(tree: Tree, at: int, end: int) -> None:
        draft = tree.open(made, at, end)
        draft.say()
        code = draft.uint("Code", 1, codes)
        draft.uint("Identifier", 1, hex2)
        size = draft.uint("Length", 2)
        draft.end = min(end, at + max(size, 4))
        if options is None or code not in (1, 2, 3, 4):
            draft.rest("Data")
            return
        while draft.left:
            kind, length = draft.peek(), draft.peek(1, 1)
            with draft.group(options.get(kind, f"Option {kind}")) as group:
                draft.uint("Type", 1)
                draft.uint("Length", 1)
                value = draft.raw("Value", max(length - 2, 0))
                group.display = value.hex()

    return made


LCP = _control("lcp", "LCP", 0xC021, _CODES, _LCP_OPTIONS)
IPCP = _control("ipcp", "IPCP", 0x8021, _CODES, _IPCP_OPTIONS)
IPV6CP = _control("ipv6cp", "IPV6CP", 0x8057, _CODES, {1: "Interface identifier"})
CCP = _control("ccp", "CCP", 0x80FD, _CODES | {14: "Reset Request", 15: "Reset Ack"}, {})
PAP = _control("pap", "PAP", 0xC023, _PAP, None)
CHAP = _control("chap", "CHAP", 0xC223, _CHAP, None)
