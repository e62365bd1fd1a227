# SPDX-License-Identifier: Apache-2.0
"""LISP's control plane (RFC 9301): where the addresses of a place are asked for, told, and registered. Addresses are
those of the address family registry of IANA, or in the canonical form of RFC 8060."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex16, ip_text, is_set, mac, octets, plain
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

LISP = protocol("lisp", "LISP", role="routing", udp=(4342,))

_REQUEST, _REPLY, _REGISTER, _NOTIFY, _ACK, _REFERRAL, _INFORMATION, _ENCAPSULATED = 1, 2, 3, 4, 5, 6, 7, 8
_TYPES = {
    _REQUEST: "Map-Request",
    _REPLY: "Map-Reply",
    _REGISTER: "Map-Register",
    _NOTIFY: "Map-Notify",
    _ACK: "Map-Notify-Ack",
    _REFERRAL: "Map-Referral",
    _INFORMATION: "Info",
    _ENCAPSULATED: "Encapsulated Control Message",
}
_FAMILIES = {0: "none", 1: "IPv4", 2: "IPv6", 16387: "LISP canonical", 16389: "MAC address"}
_SIZES = {0: 0, 1: 4, 2: 16, 16389: 6}
_CANONICAL = 16387
_ACTIONS = {0: "No-Action", 1: "Natively-Forward", 2: "Send-Map-Request", 3: "Drop"}
_MOST = 64


def _marks(kind: int, first: int, second: int) -> list[str]:
    """What a message's flags make of it."""
    if kind == _REQUEST:
        flags = ((first & 2, "RLOC-probe"), (first & 1, "SMR"), (second & 0x40, "SMR-invoked"))
        return [name for bit, name in flags if bit]
    if kind == _REPLY and first & 8:
        return ["RLOC-probe reply"]
    return []


@LISP.row
def row(row: Row, at: int, end: int) -> None:
    """The message, and the first prefix that it is about."""
    row.need(at, 4, end, "LISP header")
    data = row.data
    kind = data[at] >> 4
    row.info = _TYPES.get(kind, f"type {kind}")
    if kind == _ENCAPSULATED:
        row.by_ip_version(at + 4, end)
        mark = " (DDT-originated)" if data[at] & 4 else ""
        head, _, rest = row.info.partition(" for ")
        row.info = f"Encapsulated {head}{mark}" + (f" for {rest}" if rest else "")
        return
    if kind == _INFORMATION:
        row.info = "Info-Reply" if data[at] & 8 else "Info-Request"
    marks = _marks(kind, data[at], data[at + 1])
    if marks:
        row.info += f" ({', '.join(marks)})"
    prefix = _prefix(row, kind, at, end)
    if prefix:
        row.info += f" for {prefix}"


def _prefix(walk: Walk, kind: int, at: int, end: int) -> str:
    """The first prefix of the message, or ""."""
    data = walk.data
    if kind == _REQUEST:
        count = (data[at + 2] & 0x1F) + 1
        place = at + 12
        place += _passed(walk, place, end)
        for _ in range(count):
            place += _passed(walk, place, end)
        place += 1
    elif kind in (_REPLY, _REFERRAL):
        place = at + 12 + 5
    elif kind in (_REGISTER, _NOTIFY, _ACK):
        walk.need(at, 16, end, "LISP message")
        place = at + 16 + int.from_bytes(data[at + 14 : at + 16], "big") + 5
    else:
        return ""
    if kind != _REQUEST:
        if not data[at + 3] or place >= end:
            return ""
        walk.need(place, 7, end, "LISP record")
        length, place = data[place], place + 5
    else:
        walk.need(place, 3, end, "LISP record")
        length, place = data[place], place + 1
    family = int.from_bytes(data[place : place + 2], "big")
    size = _SIZES.get(family)
    if size is None:
        return _FAMILIES.get(family, f"family {family}")
    walk.need(place + 2, size, end, "LISP address")
    raw = data[place + 2 : place + 2 + size]
    return f"{mac(raw) if size == 6 else ip_text(raw)}/{length}"


def _passed(walk: Walk, at: int, end: int) -> int:
    """The size of an address with its family."""
    walk.need(at, 2, end, "LISP address")
    family = int.from_bytes(walk.data[at : at + 2], "big")
    if family == _CANONICAL:
        walk.need(at, 8, end, "LISP address")
        return 8 + int.from_bytes(walk.data[at + 6 : at + 8], "big")
    return 2 + _SIZES.get(family, 0)


