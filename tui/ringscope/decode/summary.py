# SPDX-License-Identifier: Apache-2.0
"""One packet to one line, cheaply and without ever failing.

`summarize` lets the row decoders of the protocols write, and turns whatever stopped one into words: bytes that the
capture cut, or bytes that make no sense. `protocols` hands out the names met on the way.
"""

from __future__ import annotations

from ringscope.decode.address import ip_text, mac
from ringscope.decode.errors import Malformed, Short
from ringscope.decode.memory import Memory
from ringscope.decode.model import Summary
from ringscope.decode.protocols import FOUND
from ringscope.decode.row import Row

assert FOUND


def summarize(data: bytes | memoryview, link_type: int, length: int, memory: Memory | None = None) -> Summary:
    """Summarize one packet; never raises.

    data: the captured bytes from the link header on (an outer VLAN tag included).
    link_type: LINKTYPE_* number as in capture files.
    length: bytes of the packet on the wire; more than len(data) when the capture cut it.
    memory: what is remembered of flows; the packet adds to it. Without one, every packet speaks for itself.
    """
    row = _walked(data, link_type, length, memory)
    if row.stopped is not None:
        _explain(row, *row.stopped)
    if not row.source:
        _link_addresses(row)
    return Summary(row.source, row.destination, row.protocol, row.info, row.role)


def protocols(data: bytes | memoryview, link_type: int, length: int, memory: Memory | None = None) -> tuple[str, ...]:
    """The names of the protocols in a packet, from the outermost in, as tshark's frame.protocols spells them.

    Arguments as of `summarize`. What tshark lists besides protocols ("ethertype", "data", "raw") is not among them.
    """
    return tuple(_walked(data, link_type, length, memory).names)


def _walked(data: bytes | memoryview, link_type: int, length: int, memory: Memory | None) -> Row:
    row = Row(data if type(data) is bytes else bytes(data), length, memory)
    try:
        row.by_link_type(link_type, 0, row.wire)
    except Exception as stopped:  # raw IP of no version; inside protocols `Row.enter` sees to it
        row.protocol = row.protocol or "IP"
        row.stopped = (stopped, "")
    return row


def _link_addresses(row: Row) -> None:
    if row.link_at >= 0:
        row.destination = mac(row.data[row.link_at : row.link_at + 6])
        row.source = mac(row.data[row.link_at + 6 : row.link_at + 12])
    else:
        at, size = row.sender
        row.source = ip_text(row.data[at : at + size])


def _explain(row: Row, stopped: Exception, piece: str) -> None:
    words = str(stopped) if isinstance(stopped, Malformed) else ""
    if isinstance(stopped, Short) and piece:
        note = f"[continues in another {piece}]"
    elif not words and row.size < row.wire:
        note = f"[cut: {row.size} of {row.wire} bytes captured]"
    else:
        row.role = "bad"
        note = f"[Malformed Packet] {words}".rstrip()
    row.info = f"{row.info} {note}" if row.info else note
