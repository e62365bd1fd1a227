# SPDX-License-Identifier: Apache-2.0
"""How to capture: every choice a person has, with the defaults."""

from __future__ import annotations

from ringscope.frozen import frozen


@frozen
class CaptureConfig:
    """Settings of a live capture; limits are checked by the core, which says them when one is passed.

    The ring of 64 blocks of 1 MiB holds a fifth of a second of a 10 Gb/s link at a quarter load; a block must be larger
    than the largest frame, and GSO frames have 64 KiB.
    """

    interfaces: tuple[str, ...]
    """Names, as in ``ip link``; ``any`` alone is all there are."""
    snaplen: int = 262144
    """Bytes of each frame that are kept."""
    promiscuous: bool = True
    """Ask the interface for frames to other hosts too."""
    block_size: int = 1 << 20
    """Bytes of a ring block: a multiple of the page size, at least 128 KiB."""
    blocks: int = 64
    """Blocks in the ring of each queue."""
    block_timeout_ms: int = 10
    """Retire timeout: the longest that a packet waits in a block that does not fill up, in milliseconds."""
    store_bytes: int = 256 << 20
    """Memory for captured packets; when it is full the oldest go."""
    queues: int = 1
    """Queues of each interface: rings, with a worker thread each."""
    fanout: str = "hash"
    """How the kernel shares packets out among the queues: a key of :data:`ringscope.native.FANOUT`."""
    direction: str = "inout"
    """``in``, ``out`` or ``inout``."""
    cpus: tuple[int, ...] = ()
    """Worker i runs on the i-th of these CPUs, beginning again at the end; empty: anywhere."""
    exact_swap: bool = False
    """Two rings a queue, so that a filter change is one cut through all queues."""
    ring_limit: int = 0
    """Bytes that all rings may take; 0: half of what the system has available. Beyond it they get fewer blocks."""

    @property
    def title(self) -> str:
        """The interfaces in one word."""
        return "+".join(self.interfaces)
