# SPDX-License-Identifier: Apache-2.0
"""ICMPv6 as rows and layers; what an error quotes follows as layers of its own, and extensions behind these."""

from __future__ import annotations

from collections.abc import Callable
from socket import AF_INET6, inet_pton
from struct import unpack_from

from ringscope.decode.address import ip_text, ipv6, mac
from ringscope.decode.checksum import internet
from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex4, plain, seconds, yes
from ringscope.decode.protocols.control.icmp.extensions import extension_at, extensions
from ringscope.decode.protocols.control.icmp6 import listeners, neighbours, rpl
from ringscope.decode.protocols.control.icmp6.names import CODES, TYPES
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.values import names

ICMP6 = protocol("icmpv6", "ICMPv6", role="icmp", ip=(58,))

_SOURCE, _TARGET = 1, 2  # link-layer address options
_LAST_ERROR = 4
_MEASURED = (1, 3)  # that may have extensions
_PROBE, _PROBE_ANSWER, _RPL = 160, 161, 155
_STATES = {0: "reserved", 1: "incomplete", 2: "reachable", 3: "stale", 4: "delay", 5: "probe", 6: "failed"}
_REROUTED = {"ipv6.routing", "ipv6.dstopts"}  # under which the addresses of the checksum may be others


@ICMP6.row
def row(row: Row, at: int, end: int) -> None:
    """Type and code in words; who is looked for, and who is there."""
    row.need(at, 4, end, "ICMPv6 header")
    kind, code = row.data[at], row.data[at + 1]
    name = TYPES.get(kind)
    if name is None:
        row.info = f"type {kind}, code {code}"
        return
    row.info = name
    if kind in (128, 129):
        row.need(at, 8, end, "ICMPv6 echo")
        identifier, sequence = unpack_from(">HH", row.data, at + 4)
        row.info = f"{name} id=0x{identifier:04x}, seq={sequence}, hop limit={row.hops}"
    elif kind in (133, 134):
        row.info = name + _link_address(row, at + (8 if kind == 133 else 16), end, _SOURCE, " from ")
    elif kind in (135, 136, 137):
        row.info = _neighbour_words(row, at, end, kind, name)
    elif kind in (_PROBE, _PROBE_ANSWER):
        row.need(at, 8, end, "ICMPv6 message")
        identifier, sequence = unpack_from(">HB", row.data, at + 4)
        row.info = f"{name} id=0x{identifier:04x}, seq={sequence}"
    elif meaning := CODES.get(kind, {}).get(code):
        row.info = f"{name} ({meaning})"
    if kind <= _LAST_ERROR:
        row.need(at, 8, end, "ICMPv6 message")
        told = row.data[at + 4] * 8 if kind in _MEASURED else 0
        row.quoted(0x86DD, at + 8, extension_at(row, at + 8, end, told) if kind in _MEASURED else end)


def _neighbour_words(row: Row, at: int, end: int, kind: int, name: str) -> str:
    row.need(at, 24, end, name)
    target = ipv6(row.data[at + 8 : at + 24])
    if kind == 135:
        return f"{name} for {target}" + _link_address(row, at + 24, end, _SOURCE, " from ")
    if kind == 137:
        words = f"{name} to {target}" + _link_address(row, at + 40, end, _TARGET, " is at ")
        quoted = neighbours.redirected_at(row.data, at + 40, end)
        if quoted >= 0:
            row.quoted(0x86DD, quoted, end)
        return words
    bits = row.data[at + 4]
    flags = ", ".join(word for mask, word in ((0x80, "rtr"), (0x40, "sol"), (0x20, "ovr")) if bits & mask)
    words = f"{name} {target}" + (f" ({flags})" if flags else "")
    return words + _link_address(row, at + 24, end, _TARGET, " is at ")


def _link_address(row: Row, at: int, end: int, wanted: int, words: str) -> str:
    """The link-layer address option (RFC 4861 section 4.6.1), if there is one."""
    stop = min(end, row.size)
    while at + 8 <= stop:
        size = row.data[at + 1] * 8
        if size == 0:
            return ""
        if row.data[at] == wanted:
            return words + mac(row.data[at + 2 : at + 8])
        at += size
    return ""


