# SPDX-License-Identifier: Apache-2.0
"""Entering a private user and network namespace, and saying in one sentence why that is forbidden.

Uses only the system calls of `libc` and files below /proc; touches nothing of the namespaces it leaves.
"""

import errno
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from ringscope.capture.demo import libc
from ringscope.capture.demo.process import end_child, fork_child

_FORBIDDEN = {errno.EPERM, errno.EACCES, errno.ENOSPC, errno.ENOSYS, errno.EINVAL, errno.EUSERS}
_OTHERWISE = "run `sudo ringscope demo`, or watch a real interface with `sudo ringscope -i IFACE`"
_SWITCHES = (
    # file below /proc/sys, the value that forbids, the value that allows
    ("user/max_user_namespaces", "0", "15000"),
    ("user/max_net_namespaces", "0", "15000"),
    ("kernel/unprivileged_userns_clone", "0", "1"),
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "0"),
)


class DemoError(RuntimeError):
    """The demo network cannot be made; the text is one sentence with the cause and the cure."""


def enter_private_network() -> None:
    """Move this process into a network namespace of its own, where it may do everything; raises DemoError.

    The user namespace that gives this right maps users and groups to themselves, so files stay the user's own: all
    there are for root, for anybody else the one user and group (more is not allowed). Where user namespaces are
    forbidden, a process that has CAP_SYS_ADMIN gets a plain network namespace. The process must have one thread only
    (unshare(2), CLONE_NEWUSER).
    """
    if len(os.listdir("/proc/self/task")) > 1:
        raise DemoError("The demo network cannot be made because the process has started threads already.")
    user, group = os.geteuid(), os.getegid()
    with _Mapper() as mapper:
        try:
            libc.unshare(libc.CLONE_NEWUSER | libc.CLONE_NEWNET)
        except OSError as error:
            _enter_network_only(error)
            return
        if mapper.map_everybody():
            return
    try:
        _map_to_themselves(user, group)
    except OSError as error:
        raise DemoError(explain(error)) from error


def _enter_network_only(refusal: OSError) -> None:
    try:
        libc.unshare(libc.CLONE_NEWNET)
    except OSError:
        raise DemoError(explain(refusal)) from refusal


class _Mapper:
    """A child that stays behind in the old user namespace, to map all its users and groups into the new one.

    Only there does root have the right to map more than itself. Without it root could not read the files of other
    users, such as those of an environment below the home directory of whoever called sudo.
    """

    def __enter__(self) -> Self:
        reading, self._writing = os.pipe2(os.O_CLOEXEC)
        target = os.getpid()
        self._child = fork_child(lambda: _map_on_request(target, reading), keep=[reading])
        os.close(reading)
        return self

    def map_everybody(self) -> bool:
        """Have it done; False when it may not be done, and then nothing has been mapped."""
        os.write(self._writing, b"!")
        _, status = os.waitpid(self._child, 0)
        return os.waitstatus_to_exitcode(status) == 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._writing)
        end_child(self._child)


def _map_on_request(target: int, channel: int) -> None:
    if os.read(channel, 1):
        for name in ("gid_map", "uid_map"):
            lines = Path("/proc/self", name).read_text().splitlines()
            inside = [(first, count) for first, _, count in (line.split() for line in lines)]
            _write(f"/proc/{target}/{name}", "\n".join(f"{first} {first} {count}" for first, count in inside))


def _map_to_themselves(user: int, group: int) -> None:
    # The kernel takes an unprivileged gid_map only after setgroups has been given up, see user_namespaces(7).
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def explain(error: OSError) -> str:
    """One sentence: the refusal of the kernel, the switch that causes it where one is found, and what to do."""
    reason = os.strerror(error.errno or errno.EPERM)
    if error.errno not in _FORBIDDEN:
        return f"The demo network cannot be made ({reason}): {_OTHERWISE}."
    for name, forbids, allows in _SWITCHES:
        if _switch(name) == forbids:
            key = name.replace("/", ".")
            return (
                f"The demo needs a private user namespace, which {key}={forbids} forbids here ({reason}): allow it"
                f" with `sudo sysctl -w {key}={allows}`, {_OTHERWISE}."
            )
    return (
        f"The demo needs a private user namespace, which the kernel or the container forbids here ({reason}):"
        f" {_OTHERWISE}."
    )


def _switch(name: str) -> str | None:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return None
