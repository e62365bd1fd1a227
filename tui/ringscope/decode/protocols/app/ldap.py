# SPDX-License-Identifier: Apache-2.0
"""LDAP (RFC 4511) and, in datagrams, CLDAP (RFC 1798, MS-ADTS section 6.3.3): the operation of each message, its name
or its result. What the operation holds besides stays bytes."""

from __future__ import annotations

from contextlib import suppress
from struct import unpack_from

from ringscope.decode import ber, ntlmssp
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Cut, Malformed
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree

LDAP = protocol("ldap", "LDAP", tcp=(389, 3268))
CLDAP = protocol("cldap", "CLDAP", udp=(389,))

_BIND, _SEARCH, _ENTRY, _EXTENDED = 0x60, 0x63, 0x64, 0x77
_OPERATIONS = {
    _BIND: "bindRequest",
    0x61: "bindResponse",
    0x42: "unbindRequest",
    _SEARCH: "searchRequest",
    _ENTRY: "searchResEntry",
    0x65: "searchResDone",
    0x66: "modifyRequest",
    0x67: "modifyResponse",
    0x68: "addRequest",
    0x69: "addResponse",
    0x4A: "delRequest",
    0x6B: "delResponse",
    0x6C: "modDNRequest",
    0x6D: "modDNResponse",
    0x6E: "compareRequest",
    0x6F: "compareResponse",
    0x50: "abandonRequest",
    0x73: "searchResRef",
    _EXTENDED: "extendedReq",
    0x78: "extendedResp",
    0x79: "intermediateResponse",
}
_NAMED = frozenset({_SEARCH, _ENTRY, 0x66, 0x68, 0x6C, 0x6E})
_RESULTS = frozenset({0x61, 0x65, 0x67, 0x69, 0x6B, 0x6D, 0x6F, 0x78})
_DELETE = 0x4A
_SCOPES = ("baseObject", "singleLevel", "wholeSubtree", "subordinateSubtree")
_SIMPLE, _SASL = 0x80, 0xA3
_OIDS = {b"1.3.6.1.4.1.1466.20037": "LDAP_START_TLS_OID"}
_RESULT_CODES = {
    0: "success",
    1: "operationsError",
    2: "protocolError",
    3: "timeLimitExceeded",
    4: "sizeLimitExceeded",
    5: "compareFalse",
    6: "compareTrue",
    7: "authMethodNotSupported",
    8: "strongAuthRequired",
    10: "referral",
    11: "adminLimitExceeded",
    12: "unavailableCriticalExtension",
    13: "confidentialityRequired",
    14: "saslBindInProgress",
    16: "noSuchAttribute",
    17: "undefinedAttributeType",
    18: "inappropriateMatching",
    19: "constraintViolation",
    20: "attributeOrValueExists",
    21: "invalidAttributeSyntax",
    32: "noSuchObject",
    33: "aliasProblem",
    34: "invalidDNSyntax",
    36: "aliasDereferencingProblem",
    48: "inappropriateAuthentication",
    49: "invalidCredentials",
    50: "insufficientAccessRights",
    51: "busy",
    52: "unavailable",
    53: "unwillingToPerform",
    54: "loopDetect",
    64: "namingViolation",
    65: "objectClassViolation",
    66: "notAllowedOnNonLeaf",
    67: "notAllowedOnRDN",
    68: "entryAlreadyExists",
    69: "objectClassModsProhibited",
    71: "affectsMultipleDSAs",
    80: "other",
    118: "canceled",
    119: "noSuchOperation",
    120: "tooLate",
    121: "cannotCancel",
}
_TOKEN, _SEALED = 16, 2  # bytes of a token's header, and its flag that says that it is encrypted
_CONFOUNDER = 16  # bytes that are encrypted before a message (RFC 3962 section 4)
_MOST = 8  # messages that a row names
_SHOWN = 120  # characters of a name


