# SPDX-License-Identifier: Apache-2.0
"""Every packet socket of the network namespace, ours and others', over PACKET_DIAG (sock_diag(7), linux/packet_diag.h).

No privilege is needed but for the filter's bytecode (CAP_NET_ADMIN) and for the processes of other users. Not told by
the kernel: what a socket with a ring has dropped, and how full its ring is.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from ringscope.frozen import frozen
from ringscope.netlink import Channel, attributes

_SOCK_DIAG_BY_FAMILY, _AF_PACKET = 20, 17
_SHOW = 0x01 | 0x02 | 0x04 | 0x08 | 0x10 | 0x20  # info, memberships, rings, fanout, memory, filter
_INFO, _MCLIST, _RX_RING, _TX_RING, _FANOUT, _UID, _MEMINFO, _FILTER = range(8)
_RUNNING = 1
_MEMBERSHIP, _PROMISCUOUS = 44, 1
_MESSAGE = struct.Struct("=BBHI8x")
_INSTRUCTION = struct.Struct("=HBBI")
_ETH_P_ALL, _SOCK_DGRAM = 3, 2

FANOUT: Final = ("hash", "lb", "cpu", "rollover", "rnd", "qm", "cbpf", "ebpf")
"""PACKET_FANOUT_* of linux/if_packet.h."""


@frozen
class RingGeometry:
    """A ring of packet_mmap. ``timeout_ms`` is the retire timeout of TPACKET_V3."""

    block_size: int
    blocks: int
    frame_size: int
    frames: int
    timeout_ms: int

    @property
    def bytes(self) -> int:
        """Its size."""
        return self.block_size * self.blocks


@frozen
class PacketSocket:
    """One packet socket.

    ``ifindex`` 0 is all interfaces. ``protocol`` is the ethertype that it hears, 3 (ETH_P_ALL) for everything, 0 for
    none yet. ``version`` is that of TPACKET, 1 to 3. ``cooked`` sockets get no link-layer header. ``clock`` is what
    PACKET_TIMESTAMP was set to (SOF_TIMESTAMPING_* bits; 0: software). ``fanout`` is the id of its group, None: it is
    in none. ``program`` are the instructions of its filter as (code, jt, jf, k): empty for no filter, None where we
    may not see it. ``memory`` and ``memory_limit`` are bytes of its receive queue, ``drops`` what that had no room
    for; of a socket with a ring they tell nothing. ``pid`` and ``process`` are None and "" for a process that we may
    not look into."""

    inode: int
    uid: int
    ifindex: int
    protocol: int
    cooked: bool
    running: bool
    version: int
    clock: int
    promiscuous: bool
    rx_ring: RingGeometry | None
    tx_ring: RingGeometry | None
    fanout: int | None
    fanout_mode: str
    program: tuple[tuple[int, int, int, int], ...] | None
    memory: int
    memory_limit: int
    drops: int
    pid: int | None = None
    process: str = ""

    @property
    def is_tap(self) -> bool:
        """Does it hear packets of every kind?"""
        return self.running and self.protocol == _ETH_P_ALL


@frozen
class TapWarning:
    """Something about the packet sockets that costs or harms a capture. ``kind`` is ``clone`` or ``group``."""

    kind: str
    text: str
    inodes: tuple[int, ...]


def packet_socket(message: bytes) -> PacketSocket:
    """The socket that a ``struct packet_diag_msg`` tells of."""
    _, kind, protocol, inode = _MESSAGE.unpack_from(message)
    found = attributes(message[_MESSAGE.size :])
    index, version, _, _, clock, flags = _numbers(found.get(_INFO, b""), 6)
    memory, limit, *_, drops = _numbers(found.get(_MEMINFO, b""), 9)
    fanout = _numbers(found[_FANOUT], 1)[0] if _FANOUT in found else None
    return PacketSocket(
        inode=inode,
        uid=_numbers(found.get(_UID, b""), 1)[0],
        ifindex=index,
        protocol=protocol,
        cooked=kind == _SOCK_DGRAM,
        running=bool(flags & _RUNNING),
        version=version + 1,
        clock=clock,
        promiscuous=_is_promiscuous(found.get(_MCLIST, b"")),
        rx_ring=_ring(found.get(_RX_RING, b"")),
        tx_ring=_ring(found.get(_TX_RING, b"")),
        fanout=None if fanout is None else fanout & 0xFFFF,
        fanout_mode="" if fanout is None else _mode(fanout >> 16 & 0xFF),
        program=_program(found.get(_FILTER)),
        memory=memory,
        memory_limit=limit,
        drops=drops,
    )


def read_packet_sockets(channel: Channel) -> tuple[PacketSocket, ...]:
    """All of the namespace, without their processes. The channel is one of SOCK_DIAG. Raises OSError."""
    request = struct.pack("=BBHIIII", _AF_PACKET, 0, 0, 0, _SHOW, 0, 0)
    answers = channel.dump(_SOCK_DIAG_BY_FAMILY, request, "list the packet sockets")
    return tuple(packet_socket(message) for message in answers)


class Owners:
    """Processes by the inode of their socket, from /proc/PID/fd; looked for again only when there is an inode that was
    not there before: on a busy host that takes a while."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, str] | None] = {}

    def named(self, sockets: Sequence[PacketSocket]) -> tuple[PacketSocket, ...]:
        """The same sockets with the processes that hold them."""
        inodes = {one.inode for one in sockets}
        if not inodes <= self._known.keys():
            found = _holders(inodes)
            self._known = {inode: found.get(inode) for inode in inodes}
        return tuple(self._one(socket) for socket in sockets)

    def _one(self, socket: PacketSocket) -> PacketSocket:
        owner = self._known.get(socket.inode)
        return replace(socket, pid=owner[0], process=owner[1]) if owner else socket


