# SPDX-License-Identifier: Apache-2.0
"""TCP's options (IANA's "TCP Option Kind Numbers"): RFC 9293, RFC 7323, RFC 2018, RFC 2385, RFC 5482, RFC 5925, RFC
7413, RFC 8684, RFC 9768 and the retired ones by name."""

from __future__ import annotations

from struct import Struct

from ringscope.decode.address import grouped, ip_text
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import coded, hex2, hex4, hex8, is_set, octets, plain, yes
from ringscope.decode.protocols.transport.tcp.multipath import multipath
from ringscope.decode.values import Reader, blob, number

_PAIR = Struct(">II")
_EXPERIMENTAL = (253, 254)
_FAST_OPEN = 0xF989
_EXPERIMENTS = {_FAST_OPEN: "fast open", 0x0348: "Cisco WAAS", 0xE2D4: "HOST_ID", 0x454E: "TCP-ENO", 0xACCE: "AccECN"}


def option_words(data: bytes, at: int, stop: int) -> tuple[str, bool]:
    """What the options say in a row, and whether one is of multipath TCP. Raises Malformed for a length that cannot
    be.
    """
    # By far the commonest: two paddings and a timestamp.
    if stop - at == 12 and data.startswith(b"\x01\x01\x08\x0a", at):
        value, echo = _PAIR.unpack_from(data, at + 4)
        return f" TSval={value} TSecr={echo}", False
    multipath = False
    words: list[str] = []
    while at < stop and data[at] != 0:
        kind = data[at]
        if kind == 1:
            at += 1
            continue
        size = data[at + 1] if at + 1 < stop else 0
        if size < 2 or at + size > stop:
            raise Malformed(f"TCP option {kind} of length {size}, {stop - at} bytes left")
        words.append(_word(data, kind, at, size))
        multipath = multipath or kind == 30
        at += size
    return "".join(words), multipath


def _word(data: bytes, kind: int, at: int, size: int) -> str:
    if kind == 2 and size == 4:
        return f" MSS={data[at + 2] << 8 | data[at + 3]}"
    if kind == 3 and size == 3:
        return f" WS={1 << min(data[at + 2], 14)}"
    if kind == 4:
        return " SACK_PERM"
    if kind == 8 and size == 10:
        value, echo = _PAIR.unpack_from(data, at + 2)
        return f" TSval={value} TSecr={echo}"
    if kind == 5:
        return "".join(
            " SLE={} SRE={}".format(*_PAIR.unpack_from(data, place)) for place in range(at + 2, at + size - 7, 8)
        )
    if kind == 28 and size == 4:
        return f" USER_TO={(data[at + 2] << 8 | data[at + 3]) & 0x7FFF}"
    if kind == 34:
        return " TFO=C" if size > 2 else " TFO=R"
    if kind in _EXPERIMENTAL and size >= 4 and data[at + 2] << 8 | data[at + 3] == _FAST_OPEN:
        return " TFO=C" if size > 4 else " TFO=R"
    return _MARKS.get(kind, "")


_MARKS = {19: " MD5", 29: " AO"}


def option(draft: Draft) -> None:
    """One option as fields. Raises Malformed for a length that cannot be."""
    kind = draft.peek()
    if kind < 2:
        draft.uint(_NAMES[kind], 1, lambda _: "")
        return
    size = draft.peek(1, 1) if draft.left > 1 else 0
    if size < 2 or size > draft.left:
        raise Malformed(f"TCP option {kind} of length {size}, {draft.left} bytes left")
    with draft.group(_NAMES.get(kind, f"Option {kind}")) as group:
        draft.uint("Kind", 1, _NAMES)
        draft.uint("Length", 1)
        with draft.limited(size - 2):
            group.display = _READERS.get(kind, blob)(draft, size - 2)
            draft.rest("Rest of the option")


def _scale(draft: Draft, size: int) -> str:
    if size != 1:
        return blob(draft, size)
    shift = draft.uint("Shift", 1)
    return f"{shift} (multiply by {1 << min(shift, 14)})"


