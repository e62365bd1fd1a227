# SPDX-License-Identifier: Apache-2.0
"""Interfaces and their counters over rtnetlink (rtnetlink(7), RTM_GETLINK), with no privilege.

The meaning of each counter is that of Documentation/networking/statistics.rst and linux/if_link.h; what is known to be
wrong with some stands in `ringscope.weather.provenance`.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Sequence
from dataclasses import fields
from typing import Final

from ringscope.frozen import frozen
from ringscope.netlink import Channel, attribute, attributes, link_header

_RTM_GETLINK = 18
_IFF_UP, _IFF_LOOPBACK, _IFF_LOWER_UP = 0x1, 0x8, 0x10000
_IFLA_IFNAME, _IFLA_MTU, _IFLA_QDISC, _IFLA_TXQLEN, _IFLA_OPERSTATE = 3, 4, 6, 13, 16
_IFLA_LINKINFO, _IFLA_STATS64, _IFLA_PROMISCUITY, _IFLA_NUM_TX_QUEUES, _IFLA_NUM_RX_QUEUES = 18, 23, 30, 31, 32
_IFLA_CARRIER_CHANGES, _IFLA_GSO_MAX_SIZE, _IFLA_XDP, _IFLA_GRO_MAX_SIZE = 35, 41, 43, 58
_IFLA_INFO_KIND, _IFLA_XDP_ATTACHED = 1, 2
_HEADER = struct.Struct("=BxHiII")

_OPERSTATES: Final = ("unknown", "not present", "down", "lower layer down", "testing", "dormant", "up")
"""IF_OPER_* of linux/if.h (RFC 2863)."""
_XDP_MODES: Final = ("", "native", "generic", "offload", "several")
"""XDP_ATTACHED_* of linux/if_link.h."""


@frozen
class LinkStats:
    """``struct rtnl_link_stats64``, field by field: totals since the interface was made. A field that an older kernel
    has not is 0."""

    rx_packets: int = 0
    tx_packets: int = 0
    rx_bytes: int = 0
    tx_bytes: int = 0
    rx_errors: int = 0
    tx_errors: int = 0
    rx_dropped: int = 0
    tx_dropped: int = 0
    multicast: int = 0
    collisions: int = 0
    rx_length_errors: int = 0
    rx_over_errors: int = 0
    rx_crc_errors: int = 0
    rx_frame_errors: int = 0
    rx_fifo_errors: int = 0
    rx_missed_errors: int = 0
    tx_aborted_errors: int = 0
    tx_carrier_errors: int = 0
    tx_fifo_errors: int = 0
    tx_heartbeat_errors: int = 0
    tx_window_errors: int = 0
    rx_compressed: int = 0
    tx_compressed: int = 0
    rx_nohandler: int = 0
    rx_otherhost_dropped: int = 0


_STATS: Final = tuple(field.name for field in fields(LinkStats))


@frozen
class Link:
    """One interface as the kernel's network layer sees it.

    ``kind`` is that of a virtual interface (``veth``, ``bond``), empty for hardware. ``operstate`` is one of RFC 2863.
    ``promiscuity`` counts those that ask for frames to other hosts. ``xdp`` is how an XDP program is attached:
    ``native``, ``generic``, ``offload``, ``several``; empty: none is. ``gso_max`` and ``gro_max`` are bytes of the
    largest frame that is handed down, or put together.
    """

    name: str
    index: int
    kind: str
    loopback: bool
    up: bool
    carrier: bool
    operstate: str
    mtu: int
    promiscuity: int
    rx_queues: int
    tx_queues: int
    tx_queue_length: int
    qdisc: str
    carrier_changes: int
    xdp: str
    gso_max: int
    gro_max: int
    stats: LinkStats

    @property
    def is_virtual(self) -> bool:
        """Is there no hardware behind it? What comes in then passes the backlog of a CPU before it is counted."""
        return bool(self.kind) or self.loopback


def link_stats(data: bytes) -> LinkStats:
    """The counters of an IFLA_STATS64."""
    count = min(len(data) // 8, len(_STATS))
    return LinkStats(**dict(zip(_STATS, struct.unpack_from(f"={count}Q", data), strict=False)))


def link(message: bytes) -> Link:
    """The interface that an RTM_NEWLINK tells of."""
    _, _, index, flags, _ = _HEADER.unpack_from(message)
    found = attributes(message[_HEADER.size :])

    def number(kind: int) -> int:
        return int.from_bytes(found.get(kind, b"")[:4], sys.byteorder)

    def text(data: bytes) -> str:
        return data.rstrip(b"\0").decode("utf-8", "backslashreplace")

    return Link(
        name=text(found.get(_IFLA_IFNAME, b"")),
        index=index,
        kind=text(attributes(found.get(_IFLA_LINKINFO, b"")).get(_IFLA_INFO_KIND, b"")),
        loopback=bool(flags & _IFF_LOOPBACK),
        up=bool(flags & _IFF_UP),
        carrier=bool(flags & _IFF_LOWER_UP),
        operstate=_named(_OPERSTATES, number(_IFLA_OPERSTATE)),
        mtu=number(_IFLA_MTU),
        promiscuity=number(_IFLA_PROMISCUITY),
        rx_queues=number(_IFLA_NUM_RX_QUEUES),
        tx_queues=number(_IFLA_NUM_TX_QUEUES),
        tx_queue_length=number(_IFLA_TXQLEN),
        qdisc=text(found.get(_IFLA_QDISC, b"")),
        carrier_changes=number(_IFLA_CARRIER_CHANGES),
        xdp=_named(_XDP_MODES, _xdp_mode(found.get(_IFLA_XDP, b""))),
        gso_max=number(_IFLA_GSO_MAX_SIZE),
        gro_max=number(_IFLA_GRO_MAX_SIZE),
        stats=link_stats(found.get(_IFLA_STATS64, b"")),
    )


def read_links(channel: Channel, names: Sequence[str] | None = None) -> tuple[Link, ...]:
    """These interfaces, those that are there; None: all of the namespace, in the kernel's order. Raises OSError."""
    if names is None:
        return tuple(link(message) for message in channel.dump(_RTM_GETLINK, link_header(), "list the interfaces"))
    found = []
    for name in names:
        body = link_header() + attribute(_IFLA_IFNAME, name.encode() + b"\0")
        try:
            found.append(link(channel.request(_RTM_GETLINK, body, f"look at {name}")))
        except OSError:
            continue  # removed; comes back, or not
    return tuple(found)


def _xdp_mode(data: bytes) -> int:
    return int.from_bytes(attributes(data).get(_IFLA_XDP_ATTACHED, b"")[:1], sys.byteorder)


def _named(names: Sequence[str], number: int) -> str:
    return names[number] if number < len(names) else f"#{number}"
