# SPDX-License-Identifier: Apache-2.0
"""One packet to one line, cheaply and without ever failing.

`summarize` runs the decoders of `ringscope.decode.rows` and turns whatever stops them into words: bytes that the
capture cut, or bytes that make no sense.
"""

from __future__ import annotations

from ringscope.decode.address import ip_text, mac
from ringscope.decode.errors import Malformed, Short
from ringscope.decode.model import Summary
from ringscope.decode.rows import LINKS, Row


def summarize(data: bytes | memoryview, link_type: int, length: int) -> Summary:
    """Summarize one packet; never raises.

    data: the captured bytes from the link header on (an outer VLAN tag included).
    link_type: LINKTYPE_* number as in capture files: 1 Ethernet; 12, 14, 101 raw IP; 113, 276 Linux cooked;
        228 IPv4; 229 IPv6.
    length: bytes of the packet on the wire; more than len(data) when the capture cut it.
    """
    row = Row(data if type(data) is bytes else bytes(data), length)
    decoder = LINKS.get(link_type)
    if decoder is None:
        row.protocol, row.info = f"link type {link_type}", f"{row.wire} bytes"
    else:
        try:
            decoder(row, 0, row.wire)
        except Exception as stopped:  # any packet may break any decoder; the row says so and the list goes on
            _explain(row, stopped)
    if not row.source:
        _link_addresses(row)
    return Summary(row.source, row.destination, row.protocol, row.info, row.role)


def _link_addresses(row: Row) -> None:
    if row.link_at >= 0:
        row.destination = mac(row.data[row.link_at : row.link_at + 6])
        row.source = mac(row.data[row.link_at + 6 : row.link_at + 12])
    else:
        at, size = row.sender
        row.source = ip_text(row.data[at : at + size])


def _explain(row: Row, stopped: Exception) -> None:
    words = str(stopped) if isinstance(stopped, Malformed) else ""
    if isinstance(stopped, Short) and row.piece:
        note = f"[continues in another {row.piece}]"
    elif not words and row.size < row.wire:
        note = f"[cut: {row.size} of {row.wire} bytes captured]"
    else:
        row.role = "bad"
        note = f"[Malformed Packet] {words}".rstrip()
    row.info = f"{row.info} {note}" if row.info else note