def _acknowledged(draft: Draft, size: int) -> str:
    if size % 8:
        return blob(draft, size)
    edges = [(draft.uint("Left edge", 4, grouped), draft.uint("Right edge", 4, grouped)) for _ in range(size // 8)]
    return ", ".join(f"{grouped(left)} - {grouped(right)}" for left, right in edges)


def _stamps(draft: Draft, size: int) -> str:
    if size != 8:
        return blob(draft, size)
    return f"value {draft.uint('Value', 4)}, echo reply {draft.uint('Echo reply', 4)}"


def _patience(draft: Draft, size: int) -> str:
    if size != 2:
        return blob(draft, size)
    minutes, value = draft.bits(2, ("In minutes", 1, yes), ("Timeout", 15, plain))
    return f"{value} {'min' if minutes else 's'}"


def _authentication(draft: Draft, size: int) -> str:
    if size < 2:
        return blob(draft, size)
    key, wanted = draft.uint("Key", 1), draft.uint("Next key", 1)
    mac = octets(draft.raw("MAC", size - 2)) if size > 2 else ""
    return f"key {key}, next {wanted}, MAC {mac}"


def _cookie(draft: Draft, size: int) -> str:
    return f"cookie {octets(draft.raw('Cookie', size))}" if size else "cookie wanted"


def _quick_start(draft: Draft, size: int) -> str:
    if size != 6:
        return blob(draft, size)
    draft.bits(1, ("Reserved", 4, plain), ("Rate", 4, plain))
    difference = draft.uint("TTL difference", 1)
    draft.bits(4, ("Nonce", 30, plain), ("", 2, plain))
    return f"TTL difference {difference}"


def _counters(draft: Draft, size: int) -> str:
    """Accurate ECN: counters of bytes, in an order that the kind says (RFC 9768)."""
    found = [str(draft.uint("Bytes counted", 3)) for _ in range(size // 3)]
    return ", ".join(found)


def _encryption(draft: Draft, size: int) -> str:
    """TCP-ENO (RFC 8547): suboptions of one byte, some with data."""
    return octets(draft.raw("Suboptions", size)) if size else "none"


def _experiment(draft: Draft, size: int) -> str:
    if size < 2:
        return blob(draft, size)
    experiment = draft.uint("Experiment", 2, coded(4, _EXPERIMENTS))
    name = _EXPERIMENTS.get(experiment, hex4(experiment))
    return f"{name} {octets(draft.raw('Value', size - 2))}" if size > 2 else name


def _digest(draft: Draft, size: int) -> str:
    return octets(draft.raw("Digest", size)) if size else ""


def _capabilities(draft: Draft, size: int) -> str:
    """SCPS (CCSDS 714.0)."""
    if size != 2:
        return blob(draft, size)
    parts = (("BETS", 1, is_set), ("SNACK 1", 1, is_set), ("SNACK 2", 1, is_set), ("Compression", 1, is_set))
    draft.bits(1, *parts, ("Network timestamps", 1, is_set), ("", 3, plain))
    return f"connection {draft.uint('Connection', 1)}"


def _probe(draft: Draft, size: int) -> str:
    """Riverbed's probes, whose first bytes alone are known."""
    if size < 2:
        return blob(draft, size)
    draft.uint("Type and version", 1, hex2)
    draft.uint("Reserved", 1, hex2)
    return ip_text(draft.raw("Prober", 4, ip_text)) if size >= 6 else ""


_NAMES = {
    0: "End of options",
    1: "No operation",
    2: "Maximum segment size",
    3: "Window scale",
    4: "SACK permitted",
    5: "SACK",
    6: "Echo",
    7: "Echo reply",
    8: "Timestamps",
    9: "Partial order permitted",
    10: "Partial order service",
    11: "CC",
    12: "CC.NEW",
    13: "CC.ECHO",
    14: "Alternate checksum request",
    15: "Alternate checksum data",
    16: "Skeeter",
    17: "Bubba",
    18: "Trailer checksum",
    19: "MD5 signature",
    20: "SCPS capabilities",
    21: "Selective negative acknowledgements",
    22: "Record boundaries",
    23: "Corruption experienced",
    24: "SNAP",
    26: "Compression filter",
    27: "Quick start response",
    28: "User timeout",
    29: "Authentication",
    30: "Multipath TCP",
    34: "Fast open cookie",
    69: "Encryption negotiation",
    76: "Riverbed probe",
    78: "Riverbed transparency",
    172: "Accurate ECN, order 0",
    174: "Accurate ECN, order 1",
    253: "Experiment",
    254: "Experiment",
}
_READERS: dict[int, Reader] = {
    2: number(),
    3: _scale,
    5: _acknowledged,
    6: number(hex8),
    7: number(hex8),
    8: _stamps,
    11: number(),
    12: number(),
    13: number(),
    14: number(),
    19: _digest,
    20: _capabilities,
    27: _quick_start,
    28: _patience,
    29: _authentication,
    30: multipath,
    34: _cookie,
    69: _encryption,
    76: _probe,
    172: _counters,
    174: _counters,
    253: _experiment,
    254: _experiment,
}
