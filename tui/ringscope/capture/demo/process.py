# SPDX-License-Identifier: Apache-2.0
"""Forking the processes of the demo network so that they can never outlive or disturb their parent.

A forked child is a plain process of its own session: no terminal, no descriptor of the parent but those asked for,
the kernel's default for every signal, and death as soon as the parent dies, however it dies.
"""

import os
import signal
from collections.abc import Callable, Collection
from typing import NoReturn

from ringscope.capture.demo import libc


def fork_child(body: Callable[[], None], keep: Collection[int] = ()) -> int:
    """Run ``body`` in a child process and return the child's process id; the descriptors ``keep`` stay open in it.

    The child ends when ``body`` does. Call it from a thread that lives as long as the children shall: the kernel
    takes the end of the forking thread for the end of the parent.
    """
    parent = os.getpid()
    # No signal may run one of the parent's handlers in the child before they have been reset.
    mask = signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
    child = os.fork()
    if child == 0:
        _run_child(parent, body, keep)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return child


def _run_child(parent: int, body: Callable[[], None], keep: Collection[int]) -> NoReturn:
    status = 1
    try:
        libc.die_with_parent(parent)
        os.setsid()
        _reset_signals()
        _leave_descriptors(keep)
        body()
        status = 0
    finally:
        # Neither a traceback nor the parent's exit handlers: both belong to the parent's terminal.
        os._exit(status)


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    kept = {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE}
    for number in signal.valid_signals() - kept:
        signal.signal(number, signal.SIG_DFL)
    # A peer that hangs up is an OSError for a scene, and ctrl+c is the parent's to decide.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _leave_descriptors(keep: Collection[int]) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    first = 3
    for kept in sorted(keep):
        os.closerange(first, kept)
        first = kept + 1
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))


def end_child(child: int) -> None:
    """Kill a child and wait for its end; a child that somebody else has waited for is no error."""
    try:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    except (ProcessLookupError, ChildProcessError):
        return
