# SPDX-License-Identifier: Apache-2.0
"""IPsec: the Authentication Header (RFC 4302), behind which all is readable, and ESP (RFC 4303), where nothing is."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex8, ip_number
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

AH = protocol("ah", "AH", ip=(51,))
ESP = protocol("esp", "ESP", ip=(50,))


@AH.row
def ah_row(row: Row, at: int, end: int) -> None:
    """The security association, where nothing inside is known."""
    row.need(at, 12, end, "AH header")
    following, size, spi = unpack_from(">BBxxI", row.data, at)
    row.info = f"AH (SPI=0x{spi:08x})"
    if size < 1:
        raise Malformed(f"AH length {(size + 2) * 4}")
    row.need(at, (size + 2) * 4, end, "AH header")
    row.by_ip(following, at + (size + 2) * 4, end)


@AH.layer
def ah_layer(tree: Tree, at: int, end: int) -> None:
    """The header with its integrity check value."""
    draft = tree.open(AH, at, end)
    following = draft.uint("Next header", 1, ip_number)
    size = (draft.uint("Length", 1, lambda value: f"{value} ({value * 4 + 8} bytes)") + 2) * 4
    draft.uint("Reserved", 2)
    spi = draft.uint("SPI", 4, hex8)
    draft.title = f"AH  SPI 0x{spi:08x}"
    draft.uint("Sequence number", 4)
    if size < 12:
        raise Malformed(f"AH length {size}")
    draft.raw("Integrity check value", size - 12)
    tree.by_ip(following, draft.at, end)


@ESP.row
def esp_row(row: Row, at: int, end: int) -> None:
    """The security association."""
    row.need(at, 8, end, "ESP header")
    row.info = f"ESP (SPI=0x{unpack_from('>I', row.data, at)[0]:08x})"


@ESP.layer
def esp_layer(tree: Tree, at: int, end: int) -> None:
    """All but two numbers is encrypted."""
    draft = tree.open(ESP, at, end)
    draft.title = f"ESP  SPI 0x{draft.uint('SPI', 4, hex8):08x}"
    draft.uint("Sequence number", 4)
