# SPDX-License-Identifier: Apache-2.0
"""OSPF's header and its five kinds of packets."""

from __future__ import annotations

from ringscope.decode.address import ipv4
from ringscope.decode.checksum import internet
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex2, hex4, hex6, hex8, octets, padded_text, plain, seconds
from ringscope.decode.protocols.control.ospf import version2, version3
from ringscope.decode.protocols.control.ospf.names import AUTHENTICATIONS, EXCHANGE, MESSAGES, OPTIONS2, OPTIONS3
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

OSPF = protocol("ospf", "OSPF", role="routing", ip=(89,))

_HEADERS = {2: 24, 3: 16}
_HELLO, _DESCRIPTION, _REQUEST, _UPDATE, _ACKNOWLEDGE = range(1, 6)
_CRYPTOGRAPHIC = (2, 3)
_SIGNALS = {1: "Extended options", 2: "Cryptographic authentication"}
_SIGNALLING = {2: 0x10, 3: 0x200}  # the bit of the options that says that a block of type-length-values follows


@OSPF.row
def row(row: Row, at: int, end: int) -> None:
    """The kind of packet."""
    row.need(at, 2, end, "OSPF header")
    version, kind = row.data[at], row.data[at + 1]
    row.info = MESSAGES.get(kind, f"type {kind}")
    if version not in _HEADERS:
        raise Malformed(f"OSPF version {version}")
    row.need(at, _HEADERS[version], end, "OSPF header")


@OSPF.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Header, body, and what may stand behind the packet: a digest and link-local signalling."""
    draft = tree.open(OSPF, at, end)
    draft.say()
    version = draft.uint("Version", 1)
    if version not in _HEADERS:
        raise Malformed(f"OSPF version {version}")
    kind = draft.uint("Type", 1, MESSAGES)
    size = draft.uint("Length", 2)
    router = ipv4(draft.raw("Router", 4, ipv4))
    area = ipv4(draft.raw("Area", 4, ipv4))
    draft.title = f"OSPFv{version}  {MESSAGES.get(kind, f'type {kind}')}  router {router}  area {area}"
    if size < _HEADERS[version]:
        raise Malformed(f"OSPF length {size}")
    stop = min(at + size, end)
    digest = _header2(draft, at, stop) if version == 2 else _header3(draft)
    draft.end = stop
    options = _body(draft, version, kind)
    draft.rest("Rest of the packet")
    draft.end = end
    if digest and draft.left:
        draft.raw("Digest", min(digest, draft.left))
    if options & _SIGNALLING[version] and draft.left >= 4:
        _signalling(draft)
    if version == 3 and options & 0x400 and draft.left >= 16:
        _trailer(draft)
    draft.rest("Behind the packet")


def _header2(draft: Draft, at: int, stop: int) -> int:
    """Checksum and authentication; returns the bytes of the digest behind the packet."""
    method = draft.peek(2, 2)
    note = ""
    if method not in _CRYPTOGRAPHIC and stop <= draft.tree.size:
        # The authentication is left out (RFC 2328 section D.4).
        total = internet(draft.data[at : at + 16] + draft.data[at + 24 : stop])
        note = f"{'right' if total == 0 else 'wrong'}, computed over the packet without the authentication"
    draft.uint("Checksum", 2, hex4, note=note)
    draft.uint("Authentication", 2, AUTHENTICATIONS)
    if method == 1:
        draft.raw("Password", 8, padded_text)
    elif method == 2:
        draft.uint("Reserved", 2)
        draft.uint("Key", 1)
        size = draft.uint("Digest length", 1)
        draft.uint("Cryptographic sequence number", 4)
        return size
    else:
        draft.raw("Authentication data", 8)
    return 0


def _header3(draft: Draft) -> int:
    draft.uint("Checksum", 2, hex4)
    draft.uint("Instance", 1)
    draft.uint("Reserved", 1, hex2)
    return 0


def _body(draft: Draft, version: int, kind: int) -> int:
    """Returns the options of the router, where the packet tells them."""
    lsa = version2 if version == 2 else version3
    if kind == _HELLO:
        return _hello2(draft) if version == 2 else _hello3(draft)
    if kind == _DESCRIPTION:
        options = _description2(draft) if version == 2 else _description3(draft)
        while draft.left:
            lsa.header(draft, "LSA header")
        return options
    if kind == _REQUEST:
        while draft.left:
            lsa.request(draft)
    elif kind == _UPDATE:
        for _ in range(draft.uint("LSAs", 4)):
            lsa.advertisement(draft)
    elif kind == _ACKNOWLEDGE:
        while draft.left:
            lsa.header(draft, "LSA header")
    return 0


def _hello2(draft: Draft) -> int:
    draft.raw("Network mask", 4, ipv4)
    draft.uint("Hello interval", 2, seconds)
    options = draft.flags("Options", 1, hex2, *OPTIONS2)[0]
    draft.uint("Priority", 1)
    draft.uint("Dead interval", 4, seconds)
    _neighbours(draft)
    return options


def _hello3(draft: Draft) -> int:
    draft.uint("Interface", 4)
    draft.uint("Priority", 1)
    options = draft.flags("Options", 3, hex6, *OPTIONS3)[0]
    draft.uint("Hello interval", 2, seconds)
    draft.uint("Dead interval", 2, seconds)
    _neighbours(draft)
    return options


def _neighbours(draft: Draft) -> None:
    draft.raw("Designated router", 4, ipv4)
    draft.raw("Backup designated router", 4, ipv4)
    while draft.left >= 4:
        draft.raw("Neighbor", 4, ipv4)


def _description2(draft: Draft) -> int:
    draft.uint("Interface MTU", 2)
    options = draft.flags("Options", 1, hex2, *OPTIONS2)[0]
    draft.flags("Flags", 1, hex2, *EXCHANGE)
    draft.uint("Sequence number", 4, plain)
    return options


def _description3(draft: Draft) -> int:
    draft.uint("Reserved", 1, hex2)
    options = draft.flags("Options", 3, hex6, *OPTIONS3)[0]
    draft.uint("Interface MTU", 2)
    draft.uint("Reserved", 1, hex2)
    draft.flags("Flags", 1, hex2, *EXCHANGE)
    draft.uint("Sequence number", 4, plain)
    return options


def _signalling(draft: Draft) -> None:
    """Link-local signalling (RFC 5613)."""
    with draft.group("Link-local signalling"):
        start = draft.at
        draft.uint("Checksum", 2, hex4)
        size = draft.uint("Length", 2, lambda value: f"{value} ({value * 4} bytes)") * 4
        stop = min(start + size, draft.end)
        while draft.at + 4 <= stop:
            kind = draft.peek(2)
            with draft.group(
                {1: "Extended options", 2: "Cryptographic authentication"}.get(kind, f"TLV {kind}")
            ) as group:
                draft.uint("Type", 2)
                length = min(draft.uint("Length", 2), stop - draft.at)
                if kind == 1 and length == 4:
                    group.display = hex8(draft.uint("Options", 4, hex8))
                else:
                    group.display = octets(draft.raw("Value", length))
                draft.raw("Padding", min(-length % 4, stop - draft.at))


def _trailer(draft: Draft) -> None:
    """The authentication trailer of version 3 (RFC 7166)."""
    with draft.group("Authentication trailer"):
        draft.uint("Type", 2, {1: "HMAC"})
        size = draft.uint("Length", 2)
        draft.uint("Reserved", 2, hex4)
        draft.uint("Security association", 2)
        draft.uint("Cryptographic sequence number", 8)
        draft.raw("Digest", max(min(size - 16, draft.left), 0))
