# SPDX-License-Identifier: Apache-2.0
"""TCP (RFC 9293) with its options (RFC 7323, RFC 2018), and the step to what it carries."""

from __future__ import annotations

from struct import Struct

from dpkt.tcp import TCP as HEADER

from ringscope.decode.address import grouped
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex4, plain, words4
from ringscope.decode.names import TCP_FLAG_WORDS
from ringscope.decode.registry import TCP as CARRIER
from ringscope.decode.registry import Show, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

TCP = protocol("tcp", "TCP", role="tcp", ip=(6,))

_FIXED = Struct(">HHIIHH")
_PAIR = Struct(">II")
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
_OPTIONS = {
    0: "End of options",
    1: "No operation",
    2: "Maximum segment size",
    3: "Window scale",
    4: "SACK permitted",
    5: "SACK",
    8: "Timestamps",
    19: "MD5 signature",
    28: "User timeout",
    29: "Authentication",
    30: "Multipath TCP",
    34: "Fast open cookie",
}


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
        row.info += _option_words(data, at + 20, payload)


def _option_words(data: bytes, at: int, stop: int) -> str:
    # By far the commonest: two paddings and a timestamp.
    if stop - at == 12 and data.startswith(b"\x01\x01\x08\x0a", at):
        value, echo = _PAIR.unpack_from(data, at + 4)
        return f" TSval={value} TSecr={echo}"
    words: list[str] = []
    while at < stop and data[at] != 0:
        kind = data[at]
        if kind == 1:
            at += 1
            continue
        size = data[at + 1] if at + 1 < stop else 0
        if size < 2 or at + size > stop:
            raise Malformed(f"TCP option {kind} of length {size}, {stop - at} bytes left")
        words.append(_option_word(data, kind, at, size))
        at += size
    return "".join(words)


def _option_word(data: bytes, kind: int, at: int, size: int) -> str:
    if kind == 2 and size == 4:
        return f" MSS={data[at + 2] << 8 | data[at + 3]}"
    if kind == 3 and size == 3:
        return f" WS={1 << min(data[at + 2], 14)}"
    if kind == 4:
        return " SACK_PERM"
    if kind == 8 and size == 10:
        value, echo = _PAIR.unpack_from(data, at + 2)
        return f" TSval={value} TSecr={echo}"
    if kind == 5:
        return "".join(
            " SLE={} SRE={}".format(*_PAIR.unpack_from(data, place)) for place in range(at + 2, at + size - 7, 8)
        )
    return ""


@TCP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Header and options."""
    draft = tree.open(TCP, at, end)
    values = draft.header(HEADER, _SHOW)
    ports: tuple[int, int] = (values["sport"], values["dport"])
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
            _option(draft)
    except Malformed as broken:  # what the segment carries may still make sense
        tree.stop(broken, at + header)
    tree.by_ports(CARRIER, at + header, end, ports)


def _option(draft: Draft) -> None:
    kind = draft.peek()
    if kind < 2:
        draft.uint(_OPTIONS[kind], 1, lambda _: "")
        return
    size = draft.peek(1, 1) if draft.left > 1 else 0
    if size < 2 or size > draft.left:
        raise Malformed(f"TCP option {kind} of length {size}, {draft.left} bytes left")
    with draft.group(_OPTIONS.get(kind, f"Option {kind}")) as group:
        draft.uint("Kind", 1, _OPTIONS)
        draft.uint("Length", 1)
        if kind == 2 and size == 4:
            group.display = str(draft.uint("Value", 2))
        elif kind == 3 and size == 3:
            shift = draft.uint("Shift", 1)
            group.display = f"{shift} (multiply by {1 << min(shift, 14)})"
        elif kind == 8 and size == 10:
            group.display = f"value {draft.uint('Value', 4)}, echo reply {draft.uint('Echo reply', 4)}"
        elif kind == 5 and size % 8 == 2:
            edges = [
                (draft.uint("Left edge", 4, grouped), draft.uint("Right edge", 4, grouped)) for _ in range(size // 8)
            ]
            group.display = ", ".join(f"{grouped(left)} - {grouped(right)}" for left, right in edges)
        else:
            group.display = draft.raw("Value", size - 2).hex()
