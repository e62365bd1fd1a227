# SPDX-License-Identifier: Apache-2.0
"""How many queues, how large their rings and the store, and on which CPUs: what was asked for, and what was left open.

The limits are the core's, which says them; here stands only what must be known before it is asked.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from ringscope.cli.arguments import AUTO, MEMORY, STORE_OF_QUEUE
from ringscope.cli.errors import WrongUsage
from ringscope.host.interfaces import receive_queues
from ringscope.native import QUEUES_MAX

_MIB = 1 << 20
_HASH_QUEUES = 4
"""More queues than that seldom help: the merging of their packets is one thread's work."""
_BLOCKS_LEAST = 2
_STORE_BLOCKS = 4
"""Ring blocks of each queue that the store must hold."""


def own_cpus() -> tuple[int, ...]:
    """The CPUs that this process may use, in order."""
    return tuple(sorted(os.sched_getaffinity(0)))


def queues(options: argparse.Namespace, interfaces: Sequence[str]) -> int:
    """Queues of each interface.

    For ``auto``: with cpu one for each CPU, since a packet comes in on any; with qm one for each receive queue of the
    interface that has the most; else one for each CPU that this process may use, at most four.
    """
    if options.queues != AUTO:
        return int(options.queues)
    match options.fanout:
        case "cpu":
            wanted = os.cpu_count() or 1
        case "qm":
            wanted = max(receive_queues(name) for name in interfaces)
        case _:
            wanted = min(_HASH_QUEUES, len(own_cpus()))
    return max(1, min(wanted, QUEUES_MAX // (len(interfaces) * _banks(options))))


def blocks(options: argparse.Namespace, rings: int) -> int:
    """Blocks in each of so many rings: ``--blocks``, or what ``-B`` leaves to one. Raises WrongUsage."""
    if options.buffer is None:
        return int(options.blocks or MEMORY[options.command].blocks)
    fitting: int = options.buffer * _MIB // (rings * options.block_size)
    if fitting < _BLOCKS_LEAST:
        least = -(-_BLOCKS_LEAST * rings * options.block_size // _MIB)
        raise WrongUsage(
            f"-B {options.buffer} is too small for {rings} ring{'s' * (rings > 1)} of {_BLOCKS_LEAST} blocks of"
            f" {options.block_size >> 10} KiB; the least is -B {least}"
        )
    return fitting


def store(options: argparse.Namespace, count: int) -> int:
    """Bytes of the store of so many queues: what was asked for, else enough for a burst in each."""
    if options.store is not None:
        return int(options.store)
    each: int = max(STORE_OF_QUEUE, _STORE_BLOCKS * options.block_size)
    # A recorder is there for what lies back, as a screen is.
    remembers = getattr(options, "on_drop", None) is not None
    return max(MEMORY["live" if remembers else options.command].store, count * each)


def rings(options: argparse.Namespace, count: int) -> int:
    """Rings of so many queues."""
    return count * _banks(options)


def cpus(options: argparse.Namespace) -> tuple[int, ...]:
    """The CPUs of the workers; empty: they run anywhere."""
    asked: tuple[int, ...] | None = options.pin
    return () if asked is None else asked or own_cpus()


def _banks(options: argparse.Namespace) -> int:
    return 2 if options.exact_swap else 1
