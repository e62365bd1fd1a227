# SPDX-License-Identifier: Apache-2.0
"""The demo network itself: two network namespaces, the veth pair between them, the two processes that talk.

Everything is made here and nothing is left: the namespaces and their links live only as long as the processes.
"""

import errno
import signal
import socket
from collections.abc import Collection
from contextlib import suppress
from types import TracebackType
from typing import Self

from ringscope.capture.demo import libc, stage
from ringscope.capture.demo.namespace import DemoError, enter_private_network, explain
from ringscope.capture.demo.netlink import Netlink
from ringscope.capture.demo.process import end_child, fork_child
from ringscope.capture.demo.side import FAR, NEAR, Side
from ringscope.capture.demo.sockets import has_address

_WIRED = b"wired"
_STEP_SECONDS = 10.0


class DemoNetwork:
    """A private network with real traffic; the calling process is inside it once `start` has returned.

    ::

          namespace A (this process)              namespace B
          near process                            far process
          10.77.0.1  fd00::1   demo0 ====== demo1   10.77.0.2  fd00::2

    ``start`` moves the calling process into a new user namespace and network namespace A, where it has every right
    and needs no root, and forks the near process (also in A) and the far process (which makes B). A veth pair joins
    the two; near and far then talk across it until they are killed. Capture on `interface`.

    The children die with the calling process, however it dies, and the kernel takes the namespaces and links away
    with the last process in them. The host's own network is never touched. The calling process stays in A, alone,
    after ``close``: there is no way back out of a user namespace.
    """

    def __init__(self, near: Side, far_process: int) -> None:
        self._near = near
        self._children = [far_process]
        self.peer_process = far_process
        """Process id of the far process: its /proc/PID/ns/net is namespace B."""

    @classmethod
    def start(
        cls,
        *,
        scenes: Collection[str] | None = None,
        interface: str = "demo0",
        peer: str = "demo1",
        quiet: bool = False,
    ) -> Self:
        """Enter the private network and start the conversations; takes some ten milliseconds.

        Call it in the main thread while that is the only one. ``scenes`` names the conversations (see
        `ringscope.capture.demo.stage`): None is all of them, an empty collection a network without a near process.
        A ``quiet`` network has no IPv6 addresses, so that not a single frame crosses it unasked.

        Raises DemoError, one sentence, where the system does not allow it; ValueError for a scene there is not.
        """
        stage.check(scenes)
        enter_private_network()
        near, far = NEAR.named(interface, peer, quiet), FAR.named(peer, interface, quiet)
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with here:
            with there:
                far_process = fork_child(lambda: _far(far, there, scenes), keep=[there.fileno()])
            network = cls(near, far_process)
            try:
                network._wire(far, here)
                if scenes is None or scenes:
                    network._children.append(fork_child(lambda: _play(near, scenes)))
            except BaseException:
                network.close()
                raise
        return network

    @property
    def interface(self) -> str:
        """The name of the interface to capture on."""
        return self._near.interface

    @property
    def processes(self) -> tuple[int, ...]:
        """The process ids of those that talk: the far process and, where there are scenes, the near one."""
        return tuple(self._children)

    def close(self) -> None:
        """Kill the processes that talk and wait for their end; the veth pair goes with them. May be called again."""
        while self._children:
            end_child(self._children.pop())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def _wire(self, far: Side, channel: socket.socket) -> None:
        channel.settimeout(_STEP_SECONDS)
        try:
            _expect(channel)
            with Netlink() as netlink:
                netlink.add_veth(self._near.interface, self._near.mac, far.interface, far.mac, self.peer_process)
            _configure(self._near)
            channel.send(_WIRED)
            _expect(channel)
        except PermissionError as error:
            # Some systems grant the namespace and then refuse every right in it.
            raise DemoError(explain(error)) from error
        except OSError as error:
            raise DemoError(_sentence(error)) from error


def _sentence(error: OSError) -> str:
    reason = error.strerror or str(error)
    cure = "load its driver with `sudo modprobe veth`, or " if error.errno == errno.EOPNOTSUPP else ""
    return (
        f"The demo network cannot be made because the kernel says: {reason}; {cure}watch a real interface with"
        " `sudo ringscope -i IFACE`."
    )


def _expect(channel: socket.socket) -> None:
    answer = channel.recv(4096)
    if answer != _WIRED:
        number, _, text = answer.decode("utf-8", "replace").partition(" ")
        raise OSError(int(number or errno.ECHILD), text or "the far process of the demo network has ended")


def _configure(side: Side) -> None:
    with Netlink() as netlink:
        netlink.set_up("lo")
        if side.quiet:
            netlink.without_link_local(side.interface)
        netlink.add_address(side.interface, side.ipv4, 24)
        netlink.set_up(side.interface)
        if not side.quiet:
            # IPv6 may be switched off (ipv6.disable=1): there is still enough to show without it.
            with suppress(OSError):
                netlink.add_address(side.interface, side.ipv6, 64)


def _far(side: Side, channel: socket.socket, scenes: Collection[str] | None) -> None:
    try:
        libc.unshare(libc.CLONE_NEWNET)
        channel.send(_WIRED)
        channel.recv(16)
        _configure(side)
        channel.send(_WIRED)
    except OSError as error:
        channel.send(f"{error.errno} {error.strerror}".encode())
        return
    channel.close()
    _play(side, scenes)


def _play(side: Side, scenes: Collection[str] | None) -> None:
    stage.play(side if has_address(side.ipv6) else side.without_ipv6(), scenes)
    while True:
        signal.pause()
