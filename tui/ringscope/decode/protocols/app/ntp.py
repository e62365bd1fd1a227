# SPDX-License-Identifier: Apache-2.0
"""NTP (RFC 5905) with extension fields (RFC 7822, RFC 8915) and kisses of death, control messages (RFC 9327), and the
private ones of ntpd (ntp.org, ntp_request.h)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ringscope.decode.draft import Draft
from ringscope.decode.forms import Form, coded, formed, hex4, hex8, ip_text, octets, plain, yes
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree

NTP = protocol("ntp", "NTP", udp=(123,))

_MODES = {
    0: "reserved",
    1: "symmetric active",
    2: "symmetric passive",
    3: "client",
    4: "server",
    5: "broadcast",
    6: "control",
    7: "private",
}
_CONTROL, _PRIVATE = 6, 7
_HEADER = 48
_LEAPS = {0: "no warning", 1: "last minute has 61 seconds", 2: "last minute has 59 seconds", 3: "not synchronized"}
_KISSES = {
    "ACST": "belongs to a unicast server",
    "AUTH": "authentication failed",
    "AUTO": "Autokey failed",
    "BCST": "belongs to a broadcast server",
    "CRYP": "cryptographic authentication failed",
    "DENY": "access denied",
    "DROP": "lost peer in symmetric mode",
    "RSTR": "access denied by local policy",
    "INIT": "not yet synchronized for the first time",
    "MCST": "belongs to a dynamically discovered server",
    "NKEY": "no key found",
    "NTSN": "NTS negative acknowledgment",
    "RATE": "asked too often",
    "RMOT": "someone tinkers from a remote host",
    "STEP": "step change of the clock",
}
_SOURCES = {
    "GOES": "geosynchronous satellite",
    "GPS": "GPS",
    "GAL": "Galileo",
    "PPS": "pulse per second",
    "IRIG": "IRIG timecode",
    "WWVB": "radio Fort Collins",
    "DCF": "radio Mainflingen",
    "HBG": "radio Prangins",
    "MSF": "radio Anthorn",
    "JJY": "radio Fukushima and Saga",
    "LORC": "Loran-C",
    "TDF": "radio Allouis",
    "CHU": "radio Ottawa",
    "WWV": "radio Fort Collins",
    "WWVH": "radio Hawaii",
    "NIST": "modem of NIST",
    "ACTS": "modem of NIST",
    "USNO": "modem of USNO",
    "PTB": "modem of PTB",
    "LOCL": "uncalibrated local clock",
    "LOCAL": "uncalibrated local clock",
    "ATOM": "atomic clock",
    "PTP": "Precision Time Protocol",
}
_EXTENSIONS = {
    0x0002: "Autokey message request",
    0x0102: "No-operation request",
    0x0104: "Unique identifier",
    0x0202: "Association message request",
    0x0204: "NTS cookie",
    0x0302: "Certificate message request",
    0x0304: "NTS cookie placeholder",
    0x0402: "Cookie message request",
    0x0404: "NTS authenticator and encrypted extension fields",
    0x0502: "Autokey values message request",
    0x2005: "Checksum complement",
    0x8002: "Autokey message response",
    0x8102: "No-operation response",
    0x8202: "Association message response",
    0x8302: "Certificate message response",
    0x8402: "Cookie message response",
    0x8502: "Autokey values message response",
    0xF323: "Experimental",
    0xF324: "Experimental",
}
_OPERATIONS = {
    0: "unspecified",
    1: "read status",
    2: "read variables",
    3: "write variables",
    4: "read clock variables",
    5: "write clock variables",
    6: "set trap",
    7: "trap response",
    8: "configure",
    9: "save configuration",
    10: "read MRU list",
    11: "read ordered list",
    12: "request nonce",
    31: "unset trap",
}
_REQUESTS = {
    0: "PEER_LIST",
    1: "PEER_LIST_SUM",
    2: "PEER_INFO",
    3: "PEER_STATS",
    4: "SYS_INFO",
    5: "SYS_STATS",
    6: "IO_STATS",
    7: "MEM_STATS",
    8: "LOOP_INFO",
    9: "TIMER_STATS",
    10: "CONFIG",
    11: "UNCONFIG",
    12: "SET_SYS_FLAG",
    13: "CLR_SYS_FLAG",
    16: "GET_RESTRICT",
    20: "MON_GETLIST",
    21: "RESET_STATS",
    28: "AUTHINFO",
    35: "GET_CTLSTATS",
    42: "MON_GETLIST_1",
}
_EPOCHS = (datetime(1900, 1, 1, tzinfo=UTC), datetime(1900, 1, 1, tzinfo=UTC) + timedelta(seconds=1 << 32))


def _fixed(value: int) -> str:
    return f"{value / 65536:.6f} s"


def _binary(value: int) -> str:
    return f"2^{value} s"


def _stamp(value: bytes) -> str:
    # Seconds of an era and a binary fraction (RFC 5905 section 6). Those of the first half are of the era from 2036 on.
    whole, part = int.from_bytes(value[:4], "big"), int.from_bytes(value[4:], "big")
    if not whole and not part:
        return "none"
    moment = _EPOCHS[whole < 1 << 31] + timedelta(seconds=whole)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{part * 10**9 >> 32:09d} UTC"


def _reference(stratum: int) -> Form:
    """What the identifier of the reference is, by the stratum: letters, or the address of the server above."""

    def form(value: bytes) -> str:
        if stratum > 1:
            return ip_text(value)
        code = wire_text(value.rstrip(b"\0"))
        meaning = (_KISSES if stratum == 0 else _SOURCES).get(code)
        return f"{code} ({meaning})" if meaning else code or "none"

    return form


@NTP.row
def row(row: Row, at: int, end: int) -> None:
    """Version and mode, and why a server wants to be left alone."""
    row.need(at, 1, end, "NTP header")
    first = row.data[at]
    mode = first & 7
    row.info = f"NTP Version {first >> 3 & 7}, {_MODES[mode]}"
    if mode < _CONTROL:
        row.need(at, _HEADER, end, "NTP header")
        if row.data[at + 1] == 0 and mode == 4 and (code := wire_text(row.data[at + 12 : at + 16])) in _KISSES:
            row.info += f" (kiss of death {code}: {_KISSES[code]})"
    elif mode == _PRIVATE and at + 4 <= min(end, row.size):
        request = _REQUESTS.get(row.data[at + 3], f"request {row.data[at + 3]}")
        row.info += f", {'Response' if first & 0x80 else 'Request'}, {request}"


@NTP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The message by its mode."""
    draft = tree.open(NTP, at, end)
    draft.title = tree.words(NTP, at, end)
    mode = draft.peek() & 7
    if mode == _PRIVATE:
        _private(draft)
    elif mode == _CONTROL:
        draft.bits(1, ("", 2, plain), ("Version", 3, plain), ("Mode", 3, _MODES))
        _control(draft)
    else:
        draft.bits(1, ("Leap indicator", 2, _LEAPS), ("Version", 3, plain), ("Mode", 3, _MODES))
        _times(draft)
        _behind(draft)


