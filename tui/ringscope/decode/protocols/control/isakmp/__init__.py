# SPDX-License-Identifier: Apache-2.0
"""Key exchange for IPsec: ISAKMP and IKEv1 (RFC 2408, RFC 2409), IKEv2 (RFC 7296). A header, and a chain of payloads
of which each names the next."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Bits
from ringscope.decode.forms import hex2, hex8, hex16, is_set, plain
from ringscope.decode.protocols.control.isakmp.names import EXCHANGES_1, EXCHANGES_2, PAYLOADS_1, PAYLOADS_2
from ringscope.decode.protocols.control.isakmp.payloads import payloads
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

ISAKMP = protocol("isakmp", "ISAKMP", udp=(500,), tcp=(500,))

_HEADER = 28
_ENCRYPTED = 0x01
_FLAGS_1: tuple[Bits, ...] = (
    ("Reserved", 5, plain),
    ("Authentication only", 1, is_set),
    ("Commit", 1, is_set),
    ("Encrypted", 1, is_set),
)
_FLAGS_2: tuple[Bits, ...] = (
    ("Reserved", 2, plain),
    ("Response", 1, is_set),
    ("Higher version", 1, is_set),
    ("Initiator", 1, is_set),
    ("Reserved", 3, plain),
)


@ISAKMP.row
def row(row: Row, at: int, end: int) -> None:
    """The exchange; of version 2 also which message of it, and whose."""
    row.need(at, 20, end, "ISAKMP header")
    version, exchange, flags = row.data[at + 17], row.data[at + 18], row.data[at + 19]
    if version >> 4 < 2:
        row.info = EXCHANGES_1.get(exchange, f"exchange type {exchange}")
        row.need(at, _HEADER, end, "ISAKMP header")
        return
    row.info = EXCHANGES_2.get(exchange, f"exchange type {exchange}")
    row.need(at, _HEADER, end, "ISAKMP header")
    side = "Initiator" if flags & 0x08 else "Responder"
    kind = "Response" if flags & 0x20 else "Request"
    row.info += f" MID={unpack_from('>I', row.data, at + 20)[0]:02x} {side} {kind}"


@ISAKMP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Header and payloads, as far as these are not encrypted."""
    draft = tree.open(ISAKMP, at, end, "ISAKMP")
    draft.say()
    version = draft.peek(1, 17) >> 4
    two = version >= 2
    draft.uint("Initiator SPI", 8, hex16)
    draft.uint("Responder SPI", 8, hex16)
    following = draft.uint("Next payload", 1, PAYLOADS_2 if two else PAYLOADS_1)
    draft.bits(1, ("Major version", 4, plain), ("Minor version", 4, plain))
    draft.uint("Exchange type", 1, EXCHANGES_2 if two else EXCHANGES_1)
    flags = draft.flags("Flags", 1, hex2, *(_FLAGS_2 if two else _FLAGS_1))[0]
    draft.uint("Message ID", 4, hex8)
    size = draft.uint("Length", 4)
    draft.end = max(min(end, at + size), draft.at)
    if flags & _ENCRYPTED and not two:
        draft.rest("Encrypted payloads")
    else:
        payloads(draft, following, two=two)
