# SPDX-License-Identifier: Apache-2.0
"""The counters of ``ethtool -S``, sorted by what they tell: every driver has its own names.

Sorted by pattern, after the names that the drivers of Linux 6.x give them; a name that no pattern knows is left where
it is, under ``other``, and is never taken for a loss.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ringscope.frozen import frozen
from ringscope.host.ethtool import Channels, Driver, Offloads, RingSizes
from ringscope.host.link import LinkStats
from ringscope.host.unread import Unread

WIRE: Final = "wire"
"""Damaged on the wire."""
FIFO: Final = "fifo"
"""No room in the device's FIFO, or no descriptor."""
XDP: Final = "xdp"
"""Dropped by an XDP program."""
TX: Final = "tx"
"""Lost while sending."""
PRESSURE: Final = "pressure"
"""Short of memory, which loses nothing by itself."""
ALLOWANCE: Final = "allowance"
"""More than a cloud's tariff allows, and dropped there."""
COPY: Final = "copy"
"""The same as a counter of `ringscope.host.link.LinkStats`."""
OTHER: Final = "other"
"""Anything else."""

_QUEUE: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"^\[(?P<queue>\d+)\]:?\s*",  # bnxt
        r"\[(?P<queue>\d+)\]$",  # gve
        r"^(?P<way>[rt]x)_queue_(?P<queue>\d+)_",  # igb, ixgbe, ice, virtio_net, veth
        r"^(?P<way>[rt]x)-(?P<queue>\d+)\.",  # i40e
        r"^(?P<way>[rt]x)_?(?P<queue>\d+)_(?!or_less|to_|byte)",  # mlx5, virtio_net; not tg3's sizes of frames
        r"^queue_(?P<queue>\d+)_(?P<way>[rt]x)_",  # ena
    )
)
_SECTION: Final = re.compile(r"^(?P<way>[rt]x) queue#$")  # vmxnet3: what follows is of the queue that is the value
_COPIES: Final = frozenset(LinkStats.__dataclass_fields__)

_PATTERNS: Final = tuple(
    (group, re.compile(pattern))
    for group, pattern in (
        (OTHER, r"pause|pfc|flow_?control|xo(n|ff)|irq|fdir|hwtstamp|smbus|^veb\.|time|link_down|corrected_bits"),
        (OTHER, r"^(?!.*illegal).*(bytes|octets)"),
        (WIRE, r"drop.*checksum|over_mru"),
        (OTHER, r"csum|checksum"),
        (ALLOWANCE, r"allowance_exceeded"),
        (XDP, r"xdp.*(drop|abort|invalid|err|exception)"),
        (OTHER, r"xdp"),
        (TX, r"(^|[_. ])tx.*(err|drop|discard|fail|abort|collision|carrier|underrun|dropped)"),
        (TX, r"collision"),
        (OTHER, r"(^|[_. ])tx"),
        (PRESSURE, r"alloc.*(fail|err)|refil|lwm|empty_rx_ring|rxbds_empty|writeq_full|passed_thres|threshold_hit"),
        (PRESSURE, r"dma.*(err|fail)|recycle_fail"),
        (WIRE, r"crc|fcs|symbol|align|frame_err|len(gth)?_err|(in|out_of)_range|under_?size|over_?size|ovrsz|fragment"),
        (WIRE, r"jabber|jbr|runt|illegal|code_err|pcs|mac_\w*fault|ecc_err"),
        (
            FIFO,
            r"missed|no_?buf|out_of_buf|(^|[_ ])oob($|[_ ])|no_dma|no_desc|bad_desc|discard|drop|overrun|fifo"
            r"|wqe_err|buf_err",
        ),
        (WIRE, r"(^|[_ ])err"),
    )
)


@frozen
class Sorted:
    """What a name means: its group, its queue (None: of the whole interface), and the name as the driver gives it."""

    name: str
    group: str
    queue: int | None


@frozen
class NicCounter:
    """One counter of the driver, total since the driver's last reset."""

    name: str
    group: str
    queue: int | None
    value: int


@frozen
class Nic:
    """What the driver tells. None where it does not: ``unread`` says why. ``speed`` is in Mb/s. ``spread`` is the
    indirection table of RSS: entries by receive queue. ``counters`` are those of ``ethtool -S`` that tell of loss or of
    shortage, in the driver's order."""

    driver: Driver | None
    speed: int | None
    rings: RingSizes | None
    channels: Channels | None
    spread: tuple[int, ...]
    offloads: Offloads
    counters: tuple[NicCounter, ...]
    unread: tuple[Unread, ...]


def sort_name(name: str) -> Sorted:
    """The meaning of one name by itself."""
    plain = name.strip().lower()
    if plain in _COPIES:
        return Sorted(name.strip(), COPY, None)
    queue = None
    for pattern in _QUEUE:
        if found := pattern.search(plain):
            queue = int(found["queue"])
            way = found.groupdict().get("way")
            rest = plain[: found.start()] + plain[found.end() :]
            plain = f"{way}_{rest}" if way else rest
            break
    return Sorted(name.strip(), _group(plain), queue)


def sort_names(names: Sequence[str], values: Sequence[int]) -> tuple[Sorted, ...]:
    """All names of a driver, in its order; the values are needed where they number the queues (vmxnet3)."""
    found, way, queue = [], "", None
    for name, value in zip(names, values, strict=False):
        if section := _SECTION.match(name.strip().lower()):
            way, queue = section["way"], value
            found.append(Sorted(name.strip(), OTHER, queue))
        elif queue is not None and name.startswith(" "):
            found.append(Sorted(name.strip(), _group(f"{way}_ {name.strip().lower()}"), queue))
        else:
            queue = None
            found.append(sort_name(name))
    return tuple(found)


def counters(order: Sequence[Sorted], values: Sequence[int]) -> tuple[NicCounter, ...]:
    """The values of those that tell of loss or shortage."""
    return tuple(
        NicCounter(one.name, one.group, one.queue, value)
        for one, value in zip(order, values, strict=False)
        if one.group not in (OTHER, COPY)
    )


def _group(plain: str) -> str:
    return next((group for group, pattern in _PATTERNS if pattern.search(plain)), OTHER)
