# SPDX-License-Identifier: Apache-2.0
"""Compressed packets (RFC 3173). What DEFLATE (RFC 2394) has packed is unpacked, also where the number of the
compression was agreed on unseen: its protocols are named, and their fields shown as computed, since their bytes are in
no packet."""

from __future__ import annotations

import zlib
from dataclasses import replace

from ringscope.decode.forms import coded, hex2, ip_number
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

IPCOMP = protocol("ipcomp", "IPComp", ip=(108,))

_DEFLATE = 2
_INDEXES = {1: "OUI", _DEFLATE: "DEFLATE", 3: "LZS", 4: "LZJH"}
_NEGOTIATED = range(256, 61440)
_MOST = 65535  # no packet of IP is larger, and a few bytes may claim to be many


def _unpacked(data: bytes, at: int, stop: int, index: int, *, whole: bool) -> bytes:
    """What was compressed, or b"". A number that was negotiated is believed to be DEFLATE's if all of it unpacks."""
    if index != _DEFLATE and index not in _NEGOTIATED:
        return b""
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = machine.decompress(data[at:stop], _MOST)
    except zlib.error:
        return b""
    return found if index == _DEFLATE or machine.eof or not whole else b""


@IPCOMP.row
def row(row: Row, at: int, end: int) -> None:
    """The packet that was compressed, where it can be unpacked."""
    row.need(at, 4, end, "IPComp header")
    data = row.data
    following, index = data[at], data[at + 2] << 8 | data[at + 3]
    row.info = f"IPComp (CPI=0x{index:04x})"
    inside = _unpacked(data, at + 4, min(end, row.size), index, whole=end <= row.size)
    if not inside:
        return
    inner = Row(inside, len(inside) if end <= row.size else _MOST, row.memory)
    for name in ("source", "destination", "hops", "protocol", "info", "role", "deep"):
        setattr(inner, name, getattr(row, name))
    inner.by_ip(following, 0, inner.wire)
    row.names += inner.names
    row.stopped = row.stopped or inner.stopped
    row.link_at = row.link_at if inner.link_at < 0 else -1
    for name in ("source", "destination", "hops", "protocol", "info", "role"):
        setattr(row, name, getattr(inner, name))


@IPCOMP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header, the compressed bytes, and layers without bytes for what was in them."""
    draft = tree.open(IPCOMP, at, end)
    following = draft.uint("Next header", 1, ip_number)
    draft.uint("Flags", 1, hex2)
    index = draft.uint("CPI", 2, coded(4, _INDEXES))
    draft.title = f"IPComp  CPI 0x{index:04x}"
    inside = _unpacked(tree.data, draft.at, min(end, tree.size), index, whole=end <= tree.size)
    if not draft.left:
        return
    if draft.at < tree.size:
        size = min(end, tree.size) - draft.at
        draft.raw("Compressed data", size)
    if not inside:
        return
    inner = Tree(inside, len(inside) if end <= tree.size else _MOST, tree.memory)
    inner.source, inner.destination, inner.hops, inner.deep = tree.source, tree.destination, tree.hops, tree.deep
    inner.by_ip(following, 0, inner.wire)
    tree.close()
    for found in inner.finish():
        fields = (
            replace(field, start=tree.covered, length=0, bits=None, value=None, note=field.note or "decompressed")
            for field in found.fields
        )
        tree.layers.append(replace(found, start=tree.covered, length=0, fields=tuple(fields)))
