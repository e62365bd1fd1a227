# SPDX-License-Identifier: Apache-2.0
"""TCP's header as rows and layers."""

from __future__ import annotations

from struct import Struct

from ringscope.decode.address import grouped
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex4, is_set, plain, words4
from ringscope.decode.names import TCP_FLAG_WORDS
from ringscope.decode.protocols.transport.tcp.options import option, option_words
from ringscope.decode.registry import TCP as CARRIER
from ringscope.decode.registry import Show, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

TCP = protocol("tcp", "TCP", role="tcp", ip=(6,))

_FIXED = Struct(">HHIIHH")
_SYN, _ACK = 0x02, 0x10
_SHOW: Show = {
    "sport": ("Source port", plain),
    "dport": ("Destination port", plain),
    "seq": ("Sequence number", grouped),
    "ack": ("Acknowledgment number", grouped),
    "off": ("Header length", words4),
    "rsv": ("", plain),
    "flags": ("Flags", lambda value: f"0x{value:03x} ({TCP_FLAG_WORDS[value]})"),
    "win": ("Window (unscaled)", plain),
    "sum": ("Checksum", hex4),
    "urp": ("Urgent pointer", plain),
}
_FLAGS = ("AccECN", "CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN")
"""From bit 7 of the header's byte 12 on (RFC 9293; RFC 9768 for the first)."""


@TCP.row
def row(row: Row, at: int, end: int) -> None:
    """Ports, flags and numbers, as one packet alone knows them."""
    row.need(at, 20, end, "TCP header")
    data = row.data
    source, destination, sequence, acknowledged, control, window = _FIXED.unpack_from(data, at)
    header = (control >> 12) * 4
    flags = control & 0x1FF
    size = end - at - header
    acknowledgement = f" Ack={acknowledged}" if flags & _ACK else ""
    row.info = (
        f"{source} → {destination} [{TCP_FLAG_WORDS[flags]}] Seq={sequence}{acknowledgement} Win={window} "
        f"Len={max(size, 0)}"
    )
    if header < 20:
        raise Malformed(f"TCP header length {header}")
    if size < 0:
        raise Malformed(f"TCP header length {header}, {end - at} bytes left")
    if flags & _SYN and row.memory is not None and not row.piece:
        flow = row.memory.flow("tcp", (row.source, source), (row.destination, destination))
        flow.client = (row.destination, destination) if flags & _ACK else (row.source, source)
    payload = at + header
    if size and payload < row.size:
        row.piece = row.piece or "segment"
        if row.by_ports(CARRIER, payload, end, (source, destination)):
            return
    if header > 20:
        row.need(at, header, end, "TCP options")
        words, multipath = option_words(data, at + 20, payload)
        row.info += words
        if multipath:
            row.protocol = "MPTCP"


@TCP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Header and options."""
    draft = tree.open(TCP, at, end)
    values = draft.header("dpkt.tcp:TCP", _SHOW)
    ports: tuple[int, int] = (values["sport"], values["dport"])
    _flags(draft, values["flags"])
    header = values["off"] * 4
    size = max(end - at - header, 0)
    draft.title = (
        f"TCP  {ports[0]} → {ports[1]}  [{TCP_FLAG_WORDS[values['flags']]}]  seq {grouped(values['seq'])}  {size} bytes"
    )
    if header < 20:
        raise Malformed(f"TCP header length {header}")
    tree.need(at, header, end, "TCP options")
    draft.end = at + header
    if not tree.piece:
        draft.computed("Payload", f"{size} bytes", "from the lengths of packet and header")
        tree.piece = "segment"
    try:
        while draft.left:
            option(draft)
    except Malformed as broken:  # what the segment carries may still make sense
        tree.stop(broken, at + header)
    tree.by_ports(CARRIER, at + header, end, ports)


def _flags(draft: Draft, flags: int) -> None:
    """Each flag by its bit, below the field that has all of them."""
    heading = next(place for place, each in enumerate(draft.fields) if each.name == "Flags")
    start, count = draft.fields[heading].start, len(draft.fields)
    draft.depth += 1
    for place, name in enumerate(_FLAGS, 7):
        value = flags >> (15 - place) & 1
        draft.add(name, is_set(value), start + place // 8, 1, value=value, bits=(place % 8, 1))
    draft.depth -= 1
    made = draft.fields[count:]
    del draft.fields[count:]
    draft.fields[heading + 1 : heading + 1] = made
