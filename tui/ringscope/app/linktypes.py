# SPDX-License-Identifier: Apache-2.0
"""Names of the link types that captures have, from the list at tcpdump.org/linktypes.html. No Textual here."""

from __future__ import annotations

from collections.abc import Sequence

_NAMES = {
    0: "loopback (NULL)",
    1: "Ethernet",
    9: "PPP",
    12: "raw IP",
    14: "raw IP",
    101: "raw IP",
    105: "802.11",
    108: "loopback",
    113: "Linux cooked",
    119: "802.11 (Prism)",
    127: "802.11 (radiotap)",
    163: "802.11 (AVS)",
    187: "Bluetooth HCI",
    189: "USB",
    192: "802.11 (PPI)",
    195: "802.15.4",
    201: "Bluetooth HCI",
    220: "USB",
    227: "CAN",
    228: "IPv4",
    229: "IPv6",
    253: "netlink",
    276: "Linux cooked v2",
}


def named(link_types: Sequence[int]) -> str:
    """The names of some LINKTYPE_* numbers, each once: ``Ethernet + Linux cooked``."""
    return " + ".join(dict.fromkeys(_NAMES.get(number, f"link type {number}") for number in link_types))
