# SPDX-License-Identifier: Apache-2.0
"""ARP and IPv6 neighbour discovery: the kernel is made to forget its neighbour, and asks again."""

from contextlib import suppress

from ringscope.capture.demo.netlink import Netlink
from ringscope.capture.demo.pace import every
from ringscope.capture.demo.side import Side


def run(side: Side) -> None:
    """Forget the other side's hardware address now and then; the next packet of any scene asks for it."""
    # The far side forgets at even seconds only: its bursts, at odd ones, would be lost while the kernel asks.
    with Netlink() as netlink:
        for number in every(2.0, 1.0 if side.role == "near" else 2.0):
            with suppress(FileNotFoundError):
                netlink.forget_neighbour(side.interface, side.peer_ipv6 if number % 2 else side.peer_ipv4)
