# SPDX-License-Identifier: Apache-2.0
"""ARP and its kin."""

from __future__ import annotations

from socket import inet_aton
from struct import pack

from support.cases import Case
from support.packets import ARP, FAR_MAC, IPV4, NEAR_MAC, ethernet

_NOBODY = bytes(6)


def packet(operation: int, source: str, destination: str, target: bytes = _NOBODY) -> bytes:
    head = pack(">HHBBH", 1, IPV4, 6, 4, operation)
    return ethernet(head + NEAR_MAC + inet_aton(source) + target + inet_aton(destination), ARP)


_STACK = "eth:arp"
_ONE, _OTHER, _NONE = "192.168.0.11", "192.168.0.2", "0.0.0.0"

CASES = [
    Case(
        "request",
        packet(1, _ONE, _OTHER),
        _STACK,
        "ARP",
        "Who has 192.168.0.2? Tell 192.168.0.11",
        (("arp.Operation", "1 (request)"), ("arp.Sender MAC", "02:fc:00:00:00:01"), ("arp.Target IP", "192.168.0.2")),
    ),
    Case("reply", packet(2, _ONE, _OTHER, FAR_MAC), _STACK, "ARP", "192.168.0.11 is at 02:fc:00:00:00:01"),
    Case("probe", packet(1, _NONE, _OTHER), _STACK, "ARP", "Who has 192.168.0.2? (ARP Probe)"),
    Case("announcement", packet(1, _ONE, _ONE), _STACK, "ARP", "ARP Announcement for 192.168.0.11"),
    Case("gratuitous", packet(1, _ONE, _ONE, FAR_MAC), _STACK, "ARP", "Gratuitous ARP for 192.168.0.11 (Request)"),
    Case("gratuitous reply", packet(2, _ONE, _ONE, FAR_MAC), _STACK, "ARP", "Gratuitous ARP for 192.168.0.11 (Reply)"),
    Case(
        "reverse request",
        packet(3, _NONE, _NONE, NEAR_MAC),
        _STACK,
        "RARP",
        "Who is 02:fc:00:00:00:01? Tell 02:fc:00:00:00:01",
    ),
    Case("reverse reply", packet(4, _ONE, _OTHER, FAR_MAC), _STACK, "RARP", "02:fc:00:00:00:02 is at 192.168.0.2"),
    Case("dynamic reverse error", packet(7, _NONE, _NONE), _STACK, "DRARP", "DRARP Error"),
    Case(
        "inverse request",
        packet(8, _ONE, _NONE, FAR_MAC),
        _STACK,
        "Inverse ARP",
        "Who is 02:fc:00:00:00:02? Tell 02:fc:00:00:00:01",
        (("arp.Operation", "8 (InARP request)"),),
    ),
    Case("inverse reply", packet(9, _ONE, _OTHER), _STACK, "Inverse ARP", "02:fc:00:00:00:01 is at 192.168.0.11"),
    Case("refusal", packet(10, _ONE, _OTHER), _STACK, "ARP", "ARP NAK"),
]
