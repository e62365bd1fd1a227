# SPDX-License-Identifier: Apache-2.0
"""What can be done about an error of libpcap's, where its message does not say it."""

from __future__ import annotations

import re

LINKTYPE_LINUX_SLL2 = 276

_ADVICE = (
    (re.compile(r"unknown network '"), "only names of /etc/networks are known; use an address such as 192.0.2.0/24"),
    (
        re.compile(r"unknown (ether|Ethernet-like) host '"),
        "only names of /etc/ethers are known; use an address such as 02:00:5e:10:00:00",
    ),
)
_NO_VLAN = re.compile(r"no VLAN support|'vlan' not supported")
# The kernel's metadata by its offsets, SKF_AD_VLAN_TAG_PRESENT and SKF_AD_VLAN_TAG.
_VLAN_BY_METADATA = (
    "capture on one interface, or write ether[-4048:1] = 1 for a tagged packet"
    " and ether[-4052:2] & 0xfff = 5 for one of VLAN 5"
)


def with_advice(message: str, link_type: int, live: bool) -> str:
    """libpcap's message, and behind it in brackets what to do."""
    if live and link_type == LINKTYPE_LINUX_SLL2 and _NO_VLAN.search(message):
        return f"{message} ({_VLAN_BY_METADATA})"
    for pattern, advice in _ADVICE:
        if pattern.search(message):
            return f"{message} ({advice})"
    return message
