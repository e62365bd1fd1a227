# SPDX-License-Identifier: Apache-2.0
"""The host identity protocol (RFC 7401) and Shim6 (RFC 5533), extension headers that carry control messages."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.address import ipv6
from ringscope.decode.forms import hex4, octets, plain, yes
from ringscope.decode.protocols.network.ipv6.chain import NO_NEXT, extension, next_layer, next_row
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

HIP = protocol("hip", "HIP", ip=(139,))
SHIM6 = protocol("shim6", "SHIM6", ip=(140,))

_PACKETS = {
    1: "I1 (HIP Initiator Packet)",
    2: "R1 (HIP Responder Packet)",
    3: "I2 (Second HIP Initiator Packet)",
    4: "R2 (Second HIP Responder Packet)",
    16: "UPDATE (HIP Update Packet)",
    17: "NOTIFY (HIP Notify Packet)",
    18: "CLOSE (HIP Association Closing Packet)",
    19: "CLOSE_ACK (HIP Closing Acknowledgment Packet)",
}
_PARAMETERS = {
    65: "ESP information",
    128: "R1 counter",
    193: "Locator set",
    257: "Puzzle",
    321: "Solution",
    385: "Sequence",
    449: "Acknowledgement",
    511: "DH groups",
    513: "Diffie-Hellman",
    579: "HIP ciphers",
    641: "Encrypted",
    705: "Host identity",
    715: "Host identity algorithms",
    768: "Certificate",
    832: "Notification",
    897: "Echo request, signed",
    961: "Echo response, signed",
    2049: "Transport formats",
    61505: "HMAC",
    61569: "HMAC 2",
    61633: "Signature 2",
    61697: "Signature",
    63661: "Echo request",
    63425: "Echo response",
}
_MESSAGES = {1: "I1", 2: "R1", 3: "I2", 4: "R2", 5: "R1bis", 6: "I2bis", 64: "Update Request", 65: "Update Acknowledge"}
_MESSAGES |= {66: "Keepalive", 67: "Probe"}


@HIP.row
def hip_row(row: Row, at: int, end: int) -> None:
    """The kind of packet."""
    row.need(at, 40, end, "HIP header")
    kind = row.data[at + 2] & 0x7F
    row.info = _PACKETS.get(kind, f"packet type {kind}")
    if row.data[at] != NO_NEXT:
        next_row(row, row.data[at], at + (row.data[at + 1] + 1) * 8, end)


@HIP.layer
def hip(tree: Tree, at: int, end: int) -> None:
    """Header and parameters."""
    draft, following = extension(HIP, "Host identity", tree, at, end)
    _, kind = draft.bits(1, ("", 1, plain), ("Packet type", 7, _PACKETS))
    draft.title = f"Host identity  {_PACKETS.get(kind, f'packet type {kind}')}"
    draft.bits(1, ("Version", 4, plain), ("", 4, plain))
    draft.uint("Checksum", 2, hex4)
    draft.uint("Controls", 2, hex4)
    draft.raw("Sender's identity", 16, ipv6)
    draft.raw("Receiver's identity", 16, ipv6)
    while draft.left >= 4:
        with draft.group(_PARAMETERS.get(draft.peek(2), f"Parameter {draft.peek(2)}")) as group:
            draft.uint("Type", 2)
            size = min(draft.uint("Length", 2), draft.left)
            group.display = octets(draft.raw("Value", size)) if size else ""
            padding = min(-(size + 4) % 8, draft.left)
            if padding:
                draft.raw("Padding", padding)
    draft.rest("Data")
    next_layer(tree, following, draft.end, end)


@SHIM6.row
def shim_row(row: Row, at: int, end: int) -> None:
    """A payload's context, or the kind of control message."""
    row.need(at, 8, end, "Shim6 header")
    if row.data[at + 2] & 0x80:
        next_row(row, row.data[at], at + (row.data[at + 1] + 1) * 8, end)
        return
    kind = row.data[at + 2] & 0x7F
    row.info = _MESSAGES.get(kind, f"type {kind}")


@SHIM6.layer
def shim(tree: Tree, at: int, end: int) -> None:
    """The header; of a control message the body as bytes."""
    draft, following = extension(SHIM6, "Shim6", tree, at, end)
    if tree.data[at + 2] & 0x80:
        tag = unpack_from(">HI", tree.data, at + 2)
        draft.bits(6, ("Payload", 1, yes), ("Context tag", 47, lambda value: f"0x{value:012x}"))
        draft.title = f"Shim6  payload, context 0x{(tag[0] & 0x7FFF) << 32 | tag[1]:012x}"
        next_layer(tree, following, draft.end, end)
        return
    _, kind = draft.bits(1, ("Payload", 1, yes), ("Message", 7, _MESSAGES))
    draft.title = f"Shim6  {_MESSAGES.get(kind, f'type {kind}')}"
    draft.uint("Type-specific", 1)
    draft.uint("Checksum", 2, hex4)
    draft.rest("Message data")