@LDAP.guard
@CLDAP.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """A sequence of a number and an operation, or in a stream what SASL wraps (RFC 4422 section 3.7)."""
    if data[at] == 0:
        return _is_wrapped(data, at, stop)
    if stop - at < 7 or data[at] != ber.SEQUENCE or data[at + 1] == 0x80:
        return False
    place = at + 2 + (data[at + 1] & 0x7F if data[at + 1] > 0x80 else 0)
    if place + 3 > stop or data[place] != ber.INTEGER or not 1 <= data[place + 1] <= 4:
        return False
    place += 2 + data[place + 1]
    return place < stop and data[place] in _OPERATIONS


def _is_wrapped(data: bytes, at: int, stop: int) -> bool:
    """A length and a token of Kerberos (RFC 4121 section 4.2.6) or of GSS-API (RFC 2743 section 3.1)."""
    if stop - at < 8:
        return False
    size = unpack_from(">I", data, at)[0]
    return 16 <= size < 1 << 24 and (data[at + 4 : at + 6] == b"\5\4" or data[at + 4] == 0x60)


@LDAP.row
@CLDAP.row
def row(row: Row, at: int, end: int) -> None:
    """Each operation with its number, its name or its result."""
    stop = min(end, row.size)
    words: list[str] = []
    for _ in range(_MOST):
        if at >= stop:
            break
        if _is_wrapped(row.data, at, stop):
            after = at + 4 + unpack_from(">I", row.data, at)[0]
            words.append(_wrapped(row.data, at, min(after, stop), after))
            at = after
            continue
        if not guard(row.data, at, stop):
            break
        info, at = _told(row.data, at, end)
        words.append(info)
    row.info = " | ".join(words) or "Continuation"
    if at > end:
        row.info += " [continues]"


def _wrapped(data: bytes, at: int, stop: int, after: int) -> str:
    """What a token holds: nobody reads it but where it is only signed."""
    sealed, inside = _inside(data, at, stop)
    words: list[str] = []
    while not sealed and len(words) < _MOST and inside < stop and data[inside] and guard(data, inside, stop):
        info, inside = _told(data, inside, after)
        words.append(info)
    if words:
        return f"SASL GSS-API Integrity: {' '.join(words)}"
    if not sealed:
        return f"SASL GSS-API: payload ({after - inside} bytes)"
    rotated = unpack_from(">H", data, at + 10)[0]
    return f"SASL GSS-API Privacy: payload ({max(after - inside - rotated - _CONFOUNDER, 0)} bytes)"


def _inside(data: bytes, at: int, stop: int) -> tuple[bool, int]:
    """Whether a token is encrypted, and where in it the message begins (RFC 4121 section 4.2.4): behind the header, and
    behind the checksum where that was rotated to the front."""
    if stop - at < 4 + _TOKEN or data[at + 4] != 5:
        return False, at + 4
    flags = data[at + 6]
    _, rotated = unpack_from(">HH", data, at + 8)
    return bool(flags & _SEALED), at + 4 + _TOKEN + (0 if flags & _SEALED else rotated)


def _told(data: bytes, at: int, end: int) -> tuple[str, int]:
    """What a message says, and where it ends."""
    message = ber.element(data, at, end, "LDAP message")
    number = ber.element(data, message.start, end, "LDAP message number")
    operation = ber.element(data, number.stop, end, "LDAP operation")
    value = ber.integer(data[number.start : number.stop])
    info = f"{_OPERATIONS[operation.tag]}({value})"
    with suppress(Malformed, Cut, IndexError):  # what names the operation is elsewhere, or not captured
        info += _details(data, operation, min(operation.stop, end))
    return info, message.stop


