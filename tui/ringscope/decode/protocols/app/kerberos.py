# SPDX-License-Identifier: Apache-2.0
"""Kerberos 5 (RFC 4120): the kind of each message, and its parts up to what is encrypted or nested deeper; in streams
behind four bytes of length."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode import ber
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

KERBEROS = protocol("kerberos", "KRB5", udp=(88,))
KERBEROS_STREAM = protocol("kerberos", "KRB5", tcp=(88,))

_MARK = 4  # bytes of the length in a stream (RFC 4120 section 7.2.2)
_LONGEST = 1 << 20
_ERROR, _ERROR_CODE = 30, 0xA6
_APPLICATION, _CONTEXT, _NUMBER = 0x60, 0xA0, 0x1F
_GENERAL_STRING, _TIME = 0x1B, 0x18
_MESSAGES = {
    10: "AS-REQ",
    11: "AS-REP",
    12: "TGS-REQ",
    13: "TGS-REP",
    14: "AP-REQ",
    15: "AP-REP",
    20: "KRB-SAFE",
    21: "KRB-PRIV",
    22: "KRB-CRED",
    _ERROR: "KRB-ERROR",
}
_ERRORS = {
    0: "KRB5KDC_ERR_NONE",
    1: "KRB5KDC_ERR_NAME_EXP",
    2: "KRB5KDC_ERR_SERVICE_EXP",
    3: "KRB5KDC_ERR_BAD_PVNO",
    4: "KRB5KDC_ERR_C_OLD_MAST_KVNO",
    5: "KRB5KDC_ERR_S_OLD_MAST_KVNO",
    6: "KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN",
    7: "KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN",
    8: "KRB5KDC_ERR_PRINCIPAL_NOT_UNIQUE",
    9: "KRB5KDC_ERR_NULL_KEY",
    10: "KRB5KDC_ERR_CANNOT_POSTDATE",
    11: "KRB5KDC_ERR_NEVER_VALID",
    12: "KRB5KDC_ERR_POLICY",
    13: "KRB5KDC_ERR_BADOPTION",
    14: "KRB5KDC_ERR_ETYPE_NOSUPP",
    15: "KRB5KDC_ERR_SUMTYPE_NOSUPP",
    16: "KRB5KDC_ERR_PADATA_TYPE_NOSUPP",
    17: "KRB5KDC_ERR_TRTYPE_NOSUPP",
    18: "KRB5KDC_ERR_CLIENT_REVOKED",
    19: "KRB5KDC_ERR_SERVICE_REVOKED",
    20: "KRB5KDC_ERR_TGT_REVOKED",
    21: "KRB5KDC_ERR_CLIENT_NOTYET",
    22: "KRB5KDC_ERR_SERVICE_NOTYET",
    23: "KRB5KDC_ERR_KEY_EXP",
    24: "KRB5KDC_ERR_PREAUTH_FAILED",
    25: "KRB5KDC_ERR_PREAUTH_REQUIRED",
    26: "KRB5KDC_ERR_SERVER_NOMATCH",
    27: "KRB5KDC_ERR_MUST_USE_USER2USER",
    28: "KRB5KDC_ERR_PATH_NOT_ACCEPTED",
    29: "KRB5KDC_ERR_SVC_UNAVAILABLE",
    31: "KRB5KRB_AP_ERR_BAD_INTEGRITY",
    32: "KRB5KRB_AP_ERR_TKT_EXPIRED",
    33: "KRB5KRB_AP_ERR_TKT_NYV",
    34: "KRB5KRB_AP_ERR_REPEAT",
    35: "KRB5KRB_AP_ERR_NOT_US",
    36: "KRB5KRB_AP_ERR_BADMATCH",
    37: "KRB5KRB_AP_ERR_SKEW",
    38: "KRB5KRB_AP_ERR_BADADDR",
    39: "KRB5KRB_AP_ERR_BADVERSION",
    40: "KRB5KRB_AP_ERR_MSG_TYPE",
    41: "KRB5KRB_AP_ERR_MODIFIED",
    42: "KRB5KRB_AP_ERR_BADORDER",
    43: "KRB5KRB_AP_ERR_ILL_CR_TKT",
    44: "KRB5KRB_AP_ERR_BADKEYVER",
    45: "KRB5KRB_AP_ERR_NOKEY",
    46: "KRB5KRB_AP_ERR_MUT_FAIL",
    47: "KRB5KRB_AP_ERR_BADDIRECTION",
    48: "KRB5KRB_AP_ERR_METHOD",
    49: "KRB5KRB_AP_ERR_BADSEQ",
    50: "KRB5KRB_AP_ERR_INAPP_CKSUM",
    51: "KRB5KRB_AP_PATH_NOT_ACCEPTED",
    52: "KRB5KRB_ERR_RESPONSE_TOO_BIG",
    60: "KRB5KRB_ERR_GENERIC",
    61: "KRB5KRB_ERR_FIELD_TOOLONG",
    62: "KRB5KDC_ERR_CLIENT_NOT_TRUSTED",
    63: "KRB5KDC_ERR_KDC_NOT_TRUSTED",
    64: "KRB5KDC_ERR_INVALID_SIG",
    68: "KRB5KDC_ERR_WRONG_REALM",
}
_REQUEST = {1: "Version", 2: "Message type", 3: "Pre-authentication", 4: "Request"}
_ANSWER = {
    0: "Version",
    1: "Message type",
    2: "Pre-authentication",
    3: "Client realm",
    4: "Client",
    5: "Ticket",
    6: "Encrypted part",
}
_FAILURE = {
    0: "Version",
    1: "Message type",
    2: "Client time",
    3: "Client microseconds",
    4: "Server time",
    5: "Server microseconds",
    6: "Error code",
    7: "Client realm",
    8: "Client",
    9: "Realm",
    10: "Server",
    11: "Text",
    12: "Data",
}
_PARTS = {10: _REQUEST, 11: _ANSWER, 12: _REQUEST, 13: _ANSWER, _ERROR: _FAILURE}


@KERBEROS.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """The tag of a message, and the sequence in it."""
    if stop - at < 4 or data[at] & 0xE0 != _APPLICATION or data[at] & _NUMBER not in _MESSAGES:
        return False
    place = at + 2 + (data[at + 1] & 0x7F if data[at + 1] > 0x80 else 0)
    return data[at + 1] != 0x80 and place < stop and data[place] == ber.SEQUENCE


@KERBEROS_STREAM.guard
def guard_stream(data: bytes, at: int, stop: int) -> bool:
    """A length, and a message that has it."""
    if stop - at < _MARK + 4:
        return False
    size = unpack_from(">I", data, at)[0]
    return 0 < size < _LONGEST and guard(data, at + _MARK, stop)


@KERBEROS.row
def row(row: Row, at: int, end: int) -> None:
    """The message; of an error which."""
    message = ber.element(row.data, at, end, "Kerberos message")
    kind = message.tag & _NUMBER
    row.info = _MESSAGES.get(kind, f"message {kind}")
    if kind == _ERROR:
        row.info = "KRB Error"
        row.info = f"KRB Error: {_error(_code(row, message.start, min(message.stop, end)))}"


def _code(row: Row, at: int, end: int) -> int:
    """The code of an error, which has no more than thirteen parts."""
    at = ber.element(row.data, at, end, "Kerberos error").start
    for _ in _FAILURE:
        part = ber.element(row.data, at, end, "Kerberos error")
        if part.tag == _ERROR_CODE:
            value = ber.element(row.data, part.start, end, "Kerberos error code")
            row.need(value.start, value.stop - value.start, end, "Kerberos error code")
            return ber.integer(row.data[value.start : value.stop])
        at = part.stop
    raise Malformed("a Kerberos error without its code")


def _error(number: int) -> str:
    return _ERRORS.get(number, f"error {number}")


@KERBEROS_STREAM.row
def row_stream(row_: Row, at: int, end: int) -> None:
    """The message behind the length."""
    size = unpack_from(">I", row_.data, at)[0]
    row(row_, at + _MARK, min(at + _MARK + size, end))
    if at + _MARK + size > end:
        row_.need(at + _MARK, size, end, "Kerberos message")


@KERBEROS.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The parts of the message."""
    draft = tree.open(KERBEROS, at, end)
    draft.say()
    _message(draft)