def tap_warnings(sockets: Sequence[PacketSocket], own: int) -> tuple[TapWarning, ...]:
    """What is wrong among them, seen from the process with the id ``own``."""
    return (*_clones(sockets, own), *_shared_groups(sockets))


def _clones(sockets: Sequence[PacketSocket], own: int) -> Iterable[TapWarning]:
    for one in sockets:
        if one.is_tap and one.rx_ring is None and one.pid != own:
            yield TapWarning(
                "clone", f"{_who(one)} listens without a ring: every packet is cloned for it first", (one.inode,)
            )


def _shared_groups(sockets: Sequence[PacketSocket]) -> Iterable[TapWarning]:
    groups: dict[int, list[PacketSocket]] = {}
    for one in sockets:
        if one.fanout is not None:
            groups.setdefault(one.fanout, []).append(one)
    for number, members in groups.items():
        # Of processes that we may not look into at least the users can differ.
        holders = {(one.pid, one.process) if one.pid is not None else (one.uid, "") for one in members}
        if len(holders) > 1:
            who = " and ".join(sorted({_who(one) for one in members}))
            yield TapWarning(
                "group",
                f"{who} share fanout group {number}: each gets only a part of the packets",
                tuple(one.inode for one in members),
            )


def _who(one: PacketSocket) -> str:
    if one.pid is not None:
        return f"{one.process} (process {one.pid})"
    return f"a process of user {one.uid} (socket {one.inode})"


def _holders(inodes: set[int]) -> dict[int, tuple[int, str]]:
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    found: dict[int, tuple[int, str]] = {}
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        try:
            with os.scandir(process / "fd") as entries:
                links = [os.readlink(entry.path) for entry in entries]
        except OSError:
            continue  # of another user, or ended meanwhile
        for link in links:
            if link in wanted:
                # Of several that share it the first one: a child has it from its parent.
                found.setdefault(wanted[link], (int(process.name), _name(process)))
    return found


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text().rstrip("\n")
    except OSError:
        return ""


def _numbers(data: bytes, count: int) -> tuple[int, ...]:
    return struct.unpack(f"={count}I", data[: 4 * count].ljust(4 * count, b"\0"))


def _mode(number: int) -> str:
    return FANOUT[number] if number < len(FANOUT) else f"#{number}"


def _ring(data: bytes) -> RingGeometry | None:
    if not data:
        return None
    size, blocks, frame, frames, timeout = _numbers(data, 5)
    return RingGeometry(size, blocks, frame, frames, timeout)


def _is_promiscuous(data: bytes) -> bool:
    return any(
        struct.unpack_from("=H", data, start + 8)[0] == _PROMISCUOUS
        for start in range(0, len(data) - _MEMBERSHIP + 1, _MEMBERSHIP)
    )


def _program(data: bytes | None) -> tuple[tuple[int, int, int, int], ...] | None:
    # No attribute: no filter. An empty one: the kernel would not say (sock_diag_put_filterinfo).
    if data is None:
        return ()
    if not data:
        return None
    whole = len(data) - len(data) % _INSTRUCTION.size
    return tuple(_INSTRUCTION.iter_unpack(data[:whole]))