def _details(data: bytes, operation: ber.Element, end: int) -> str:
    at = operation.start
    if operation.tag in _RESULTS:
        code = ber.element(data, at, end, "LDAP result")
        result = ber.integer(data[code.start : code.stop])
        return f" {_RESULT_CODES.get(result, f'result {result}')}"
    if operation.tag == _DELETE:
        return f" {_quoted(data[at : min(operation.stop, end)])}"
    if operation.tag == _BIND:
        name = ber.element(data, ber.element(data, at, end, "LDAP version").stop, end, "LDAP name")
        how = data[name.stop] if name.stop < min(end, len(data)) else 0
        way = {_SIMPLE: " simple", _SASL: " sasl"}.get(how, "")
        logon = ntlmssp.words(data, name.stop, min(end, len(data)))
        return f" {_quoted(data[name.start : name.stop])}{way}{f', {logon}' if logon else ''}"
    if operation.tag in _NAMED:
        name = ber.element(data, at, end, "LDAP name")
        info = f" {_quoted(data[name.start : name.stop])}"
        if operation.tag == _SEARCH:
            scope = data[ber.element(data, name.stop, end, "LDAP scope").start]
            info += f" {_SCOPES[scope]}" if scope < len(_SCOPES) else f" scope {scope}"
        return info
    if operation.tag == _EXTENDED:
        name = ber.element(data, at, end, "LDAP name")
        raw = data[name.start : name.stop]
        return f" {_OIDS.get(raw) or wire_text(raw)}"
    return ""


def _quoted(raw: bytes) -> str:
    return f'"{shorten(wire_text(raw), _SHOWN)}"' if raw else '"<ROOT>"'


@LDAP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Each message: its number, and the operation with its first parts."""
    _messages(tree.open(LDAP, at, end))


@CLDAP.layer
def layer_datagram(tree: Tree, at: int, end: int) -> None:
    """The same in a datagram."""
    _messages(tree.open(CLDAP, at, end))


def _messages(draft: Draft) -> None:
    draft.say()
    stop = min(draft.end, draft.tree.size)
    while draft.at < stop:
        if _is_wrapped(draft.data, draft.at, stop):
            _token(draft, stop)
        elif guard(draft.data, draft.at, stop):
            _message(draft)
        else:
            _rest(draft, "Part of a message", stop)
            return


def _token(draft: Draft, stop: int) -> None:
    """The length, and what stands before and in what SASL wraps."""
    sealed, inside = _inside(draft.data, draft.at, stop)
    after = min(draft.at + 4 + draft.uint("Length", 4), stop)
    if inside > draft.at:
        draft.raw("Token", min(inside, after) - draft.at)
    kept, draft.end = draft.end, after
    while not sealed and draft.at < after and draft.data[draft.at] and guard(draft.data, draft.at, after):
        _message(draft)
    _rest(draft, "Encrypted message" if sealed else "Signed message")
    draft.end = kept


def _message(draft: Draft) -> None:
    with ber.opened(draft, "Message") as (group, _):
        group.display = str(ber.number(draft, "Message number"))
        _operation(draft)
        if draft.left:
            _rest(draft, "Controls")


def _rest(draft: Draft, label: str, stop: int = 0) -> None:
    size = (stop or draft.end) - draft.at
    if size > 0:
        draft.raw(label, size, lambda _: f"{size} bytes")


def _operation(draft: Draft) -> None:
    tag = draft.peek()
    with ber.opened(draft, "Operation") as (group, _):
        group.display = _OPERATIONS.get(tag, ber.tag_text(tag))
        if tag in _RESULTS:
            ber.number(draft, "Result", _RESULT_CODES, ber.ENUMERATED)
            ber.string(draft, "Matched name")
            ber.string(draft, "Text")
        elif tag == _BIND:
            ber.number(draft, "Version")
            ber.string(draft, "Name")
        elif tag in _NAMED:
            ber.string(draft, "Name")
            if tag == _SEARCH:
                ber.number(draft, "Scope", dict(enumerate(_SCOPES)), ber.ENUMERATED)
        _rest(draft, "Parameters")
