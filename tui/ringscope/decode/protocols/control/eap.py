# SPDX-License-Identifier: Apache-2.0
"""EAP (RFC 3748), by whatever it is carried; what its methods exchange is shown as bytes."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex6, hex8, is_set, plain
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.text import wire_text
from ringscope.decode.tree import Tree

EAP = protocol("eap", "EAP", role="routing", ppp=(0xC227,))

_CODES = {1: "Request", 2: "Response", 3: "Success", 4: "Failure", 5: "Initiate", 6: "Finish"}
_IDENTITY, _NOTIFICATION, _NAK, _MD5, _EXPANDED = 1, 2, 3, 4, 254
_TYPES = {
    _IDENTITY: "Identity",
    _NOTIFICATION: "Notification",
    _NAK: "Legacy Nak (Response Only)",
    _MD5: "MD5-Challenge EAP (EAP-MD5-CHALLENGE)",
    5: "One-Time Password EAP (EAP-OTP)",
    6: "Generic Token Card EAP (EAP-GTC)",
    13: "TLS EAP (EAP-TLS)",
    17: "Cisco Wireless EAP / Lightweight EAP (EAP-LEAP)",
    18: "GSM Subscriber Identity Modules EAP (EAP-SIM)",
    21: "Tunneled TLS EAP (EAP-TTLS)",
    23: "UMTS Authentication and Key Agreement EAP (EAP-AKA)",
    25: "Protected EAP (EAP-PEAP)",
    26: "MS-Authentication EAP (EAP-MS-AUTH)",
    29: "MS-Authentication TLV EAP",
    43: "Flexible Authentication via Secure Tunneling EAP (EAP-FAST)",
    47: "EAP-PSK",
    48: "EAP-SAKE",
    49: "IKEv2 EAP (EAP-IKEv2)",
    50: "Authentication and Key Agreement Prime EAP (EAP-AKA')",
    52: "Password EAP (EAP-PWD)",
    55: "Tunnel EAP (EAP-TEAP)",
    _EXPANDED: "Expanded Type",
}
_OVER_TLS = frozenset({13, 21, 25, 43, 55})


@EAP.row
def row(row: Row, at: int, end: int) -> None:
    """The code and the method."""
    row.need(at, 4, end, "EAP header")
    code, _, size = unpack_from(">BBH", row.data, at)
    row.info = _CODES.get(code, f"code {code}")
    end = min(end, at + size)
    if code not in (1, 2):
        return
    row.need(at, 5, end, "EAP type")
    kind = row.data[at + 4]
    row.info += f", {_TYPES.get(kind, f'type {kind}')}"
    if kind == _IDENTITY and end > at + 5:
        row.info += f", {wire_text(row.data[at + 5 : end].split(chr(0).encode())[0])}"


@EAP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Header and method."""
    draft = tree.open(EAP, at, end)
    draft.say()
    code = draft.uint("Code", 1, _CODES)
    draft.uint("Identifier", 1)
    size = draft.uint("Length", 2)
    draft.end = max(min(end, at + size), draft.at)
    if code in (1, 2) and draft.left:
        _method(draft, draft.uint("Type", 1, _TYPES))
    draft.rest("Data")


def _method(draft: Draft, kind: int) -> None:
    if not draft.left:
        return
    if kind in (_IDENTITY, _NOTIFICATION):
        draft.text("Identity" if kind == _IDENTITY else "Message", draft.left)
    elif kind == _NAK:
        while draft.left:
            draft.uint("Desired type", 1, _TYPES)
    elif kind == _MD5:
        draft.raw("Value", draft.uint("Value size", 1))
        if draft.left:
            draft.text("Name", draft.left)
    elif kind in _OVER_TLS:
        flags = draft.flags(
            "Flags",
            1,
            hex2,
            ("Length included", 1, is_set),
            ("More fragments", 1, is_set),
            ("Start", 1, is_set),
            ("Reserved", 2, plain),
            ("Version", 3, plain),
        )
        if flags[1]:
            draft.uint("TLS message length", 4)
        draft.rest("TLS data")
    elif kind == _EXPANDED and draft.left >= 7:
        draft.uint("Vendor", 3, hex6)
        draft.uint("Vendor type", 4, hex8)