@KERBEROS_STREAM.layer
def layer_stream(tree: Tree, at: int, end: int) -> None:
    """The length, and the parts of the message."""
    draft = tree.open(KERBEROS_STREAM, at, end)
    draft.say()
    size = draft.uint("Length", _MARK)
    draft.end = min(end, draft.at + size)
    _message(draft)


def _message(draft: Draft) -> None:
    kind = draft.peek() & _NUMBER
    names = _PARTS.get(kind, {})
    with ber.opened(draft, "Message") as (group, _):
        group.display = _MESSAGES.get(kind, f"message {kind}")
        with ber.opened(draft, "Parts"):
            while draft.left:
                _part(draft, names)


def _part(draft: Draft, names: dict[int, str]) -> None:
    tag = draft.peek()
    name = names.get(tag & _NUMBER, f"Part {tag & _NUMBER}") if tag & 0xE0 == _CONTEXT else "Part"
    with ber.opened(draft, name) as (group, _):
        inner = draft.peek() if draft.left else 0
        if inner == ber.INTEGER:
            form = _coded if name == "Error code" else str
            group.display = form(ber.number(draft, "Number", form))
        elif inner in (_GENERAL_STRING, _TIME):
            group.display = ber.words(ber.string(draft, "String", inner))
        else:
            size = draft.left
            group.display = f"{size} bytes"
            draft.rest("Value", lambda _: f"{size} bytes")


def _coded(number: int) -> str:
    return f"{number} ({_error(number)})"
