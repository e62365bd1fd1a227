# SPDX-License-Identifier: Apache-2.0
"""The bodies of SCTP's chunks, but for those that carry data."""

from __future__ import annotations

from collections.abc import Callable

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex4, hex8, is_set, plain, yes
from ringscope.decode.protocols.transport.sctp.names import HMACS
from ringscope.decode.protocols.transport.sctp.parameters import causes, parameters


def flags(draft: Draft, kind: int) -> int:
    """The flags of a chunk; returns them."""
    if kind in (0, 64):
        parts = (("Immediate (I)", 1, is_set), ("Unordered (U)", 1, is_set), ("Beginning (B)", 1, is_set))
        return draft.flags("Flags", 1, hex2, ("", 4, plain), *parts, ("End (E)", 1, is_set))[0]
    if kind in (6, 14):
        return draft.flags("Flags", 1, hex2, ("", 7, plain), ("Tag is reflected (T)", 1, yes))[0]
    return draft.uint("Flags", 1, hex2)


def _init(draft: Draft) -> None:
    draft.uint("Initiate tag", 4, hex8)
    draft.uint("Advertised receiver window", 4)
    draft.uint("Outbound streams", 2)
    draft.uint("Inbound streams", 2)
    draft.uint("Initial TSN", 4)
    parameters(draft)


def _selective(draft: Draft) -> None:
    draft.uint("Cumulative TSN", 4)
    draft.uint("Advertised receiver window", 4)
    gaps, duplicates = draft.uint("Gap blocks", 2), draft.uint("Duplicates", 2)
    _gaps(draft, gaps)
    for _ in range(duplicates):
        draft.uint("Duplicate TSN", 4)


def _not_renegable(draft: Draft) -> None:
    draft.uint("Cumulative TSN", 4)
    draft.uint("Advertised receiver window", 4)
    gaps, others, duplicates = (draft.uint(label, 2) for label in ("Gap blocks", "NR gap blocks", "Duplicates"))
    draft.uint("Reserved", 2)
    _gaps(draft, gaps)
    _gaps(draft, others, "NR gap")
    for _ in range(duplicates):
        draft.uint("Duplicate TSN", 4)


def _gaps(draft: Draft, count: int, label: str = "Gap") -> None:
    for _ in range(count):
        draft.uint(f"{label} start", 2)
        draft.uint(f"{label} end", 2)


def _heartbeat(draft: Draft) -> None:
    parameters(draft)


def _error(draft: Draft) -> None:
    causes(draft)


def _shutdown(draft: Draft) -> None:
    draft.uint("Cumulative TSN", 4)


def _cookie(draft: Draft) -> None:
    draft.rest("Cookie")


def _congestion(draft: Draft) -> None:
    draft.uint("Lowest TSN", 4)


def _authentication(draft: Draft) -> None:
    draft.uint("Shared key", 2)
    draft.uint("HMAC algorithm", 2, HMACS)
    draft.rest("HMAC")


def _address_change(draft: Draft) -> None:
    draft.uint("Sequence number", 4, hex8)
    parameters(draft)


def _dropped(draft: Draft) -> None:
    draft.uint("Maximum receive window", 4)
    draft.uint("Queue size", 4)
    draft.uint("Truncated length", 2)
    draft.uint("Reserved", 2, hex4)
    draft.rest("Packet")


def _reconfigure(draft: Draft) -> None:
    parameters(draft)


def _forward(draft: Draft) -> None:
    draft.uint("New cumulative TSN", 4)
    while draft.left >= 4:
        draft.uint("Stream", 2)
        draft.uint("Stream sequence number", 2)


def _forward_interleaved(draft: Draft) -> None:
    draft.uint("New cumulative TSN", 4)
    while draft.left >= 8:
        draft.uint("Stream", 2)
        draft.bits(2, ("", 15, plain), ("Unordered (U)", 1, is_set))
        draft.uint("Message", 4)


BODIES: dict[int, Callable[[Draft], None]] = {
    1: _init,
    2: _init,
    3: _selective,
    4: _heartbeat,
    5: _heartbeat,
    6: _error,
    7: _shutdown,
    9: _error,
    10: _cookie,
    12: _congestion,
    13: _congestion,
    15: _authentication,
    16: _not_renegable,
    128: _address_change,
    129: _dropped,
    130: _reconfigure,
    192: _forward,
    193: _address_change,
    194: _forward_interleaved,
}