@ICMP6.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The message by its type."""
    draft = tree.open(ICMP6, at, end)
    draft.title = f"ICMPv6  {tree.words(ICMP6, at, end)}"
    kind = draft.uint("Type", 1, TYPES)
    if kind == _ADVERTISED:
        code = draft.uint("Advertisement interval", 1, seconds)
    else:
        code = draft.uint("Code", 1, CODES.get(kind, {}))
    draft.uint("Checksum", 2, hex4, note=_verdict(tree, at, end))
    if kind in (128, 129):
        draft.uint("Identifier", 2, hex4)
        draft.uint("Sequence number", 2)
    elif kind == _RPL:
        rpl.control(draft, code)
    elif kind in _BODIES:
        _BODIES[kind](draft)
        if kind == 137 and (quoted := neighbours.redirected_at(tree.data, at + 40, end)) >= 0:
            tree.quoted(0x86DD, quoted, end)
    elif 0 < kind <= _LAST_ERROR:
        if kind in _MEASURED:
            draft.uint("Length of quoted packet", 1, lambda value: f"{value} ({value * 8} bytes)")
            draft.uint("Unused", 3)
            stop = extension_at(tree, draft.at, end, tree.data[at + 4] * 8)
        else:
            draft.uint("MTU" if kind == 2 else "Pointer", 4)
            stop = end
        tree.quoted(0x86DD, draft.at, stop)
        if stop + 4 <= min(end, tree.size):
            extensions(tree.open(ICMP6, stop, end, "ICMPv6  extensions", "trailer"))


def _verdict(tree: Tree, at: int, end: int) -> str:
    """Whether the checksum over message and pseudo header is right; "" where that cannot be known."""
    if tree.piece or end > tree.size or ":" not in tree.source:
        return ""
    if any(layer.name in _REROUTED for layer in tree.layers):
        return ""
    addresses = inet_pton(AF_INET6, tree.source) + inet_pton(AF_INET6, tree.destination)
    pseudo = addresses + (end - at).to_bytes(4, "big") + b"\0\0\0\x3a"
    total = internet(pseudo + tree.data[at:end])
    return f"{'right' if total == 0 else 'wrong'}, computed over the message and its addresses"


_ADVERTISED = 151


def _renumbering(draft: Draft) -> None:
    """RFC 2894: the header; the rest as bytes."""
    draft.uint("Sequence number", 4)
    draft.uint("Segment", 1)
    draft.uint("Flags", 1, hex2)
    draft.uint("Maximum delay", 2, lambda value: f"{value} ms")
    draft.uint("Reserved", 4)
    draft.rest("Message")


_QUESTIONS = {0: "no operation", 2: "node name", 3: "node addresses", 4: "IPv4 addresses"}


def _node(draft: Draft) -> None:
    code = draft.data[draft.start + 1]
    question = draft.uint("Query type", 2, _QUESTIONS)
    draft.uint("Flags", 2, hex4)
    draft.raw("Nonce", 8)
    answer = draft.data[draft.start] == 140
    if answer and question in (2, 3, 4) and draft.left >= 4:
        draft.uint("Time to live", 4, seconds)
    if (question == 2 and answer) or (not answer and code == 1):
        names(draft, draft.left)
    elif not answer and draft.left in (4, 16):
        draft.rest("Subject", ip_text)
    else:
        draft.rest("Data")


def _home_agents(draft: Draft) -> None:
    """RFC 6275."""
    draft.uint("Identifier", 2, hex4)
    draft.uint("Reserved", 2, hex4)
    while draft.left >= 16:
        draft.raw("Home agent", 16, ipv6)


def _mobile_prefixes(draft: Draft) -> None:
    draft.uint("Identifier", 2, hex4)
    draft.uint("Flags", 2, hex4)
    neighbours.options(draft)


def _certification(draft: Draft) -> None:
    """RFC 3971."""
    draft.uint("Identifier", 2, hex4)
    draft.uint("Component", 2)
    if draft.data[draft.start] == 149:
        draft.uint("All components", 2)
        draft.uint("Reserved", 2, hex4)
    neighbours.options(draft)


def _fast(draft: Draft) -> None:
    """RFC 5568."""
    draft.uint("Subtype", 1, CODES[154])
    draft.uint("Reserved", 1, hex2)
    draft.uint("Identifier", 2, hex4)
    neighbours.options(draft)


def _probe(draft: Draft) -> None:
    draft.uint("Identifier", 2, hex4)
    draft.uint("Sequence number", 1)
    draft.bits(1, ("", 7, plain), ("Local", 1, yes))
    if draft.left >= 4:
        extensions(draft)


def _probe_answer(draft: Draft) -> None:
    draft.uint("Identifier", 2, hex4)
    draft.uint("Sequence number", 1)
    draft.bits(1, ("State", 3, _STATES), ("", 2, plain), ("Active", 1, yes), ("IPv4", 1, yes), ("IPv6", 1, yes))


_BODIES: dict[int, Callable[[Draft], None]] = {
    130: listeners.query,
    131: listeners.listener,
    132: listeners.listener,
    133: neighbours.solicited,
    134: neighbours.router,
    135: neighbours.neighbour,
    136: neighbours.advertised,
    137: neighbours.redirect,
    138: _renumbering,
    139: _node,
    140: _node,
    141: neighbours.solicited,
    142: neighbours.solicited,
    143: listeners.report,
    144: _home_agents,
    145: _home_agents,
    146: _mobile_prefixes,
    147: _mobile_prefixes,
    148: _certification,
    149: _certification,
    151: listeners.discovery,
    152: listeners.discovery,
    153: listeners.discovery,
    154: _fast,
    157: neighbours.duplicate,
    158: neighbours.duplicate,
    160: _probe,
    161: _probe_answer,
}