def _stratum(value: int) -> str:
    names = {0: "unspecified or kiss of death", 1: "primary", 16: "not synchronized"}
    return formed(names, value)


def _times(draft: Draft) -> None:
    stratum = draft.uint("Stratum", 1, _stratum)
    draft.sint("Poll interval", 1, _binary)
    draft.sint("Precision", 1, _binary)
    draft.uint("Root delay", 4, _fixed)
    draft.uint("Root dispersion", 4, _fixed)
    draft.raw("Reference", 4, _reference(stratum))
    for label in ("Reference", "Originate", "Receive", "Transmit"):
        draft.raw(f"{label} time", 8, _stamp)


def _behind(draft: Draft) -> None:
    """Extension fields, then a key identifier and a digest, told apart by what is left (RFC 7822 section 7.5)."""
    while draft.left > 24 or draft.left in (16, 28):
        kind, size = draft.peek(2), draft.peek(2, 2)
        if size < 4 or size > draft.left:
            break
        with draft.group(_EXTENSIONS.get(kind, f"Extension field 0x{kind:04x}")) as group:
            draft.uint("Type", 2, coded(4, _EXTENSIONS))
            draft.uint("Length", 2)
            group.display = octets(draft.raw("Value", size - 4)) if size > 4 else ""
    if draft.left >= 4:
        draft.uint("Key", 4, hex8)
        draft.rest("Digest")


def _control(draft: Draft) -> None:
    parts = (("Response", 1, yes), ("Error", 1, yes), ("More", 1, yes), ("Operation", 5, _OPERATIONS))
    answer = draft.bits(1, *parts)[0]
    draft.uint("Sequence", 2)
    draft.uint("Status", 2, hex4)
    draft.uint("Association", 2)
    draft.uint("Offset", 2)
    count = min(draft.uint("Count", 2), draft.left)
    if count:
        data = draft.raw("Data", count, _variables)
        if answer:
            draft.title += f"  {shorten(_variables(data), 120)}"
    draft.raw("Padding", min(-count % 4, draft.left))
    draft.rest("Authentication")


def _variables(value: bytes) -> str:
    return wire_text(b" ".join(value.split())) if value.isascii() else octets(value)


def _private(draft: Draft) -> None:
    draft.bits(1, ("Response", 1, yes), ("More", 1, yes), ("Version", 3, plain), ("Mode", 3, _MODES))
    draft.bits(1, ("Authenticated", 1, yes), ("Sequence", 7, plain))
    draft.uint("Implementation", 1, {0: "universal", 2: "ntpd before IPv6", 3: "ntpd"})
    draft.uint("Request", 1, _REQUESTS)
    if draft.left < 4:  # the shortest of requests end here
        draft.rest("Data")
        return
    _, count = draft.bits(2, ("Error", 4, plain), ("Items", 12, plain))
    _, size = draft.bits(2, ("Reserved", 4, plain), ("Item size", 12, plain))
    for _ in range(count if size else 0):
        if draft.left < size:
            break
        draft.raw("Item", size)
    draft.rest("Data")
