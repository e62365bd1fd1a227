# SPDX-License-Identifier: Apache-2.0
"""A ring beside ours that nobody reads, and the kernel's own word on what went into it."""

from __future__ import annotations

import mmap
import socket
import struct

_SOL_PACKET, _PACKET_RX_RING, _PACKET_STATISTICS, _PACKET_VERSION = 263, 5, 6, 10
_TPACKET_V3, _ETH_P_ALL, _TP_STATUS_USER = 2, 3, 1
_FRAME = 2048


class RingTwin:
    """A TPACKET_V3 ring of the given geometry on the interface, from now on.

    As long as no retire timeout runs out while packets come, a ring that is not read either takes the same packets.
    """

    def __init__(self, interface: str, *, block_size: int, blocks: int, block_timeout_ms: int) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.setsockopt(_SOL_PACKET, _PACKET_VERSION, _TPACKET_V3)
        geometry = (block_size, blocks, _FRAME, block_size // _FRAME * blocks, block_timeout_ms, 0, 0)
        self._socket.setsockopt(_SOL_PACKET, _PACKET_RX_RING, struct.pack("7I", *geometry))
        self._size, self._blocks = block_size, blocks
        self._memory = mmap.mmap(self._socket.fileno(), block_size * blocks, mmap.MAP_SHARED, mmap.PROT_READ)
        self._socket.bind((interface, _ETH_P_ALL))

    def statistics(self) -> tuple[int, int, int]:
        """Stored, dropped, freezes since the last call (PACKET_STATISTICS)."""
        packets, drops, freezes = struct.unpack("3I", self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 12))
        return packets - drops, drops, freezes

    def fill(self) -> tuple[int, float]:
        """Blocks that the kernel has closed, and the share of the ring that is taken: them, and what is in the open
        one (struct tpacket_hdr_v1, linux/if_packet.h)."""
        closed = used = 0
        for block in range(self._blocks):
            status, packets, _, length = struct.unpack_from("4I", self._memory, block * self._size + 8)
            if status & _TP_STATUS_USER:
                closed += 1
            elif packets:
                used += length
        return closed, (closed * self._size + used) / (self._blocks * self._size)
