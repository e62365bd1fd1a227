# SPDX-License-Identifier: Apache-2.0
"""RADIUS (RFC 2865, RFC 2866, RFC 5176) and its attributes (also RFC 2869, RFC 3162, RFC 3579)."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import ip_text, seconds
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.values import Table, blob, listed, number, words

RADIUS = protocol("radius", "RADIUS", udp=(1645, 1646, 1700, 1812, 1813, 3799))

_CODES = {
    1: "Access-Request",
    2: "Access-Accept",
    3: "Access-Reject",
    4: "Accounting-Request",
    5: "Accounting-Response",
    11: "Access-Challenge",
    12: "Status-Server",
    13: "Status-Client",
    40: "Disconnect-Request",
    41: "Disconnect-ACK",
    42: "Disconnect-NAK",
    43: "CoA-Request",
    44: "CoA-ACK",
    45: "CoA-NAK",
}
_LONGEST = 4096  # bytes of a message
_SERVICES = {1: "Login", 2: "Framed", 3: "Callback Login", 4: "Callback Framed", 5: "Outbound", 6: "Administrative",
             8: "Authenticate Only", 10: "Call Check"}  # fmt: skip
_STATUS = {1: "Start", 2: "Stop", 3: "Interim-Update", 7: "Accounting-On", 8: "Accounting-Off"}
_PORTS = {0: "Async", 5: "Virtual", 15: "Ethernet", 19: "Wireless 802.11"}
_ADDRESS, _SECONDS = listed(4, ip_text, "Address"), number(seconds)
_ATTRIBUTES: Table = {
    1: ("User-Name", words),
    2: ("User-Password", blob),
    3: ("CHAP-Password", blob),
    4: ("NAS-IP-Address", _ADDRESS),
    5: ("NAS-Port", number()),
    6: ("Service-Type", number(_SERVICES)),
    7: ("Framed-Protocol", number()),
    8: ("Framed-IP-Address", _ADDRESS),
    9: ("Framed-IP-Netmask", _ADDRESS),
    11: ("Filter-Id", words),
    12: ("Framed-MTU", number()),
    18: ("Reply-Message", words),
    22: ("Framed-Route", words),
    24: ("State", blob),
    25: ("Class", words),
    26: ("Vendor-Specific", blob),
    27: ("Session-Timeout", _SECONDS),
    28: ("Idle-Timeout", _SECONDS),
    29: ("Termination-Action", number()),
    30: ("Called-Station-Id", words),
    31: ("Calling-Station-Id", words),
    32: ("NAS-Identifier", words),
    33: ("Proxy-State", blob),
    40: ("Acct-Status-Type", number(_STATUS)),
    41: ("Acct-Delay-Time", _SECONDS),
    42: ("Acct-Input-Octets", number()),
    43: ("Acct-Output-Octets", number()),
    44: ("Acct-Session-Id", words),
    45: ("Acct-Authentic", number()),
    46: ("Acct-Session-Time", _SECONDS),
    47: ("Acct-Input-Packets", number()),
    48: ("Acct-Output-Packets", number()),
    49: ("Acct-Terminate-Cause", number()),
    55: ("Event-Timestamp", number()),
    60: ("CHAP-Challenge", blob),
    61: ("NAS-Port-Type", number(_PORTS)),
    64: ("Tunnel-Type", number()),
    65: ("Tunnel-Medium-Type", number()),
    77: ("Connect-Info", words),
    79: ("EAP-Message", blob),
    80: ("Message-Authenticator", blob),
    81: ("Tunnel-Private-Group-Id", words),
    87: ("NAS-Port-Id", words),
    101: ("Error-Cause", number()),
}


@RADIUS.row
def row(row: Row, at: int, end: int) -> None:
    """The code and the identifier that pairs a request with its answer."""
    row.need(at, 20, end, "RADIUS header")
    row.info = f"{_CODES.get(row.data[at], f'code {row.data[at]}')} id={row.data[at + 1]}"


@RADIUS.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header and the attributes, as far as the length says."""
    draft = tree.open(RADIUS, at, end)
    draft.say()
    draft.uint("Code", 1, _CODES)
    draft.uint("Identifier", 1)
    size = draft.uint("Length", 2)
    draft.raw("Authenticator", 16)
    draft.end = min(end, at + min(size, _LONGEST))
    while draft.left:
        _attribute(draft)


def _attribute(draft: Draft) -> None:
    kind, size = draft.peek(), draft.peek(1, 1)
    name, read = _ATTRIBUTES.get(kind, (f"Attribute {kind}", blob))
    with draft.group(name) as group:
        draft.uint("Type", 1)
        draft.uint("Length", 1)
        with draft.limited(max(size - 2, 0)):
            group.display = read(draft, max(size - 2, 0))
