# SPDX-License-Identifier: Apache-2.0
"""UDP (RFC 768), and the step to what it carries."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex4, plain
from ringscope.decode.registry import UDP as CARRIER
from ringscope.decode.registry import Show, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

UDP = protocol("udp", "UDP", role="udp", ip=(17,))

_SHOW: Show = {
    "sport": ("Source port", plain),
    "dport": ("Destination port", plain),
    "ulen": ("Length", plain),
    "sum": ("Checksum", hex4),
}


@UDP.row
def row(row: Row, at: int, end: int) -> None:
    """Ports and length."""
    row.need(at, 8, end, "UDP header")
    source, destination, size = unpack_from(">HHH", row.data, at)
    # Zero stands for a jumbogram (RFC 2675) or a datagram the card will still segment.
    if size == 0:
        size = end - at
    row.info = f"{source} → {destination} Len={max(size - 8, 0)}"
    if size < 8:
        raise Malformed(f"UDP length {size}")
    if at + size > end and not row.piece:
        raise Malformed(f"UDP length {size}, {end - at} bytes left")
    row.by_ports(CARRIER, at + 8, min(end, at + size), (source, destination))


@UDP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(UDP, at, end)
    values = draft.header("dpkt.udp:UDP", _SHOW)
    size = values["ulen"] or end - at
    draft.title = f"UDP  {values['sport']} → {values['dport']}  {max(size - 8, 0)} bytes"
    if size < 8:
        raise Malformed(f"UDP length {size}")
    if at + size > end and not tree.piece:
        raise Malformed(f"UDP length {size}, {end - at} bytes left")
    tree.by_ports(CARRIER, at + 8, min(end, at + size), (values["sport"], values["dport"]))
