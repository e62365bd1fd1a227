# SPDX-License-Identifier: Apache-2.0
"""What the decode room hands out: one row of a packet list, and the layers of one packet.

These three frozen classes are the whole vocabulary between this room and the rooms above it. Every string in them is
safe to draw: text that came from the wire has passed `ringscope.decode.text.escape`.
"""

from __future__ import annotations

from typing import Literal

from ringscope.frozen import frozen

ROLES = frozenset({"tcp", "udp", "icmp", "arp", "dns", "http", "tls", "routing", "other", "bad"})
"""The colour roles a `Summary` may carry; a theme gives each a colour."""


@frozen
class Summary:
    """One packet in one line.

    source, destination: addresses of the innermost network header (IPv4 dotted, IPv6 compressed); MAC addresses where
        the innermost Ethernet frame carries none; the sender's link address alone where a cooked header does; else
        empty.
    protocol: name of the innermost protocol known, spelled as Wireshark's Protocol column spells it.
    info: the packet in words; TCP sequence numbers are absolute and windows unscaled, since one packet alone says no
        more.
    role: one of `ROLES`; "bad" marks a packet whose own bytes contradict each other. A packet the capture cut short is
        not bad: its info says how many bytes were captured.
    """

    source: str
    destination: str
    protocol: str
    info: str
    role: str


@frozen
class Field:
    """One value of a layer and the bytes it was read from.

    name: what the field is called; a column or a filter names it "layer.name".
    display: the value in words, as a row of the layers shows it.
    start, length: byte range in the frame; a computed field has length 0.
    bits: for a value that does not fill its bytes, the first bit and the number of bits, counted from the most
        significant bit of the bytes read in `order`; None for a value that does.
    depth: indentation below the layer; a field of depth 1 belongs to the last field of depth 0 above it.
    value: what the bytes say, and nothing else: a number is those bits (or bytes) in `order`, negative in two's
        complement; bytes are the very bytes; text stands in them, made safe. None for a heading, whose fields are the
        ones below it, and for what is computed.
    note: what was computed about the value, and from what; empty for most.
    order: "big" or "little", the byte order of a number.
    """

    name: str
    display: str
    start: int
    length: int
    bits: tuple[int, int] | None = None
    depth: int = 0
    value: int | bytes | str | None = None
    note: str = ""
    order: Literal["big", "little"] = "big"

    @property
    def text(self) -> str:
        """The display and the note; what is computed stands in brackets."""
        if not self.length and self.note:
            return f"[{self.display}, {self.note}]" if self.display else f"[{self.note}]"
        return f"{self.display} [{self.note}]".lstrip() if self.note else self.display


@frozen
class Layer:
    """One decoded header, or a stretch of bytes nothing claimed.

    name: Wireshark's name as in `frame.protocols` ("eth", "vlan", "ip", "tcp"); besides those "data" (payload nobody
        decodes), "padding" (bytes after the packet inside the frame), "malformed" (bytes that could not be decoded; the
        title says why), "trailer" (what of a header lies behind what it carries), "cut" (the capture kept fewer bytes
        than the header needs) and "frame".
    title: the layer in one line.
    start, length: byte range in the frame of the header, without what it carries.
    """

    name: str
    title: str
    start: int
    length: int
    fields: tuple[Field, ...]
