# SPDX-License-Identifier: Apache-2.0
"""NTP (RFC 5905). Control and private messages (modes 6 and 7, RFC 9327) have another form and are named only."""

from __future__ import annotations

from dpkt.ntp import NTP as HEADER

from ringscope.decode.forms import formed, ip_text, plain
from ringscope.decode.registry import Show, protocol
from ringscope.decode.row import Row
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
_UNIX = 2208988800  # seconds between 1900, when NTP begins, and 1970


def _fixed(value: int) -> str:
    return f"{value / 65536:.6f} s"


def _binary(value: int) -> str:
    return f"2^{value - 256 if value > 127 else value} s"


def _stamp(value: bytes) -> str:
    # Seconds since 1900 and a binary fraction (RFC 5905 section 6).
    whole = int.from_bytes(value[:4], "big")
    return f"{whole - _UNIX + int.from_bytes(value[4:], 'big') / 2**32:.6f} s (unix time)" if whole else "none"


_SHOW: Show = {
    "li": ("Leap indicator", plain),
    "v": ("Version", plain),
    "mode": ("Mode", lambda value: formed(_MODES, value)),
    "stratum": ("Stratum", plain),
    "interval": ("Poll interval", _binary),
    "precision": ("Precision", _binary),
    "delay": ("Root delay", _fixed),
    "dispersion": ("Root dispersion", _fixed),
    "id": ("Reference", ip_text),
    "update_time": ("Reference time", _stamp),
    "originate_time": ("Originate time", _stamp),
    "receive_time": ("Receive time", _stamp),
    "transmit_time": ("Transmit time", _stamp),
}


@NTP.row
def row(row: Row, at: int, end: int) -> None:
    """Version and mode."""
    row.need(at, 1, end, "NTP header")
    first = row.data[at]
    row.info = f"NTP Version {first >> 3 & 7}, {_MODES[first & 7]}"
    if first & 7 < 6:
        row.need(at, 48, end, "NTP header")


@NTP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The fixed header."""
    draft = tree.open(NTP, at, end)
    draft.title = tree.words(NTP, at, end)
    if draft.peek() & 7 < 6:
        draft.header(HEADER, _SHOW)
