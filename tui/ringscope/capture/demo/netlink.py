# SPDX-License-Identifier: Apache-2.0
"""Making the demo's links and addresses: rtnetlink(7).

Works on the network namespace of the calling thread and needs CAP_NET_ADMIN there. The numbers are those of
linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h and linux/neighbour.h.
"""

import socket
import struct

from ringscope.netlink import Channel, attribute, link_header

_NLM_F_EXCL, _NLM_F_CREATE = 0x200, 0x400
_RTM_NEWLINK, _RTM_NEWADDR, _RTM_DELNEIGH = 16, 20, 29
_IFF_UP = 1
_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_LINKINFO, _IFLA_NET_NS_PID, _IFLA_AF_SPEC = 1, 3, 18, 19, 26
_IFLA_INFO_KIND, _IFLA_INFO_DATA, _VETH_INFO_PEER = 1, 2, 1
_IFLA_INET6_ADDR_GEN_MODE, _ADDR_GEN_NONE = 8, 1
_IFA_ADDRESS, _IFA_LOCAL, _IFA_F_NODAD, _NDA_DST = 1, 2, 0x02, 1


class Netlink(Channel):
    """A routing netlink socket that makes links and addresses. Every refusal of the kernel is an OSError."""

    def add_veth(self, name: str, address: bytes, peer: str, peer_address: bytes, peer_process: int) -> None:
        """Make a veth pair: ``name`` here, ``peer`` in the network namespace of a process; hardware addresses given."""
        far = attribute(_IFLA_IFNAME, peer.encode() + b"\0") + attribute(_IFLA_ADDRESS, peer_address)
        far += attribute(_IFLA_NET_NS_PID, struct.pack("=I", peer_process))
        information = attribute(_IFLA_INFO_KIND, b"veth") + attribute(
            _IFLA_INFO_DATA, attribute(_VETH_INFO_PEER, link_header() + far)
        )
        body = link_header() + attribute(_IFLA_IFNAME, name.encode() + b"\0") + attribute(_IFLA_ADDRESS, address)
        doing = f"make the veth pair {name} and {peer}"
        self.request(_RTM_NEWLINK, body + attribute(_IFLA_LINKINFO, information), doing, _NLM_F_CREATE | _NLM_F_EXCL)

    def set_up(self, name: str) -> None:
        """Take a link into operation."""
        self.request(_RTM_NEWLINK, link_header(socket.if_nametoindex(name), _IFF_UP, _IFF_UP), f"set {name} up")

    def without_link_local(self, name: str) -> None:
        """Let a link that is still down get no IPv6 address of its own, so that it says nothing unasked."""
        mode = attribute(_IFLA_INET6_ADDR_GEN_MODE, bytes([_ADDR_GEN_NONE]))
        body = link_header(socket.if_nametoindex(name)) + attribute(_IFLA_AF_SPEC, attribute(socket.AF_INET6, mode))
        self.request(_RTM_NEWLINK, body, f"quieten {name}")

    def add_address(self, name: str, address: str, prefix: int) -> None:
        """Give a link an IPv4 or IPv6 address, usable at once (without duplicate address detection)."""
        family, packed = _packed(address)
        header = struct.pack("=BBBBI", family, prefix, _IFA_F_NODAD, 0, socket.if_nametoindex(name))
        body = header + attribute(_IFA_LOCAL, packed) + attribute(_IFA_ADDRESS, packed)
        self.request(_RTM_NEWADDR, body, f"give {name} the address {address}", _NLM_F_CREATE | _NLM_F_EXCL)

    def forget_neighbour(self, name: str, address: str) -> None:
        """Remove a neighbour's hardware address from the kernel's table; FileNotFoundError when it is not there."""
        family, packed = _packed(address)
        header = struct.pack("=BxxxiHBB", family, socket.if_nametoindex(name), 0, 0, 0)
        self.request(_RTM_DELNEIGH, header + attribute(_NDA_DST, packed), f"forget the neighbour {address}")


def _packed(address: str) -> tuple[socket.AddressFamily, bytes]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, socket.inet_pton(family, address)
