# SPDX-License-Identifier: Apache-2.0
"""Queueing disciplines and what they dropped, over rtnetlink (tc(8), RTM_GETQDISC), with no privilege.

A packet that a qdisc of the sending side drops never reaches the tap: it is in no capture. What ``ingress`` or
``clsact`` drops (an action ``drop`` of a filter) was captured before. With ``clsact`` both directions share one
counter."""

from __future__ import annotations

import struct
from typing import Final

from ringscope.frozen import frozen
from ringscope.netlink import Channel, attributes

_RTM_GETQDISC = 38
_TCA_KIND, _TCA_STATS2 = 1, 7
_TCA_STATS_BASIC, _TCA_STATS_QUEUE, _TCA_STATS_PKT64 = 1, 3, 8
_TC_H_ROOT, _TC_H_INGRESS = 0xFFFFFFFF, 0xFFFFFFF1
_HEADER = struct.Struct("=BxxxiIII")  # struct tcmsg
_BEFORE_THE_STACK: Final = ("ingress", "clsact")


@frozen
class Qdisc:
    """One queueing discipline; totals since it was made. ``backlog`` bytes in ``queued`` packets wait in it now.

    ``parent`` is ``root``, ``ingress`` or a class like ``1:2``. ``overlimits`` and ``requeues`` lost nothing.
    """

    index: int
    kind: str
    handle: str
    parent: str
    packets: int
    bytes: int
    drops: int
    overlimits: int
    requeues: int
    backlog: int
    queued: int

    @property
    def is_ingress(self) -> bool:
        """Does it look at what comes in, behind the tap?"""
        return self.kind in _BEFORE_THE_STACK


def qdisc(message: bytes) -> Qdisc:
    """The discipline that an RTM_NEWQDISC tells of."""
    _, index, handle, parent, _ = _HEADER.unpack_from(message)
    found = attributes(message[_HEADER.size :])
    stats = attributes(found.get(_TCA_STATS2, b""))
    octets, packets = _unpack("=QI", stats.get(_TCA_STATS_BASIC, b""))
    if _TCA_STATS_PKT64 in stats:
        (packets,) = _unpack("=Q", stats[_TCA_STATS_PKT64])
    queued, backlog, drops, requeues, overlimits = _unpack("=5I", stats.get(_TCA_STATS_QUEUE, b""))
    return Qdisc(
        index=index,
        kind=found.get(_TCA_KIND, b"").rstrip(b"\0").decode("ascii", "replace"),
        handle=_named(handle),
        parent="root" if parent == _TC_H_ROOT else "ingress" if parent == _TC_H_INGRESS else _named(parent),
        packets=packets,
        bytes=octets,
        drops=drops,
        overlimits=overlimits,
        requeues=requeues,
        backlog=backlog,
        queued=queued,
    )


def read_qdiscs(channel: Channel, index: int = 0) -> tuple[Qdisc, ...]:
    """Those of one interface, or of all for 0. Raises OSError."""
    body = _HEADER.pack(0, index, 0, 0, 0)
    found = [qdisc(message) for message in channel.dump(_RTM_GETQDISC, body, "list the queueing disciplines")]
    return tuple(one for one in found if index in (0, one.index))  # older kernels tell of all, whatever is asked


def _unpack(layout: str, data: bytes) -> tuple[int, ...]:
    size = struct.calcsize(layout)
    return struct.unpack(layout, data[:size].ljust(size, b"\0"))


def _named(handle: int) -> str:
    return f"{handle >> 16:x}:{handle & 0xFFFF:x}" if handle & 0xFFFF else f"{handle >> 16:x}:"
