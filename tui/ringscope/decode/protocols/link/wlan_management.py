# SPDX-License-Identifier: Apache-2.0
"""What IEEE 802.11 management frames hold (clause 9.3.3): fixed fields by the kind of frame, then elements."""

from __future__ import annotations

from collections.abc import Callable

from ringscope.decode.address import mac
from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex4, is_set, octets, plain
from ringscope.decode.text import wire_text
from ringscope.decode.values import Table, blob, number, words

BEACONING = frozenset({5, 8})  # probe responses and beacons, which begin alike
_SSID = 0
_REASONS = {
    1: "unspecified",
    2: "authentication is not valid any more",
    3: "the station leaves",
    4: "inactivity",
    5: "too many stations",
    6: "frame of class 2 from a station that is not authenticated",
    7: "frame of class 3 from a station that is not associated",
    8: "the station leaves for another network",
    15: "4-way handshake took too long",
    16: "group key handshake took too long",
}
_STATUS = {0: "successful", 1: "unspecified failure", 12: "association denied", 13: "algorithm not supported",
           14: "out of sequence", 15: "challenge failed", 17: "too many stations"}  # fmt: skip
_ALGORITHMS = {0: "open system", 1: "shared key", 2: "fast transition", 3: "SAE"}
_CATEGORIES = {0: "spectrum management", 1: "QoS", 3: "block ack", 4: "public", 5: "radio measurement",
               7: "HT", 8: "SA query", 10: "wireless network management", 21: "VHT"}  # fmt: skip
_CAPABILITIES = (
    ("Immediate block ack", 1, is_set),
    ("Delayed block ack", 1, is_set),
    ("", 1, plain),
    ("Radio measurement", 1, is_set),
    ("APSD", 1, is_set),
    ("Short slot time", 1, is_set),
    ("QoS", 1, is_set),
    ("Spectrum management", 1, is_set),
    ("", 2, plain),
    ("Short preamble", 1, is_set),
    ("Privacy", 1, is_set),
    ("", 2, plain),
    ("Independent network", 1, is_set),
    ("Access point", 1, is_set),
)


def network_name(data: bytes, at: int, stop: int) -> str | None:
    """The network's name in the elements of data[at:stop]; None where there is none, "" where it is hidden."""
    if at + 2 > stop or data[at] != _SSID or at + 2 + data[at + 1] > stop:
        return None
    raw = data[at + 2 : at + 2 + data[at + 1]]
    return wire_text(raw.strip(b"\0"))


def body(draft: Draft, subtype: int) -> None:
    """Fixed fields and elements up to the draft's end."""
    if subtype in _FIXED:
        _FIXED[subtype](draft)
    while draft.left >= 2:
        kind, size = draft.peek(), draft.peek(1, 1)
        if size + 2 > draft.left:
            break
        name, read = _ELEMENTS.get(kind, (f"Element {kind}", blob))
        with draft.group(name) as group:
            draft.uint("Element", 1)
            draft.uint("Length", 1)
            with draft.limited(size):
                group.display = read(draft, size)
    draft.rest("Rest of the frame")


def _little(draft: Draft, label: str, form: Callable[[int], str] = plain) -> int:
    return draft.uint(label, 2, form, order="little")


def _capabilities(draft: Draft) -> None:
    draft.flags("Capabilities", 2, hex4, *_CAPABILITIES, order="little")


def _beacon(draft: Draft) -> None:
    draft.uint("Timestamp", 8, lambda value: f"{value} µs", order="little")
    _little(draft, "Beacon interval", lambda value: f"{value} units, {value * 1.024:.1f} ms")
    _capabilities(draft)


def _asked(draft: Draft) -> None:
    _capabilities(draft)
    _little(draft, "Listen interval")


def _asked_again(draft: Draft) -> None:
    _asked(draft)
    draft.raw("Current access point", 6, mac)


def _answered(draft: Draft) -> None:
    _capabilities(draft)
    draft.uint("Status", 2, _STATUS, order="little")
    _little(draft, "Association", lambda value: str(value & 0x3FFF))


def _authentication(draft: Draft) -> None:
    draft.uint("Algorithm", 2, _ALGORITHMS, order="little")
    _little(draft, "Sequence")
    draft.uint("Status", 2, _STATUS, order="little")


def _parting(draft: Draft) -> None:
    draft.uint("Reason", 2, _REASONS, order="little")


def _action(draft: Draft) -> None:
    draft.uint("Category", 1, _CATEGORIES)
    draft.uint("Action", 1)
    draft.rest("Content")


_FIXED: dict[int, Callable[[Draft], None]] = {
    0: _asked,
    1: _answered,
    2: _asked_again,
    3: _answered,
    5: _beacon,
    8: _beacon,
    10: _parting,
    11: _authentication,
    12: _parting,
    13: _action,
    14: _action,
}


def _rates(draft: Draft, size: int) -> str:
    return draft_text(draft, "Rates", size, lambda raw: " ".join(map(_rate, raw)) + " Mb/s")


def _rate(octet: int) -> str:
    return f"{(octet & 0x7F) / 2:g}{'*' if octet & 0x80 else ''}"


def draft_text(draft: Draft, label: str, size: int, form: Callable[[bytes], str]) -> str:
    """Read bytes and say what they are."""
    return form(draft.raw(label, size, form)) if size else ""


def _map(draft: Draft, size: int) -> str:
    if size < 3:
        return blob(draft, size)
    count, period = draft.uint("Beacons to the next DTIM", 1), draft.uint("Beacons from DTIM to DTIM", 1)
    draft.uint("Control", 1, hex2)
    draft.rest("Traffic", octets)
    return f"DTIM {count} of {period}"


def _country(draft: Draft, size: int) -> str:
    if size < 3:
        return blob(draft, size)
    code = draft.text("Code", 3)
    draft.rest("Channels", octets)
    return code


def _vendor(draft: Draft, size: int) -> str:
    if size < 3:
        return blob(draft, size)
    owner = draft_text(draft, "Organization", 3, mac)
    draft.rest("Content", octets)
    return owner


_ELEMENTS: Table = {
    _SSID: ("SSID", words),
    1: ("Supported rates (* basic)", _rates),
    3: ("Channel", number()),
    5: ("Traffic indication map", _map),
    7: ("Country", _country),
    11: ("Load", blob),
    16: ("Challenge", blob),
    32: ("Power constraint", number()),
    35: ("Transmit power report", blob),
    42: ("ERP", number(hex2)),
    45: ("HT capabilities", blob),
    48: ("RSN", blob),
    50: ("Extended rates (* basic)", _rates),
    54: ("Mobility domain", blob),
    55: ("Fast transition", blob),
    61: ("HT operation", blob),
    70: ("Radio measurement", blob),
    74: ("Overlapping networks", blob),
    107: ("Interworking", blob),
    127: ("Extended capabilities", blob),
    191: ("VHT capabilities", blob),
    192: ("VHT operation", blob),
    221: ("Vendor specific", _vendor),
    255: ("Extension", blob),
}