@LISP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """A message, its records and their locators."""
    draft = tree.open(LISP, at, end, "LISP control")
    kind = draft.peek() >> 4
    draft.title = f"LISP control  {_TYPES.get(kind, f'type {kind}')}"
    if kind == _ENCAPSULATED:
        draft.bits(
            4,
            ("Type", 4, _TYPES),
            ("LISP-SEC", 1, is_set),
            ("DDT-originated", 1, is_set),
            ("Reserved", 26, plain),
        )
        tree.by_ip_version(draft.at, end)
        return
    draft.say()
    if kind == _REQUEST:
        _request(draft)
    elif kind in (_REPLY, _REFERRAL):
        draft.bits(
            3,
            ("Type", 4, _TYPES),
            ("Probe", 1, is_set),
            ("Echo nonce", 1, is_set),
            ("LISP-SEC", 1, is_set),
            ("Reserved", 17, plain),
        )
        count = draft.uint("Records", 1)
        draft.uint("Nonce", 8, hex16)
        _records(draft, count)
    elif kind in (_REGISTER, _NOTIFY, _ACK):
        _register(draft)
    else:
        draft.bits(4, ("Type", 4, _TYPES), ("Reply", 1, is_set), ("Reserved", 27, plain))
        draft.rest("Data")


def _request(draft: Draft) -> None:
    values = draft.bits(
        3,
        ("Type", 4, _TYPES),
        ("Authoritative", 1, is_set),
        ("Map-Reply present", 1, is_set),
        ("Probe", 1, is_set),
        ("Solicit Map-Request", 1, is_set),
        ("Proxy ITR", 1, is_set),
        ("SMR-invoked", 1, is_set),
        ("Reserved", 9, plain),
        ("More locators", 5, plain),
    )
    count = draft.uint("Records", 1)
    draft.uint("Nonce", 8, hex16)
    _address(draft, "Source")
    for _ in range(values[8] + 1):
        _address(draft, "Locator of the asking router")
    for _ in range(count):
        with draft.group("Record") as group:
            draft.uint("Reserved", 1)
            length = draft.uint("Prefix length", 1)
            group.display = f"{_address(draft, 'Prefix')}/{length}"
    if values[2] and draft.left:
        _records(draft, 1)


def _register(draft: Draft) -> None:
    draft.bits(
        3,
        ("Type", 4, _TYPES),
        ("Proxy Map-Reply", 1, is_set),
        ("LISP-SEC", 1, is_set),
        ("xTR-ID present", 1, is_set),
        ("RTR", 1, is_set),
        ("Reserved", 15, plain),
        ("Want Map-Notify", 1, is_set),
    )
    count = draft.uint("Records", 1)
    draft.uint("Nonce", 8, hex16)
    draft.uint("Key ID", 2)
    draft.raw("Authentication data", draft.uint("Authentication data length", 2), octets)
    _records(draft, count)
    if draft.left:
        draft.rest("Identifiers")


def _records(draft: Draft, count: int) -> None:
    for _ in range(min(count, _MOST)):
        with draft.group("Record") as group:
            draft.uint("TTL", 4, lambda value: f"{value} min")
            locators = draft.uint("Locators", 1)
            length = draft.uint("Prefix length", 1)
            draft.bits(2, ("Action", 3, _ACTIONS), ("Authoritative", 1, is_set), ("Reserved", 12, plain))
            draft.bits(2, ("Reserved", 4, plain), ("Map version", 12, plain))
            group.display = f"{_address(draft, 'Prefix')}/{length}"
            for _ in range(locators):
                _locator(draft)


def _locator(draft: Draft) -> None:
    with draft.group("Locator") as group:
        priority, weight = draft.uint("Priority", 1), draft.uint("Weight", 1)
        draft.uint("Multicast priority", 1)
        draft.uint("Multicast weight", 1)
        draft.bits(2, ("Reserved", 13, plain), ("Local", 1, is_set), ("Probed", 1, is_set), ("Reachable", 1, is_set))
        group.display = f"{_address(draft, 'Address')}, priority {priority}, weight {weight}"


def _address(draft: Draft, label: str) -> str:
    family = draft.uint("Address family", 2, _FAMILIES)
    if family == _CANONICAL:
        with draft.group(label) as group:
            draft.uint("Reserved", 2)
            kind = draft.uint("Type", 1)
            draft.uint("Reserved", 1)
            draft.raw("Value", draft.uint("Length", 2))
            group.display = f"canonical address of type {kind}"
        return group.display
    size = _SIZES.get(family, 0)
    if not size:
        return _FAMILIES.get(family, f"family {family}")
    form = mac if size == 6 else ip_text
    return form(draft.raw(label, size, form))
