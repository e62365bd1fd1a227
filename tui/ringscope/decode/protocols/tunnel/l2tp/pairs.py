# SPDX-License-Identifier: Apache-2.0
"""The attribute-value pairs of L2TP's control messages (RFC 2661 section 4.4, RFC 3931 section 5.4)."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import formed, is_set, octets, plain

MESSAGES = {
    1: "SCCRQ",
    2: "SCCRP",
    3: "SCCCN",
    4: "StopCCN",
    6: "Hello",
    7: "OCRQ",
    8: "OCRP",
    9: "OCCN",
    10: "ICRQ",
    11: "ICRP",
    12: "ICCN",
    14: "CDN",
    15: "WEN",
    16: "SLI",
    18: "MSRQ",
    19: "MSRP",
    20: "ACK",
}
_PAIRS = {
    0: "Message type",
    1: "Result code",
    2: "Protocol version",
    3: "Framing capabilities",
    4: "Bearer capabilities",
    5: "Tie breaker",
    6: "Firmware revision",
    7: "Host name",
    8: "Vendor name",
    9: "Assigned tunnel",
    10: "Receive window size",
    11: "Challenge",
    12: "Q.931 cause code",
    13: "Challenge response",
    14: "Assigned session",
    15: "Call serial number",
    16: "Minimum bit rate",
    17: "Maximum bit rate",
    18: "Bearer type",
    19: "Framing type",
    21: "Called number",
    22: "Calling number",
    23: "Sub-address",
    24: "Transmit connect speed",
    25: "Physical channel",
    26: "Initial received LCP CONFREQ",
    27: "Last sent LCP CONFREQ",
    28: "Last received LCP CONFREQ",
    29: "Proxy authentication type",
    30: "Proxy authentication name",
    31: "Proxy authentication challenge",
    32: "Proxy authentication ID",
    33: "Proxy authentication response",
    34: "Call errors",
    35: "ACCM",
    36: "Random vector",
    37: "Private group",
    38: "Receive connect speed",
    39: "Sequencing required",
    59: "Message digest",
    60: "Router ID",
    61: "Assigned control connection",
    62: "Pseudowire capabilities",
    63: "Local session",
    64: "Remote session",
    65: "Assigned cookie",
    66: "Remote end",
    68: "Pseudowire type",
    69: "L2-specific sublayer",
    70: "Data sequencing",
    71: "Circuit status",
    72: "Preferred language",
    73: "Control message authentication nonce",
    74: "Transmit connect speed",
    75: "Receive connect speed",
}
_MESSAGE, _RESULT, _VERSION = 0, 1, 2
_TEXTS = frozenset({7, 8, 21, 22, 23, 30, 37, 72})
_NUMBERS = frozenset({3, 4, 6, 9, 10, 14, 15, 16, 17, 18, 19, 24, 25, 29, 38, 61, 63, 64, 68, 69, 70, 71})
_RESULTS = {
    1: "general request to clear",
    2: "general error",
    3: "already exists",
    4: "not authorized",
    5: "version not supported",
    6: "being shut down",
    7: "finite state machine error",
}


def pairs(draft: Draft) -> None:
    """All pairs up to the end of the draft."""
    while draft.left >= 6:
        size, vendor, kind = draft.peek(2) & 0x03FF, draft.peek(2, 2), draft.peek(2, 4)
        name = _PAIRS.get(kind, f"Attribute {kind}") if not vendor else f"Attribute {kind} of vendor {vendor}"
        with draft.group(name) as group:
            _, hidden, _, _ = draft.bits(
                2, ("Mandatory", 1, is_set), ("Hidden", 1, is_set), ("Reserved", 4, plain), ("Length", 10, plain)
            )
            if size < 6:
                raise Malformed(f"L2TP attribute of {size} bytes")
            draft.uint("Vendor", 2)
            draft.uint("Attribute", 2, {} if vendor else _PAIRS)
            with draft.limited(size - 6):
                group.display = _value(draft, -1 if vendor or hidden else kind)


def _value(draft: Draft, kind: int) -> str:
    if not draft.left:
        return ""
    if kind == _MESSAGE:
        return formed(MESSAGES, draft.uint("Value", 2, MESSAGES))
    if kind == _RESULT:
        words = formed(_RESULTS, draft.uint("Result", 2, _RESULTS))
        if draft.left >= 2:
            draft.uint("Error", 2)
        if draft.left:
            words += f", {draft.text('Message', draft.left)}"
        return words
    if kind == _VERSION:
        return ".".join(str(draft.uint(label, 1)) for label in ("Version", "Revision"))
    if kind in _TEXTS:
        return draft.text("Value", draft.left)
    if kind in _NUMBERS and draft.left in (2, 4):
        return str(draft.uint("Value", draft.left))
    return octets(draft.rest("Value"))
