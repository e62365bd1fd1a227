# SPDX-License-Identifier: Apache-2.0
"""The two ends of the demo network: names and addresses, the same in every process."""

from dataclasses import replace
from typing import Self

from ringscope.frozen import frozen


@frozen
class Side:
    """One end of the veth pair: its own names and addresses, and those of the other end."""

    role: str
    """"near" in the namespace that is captured in, or "far"."""
    interface: str
    mac: bytes
    ipv4: str
    ipv6: str
    peer_interface: str
    peer_mac: bytes
    peer_ipv4: str
    peer_ipv6: str
    """The IPv4 address once more where the system has no IPv6: every scene then goes on by IPv4 alone."""
    quiet: bool = False
    """Without IPv6 addresses, so that the kernel sends nothing unasked."""

    def named(self, interface: str, peer_interface: str, quiet: bool) -> Self:
        """The same end with other interface names."""
        return replace(self, interface=interface, peer_interface=peer_interface, quiet=quiet)

    def without_ipv6(self) -> Self:
        """The same end on a system whose IPv6 is switched off."""
        return replace(self, ipv6=self.ipv4, peer_ipv6=self.peer_ipv4)


_NEAR_MAC = bytes.fromhex("020000000001")
_FAR_MAC = bytes.fromhex("020000000002")

NEAR = Side("near", "demo0", _NEAR_MAC, "10.77.0.1", "fd00::1", "demo1", _FAR_MAC, "10.77.0.2", "fd00::2")
FAR = Side("far", "demo1", _FAR_MAC, "10.77.0.2", "fd00::2", "demo0", _NEAR_MAC, "10.77.0.1", "fd00::1")
