# SPDX-License-Identifier: Apache-2.0
"""Tests that run inside a private network: `in_namespace` and what a test finds there (`Net`).

A process cannot leave a user namespace, so the body of such a test runs in a forked child: it stands in the network
namespace with ``rs0``, and ``rs1`` is the other end of a veth pair in a second namespace. The link is silent: not a
frame crosses it but what the test sends. Whatever the body started dies with it.

::

    @in_namespace
    def test_every_frame_is_counted(net: Net, tmp_path: Path) -> None:
        net.send_frames(1000)
        assert ...
"""

import asyncio
import ctypes
import errno
import faulthandler
import functools
import inspect
import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

import pytest

from ringscope.capture.demo import DemoError, DemoNetwork, libc
from ringscope.capture.demo.netlink import Netlink
from ringscope.capture.demo.side import FAR, NEAR
from ringscope.netlink import attribute, attributes, link_header
from support.frames import FrameSender

INTERFACE, PEER = "rs0", "rs1"
T = TypeVar("T")

_RTM_NEWLINK, _RTM_DELLINK, _RTM_GETLINK = 16, 17, 18
_IFLA_IFNAME, _IFLA_NET_NS_PID, _IFLA_PROMISCUITY = 3, 19, 30
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_LINUX_CAPABILITY_VERSION_3 = 0x20080522
_c = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Failure:
    """How a forked body ended otherwise than by returning: "failed", "skipped", or "forbidden"."""

    kind: str
    text: str


class Task:
    """A function that runs in a forked child of the test; `result` waits for what it returns."""

    def __init__(self, process: int, channel: int) -> None:
        self.process = process
        self._channel = channel

    def result(self, timeout: float = 30.0) -> Any:
        """What the function returned. A test failure when it raised, died, or took longer than ``timeout`` seconds."""
        outcome = self.outcome(timeout)
        if isinstance(outcome, Failure):
            pytest.fail(outcome.text, pytrace=False)
        return outcome

    def outcome(self, timeout: float) -> Any:
        """As `result`, but a `Failure` is returned."""
        return _collect(self.process, self._channel, timeout)

    def kill(self) -> None:
        """End it now (SIGKILL) and wait for it."""
        _end(self.process)
        os.close(self._channel)


class Net:
    """The private network of a test; the calling process is the test's own child process."""

    interface = INTERFACE
    peer = PEER
    mac = NEAR.mac
    peer_mac = FAR.mac
    ipv4 = NEAR.ipv4
    peer_ipv4 = FAR.ipv4

    def __init__(self, network: DemoNetwork) -> None:
        self.network = network

    def start_in_peer(self, function: Callable[[], Any]) -> Task:
        """Run ``function`` in a forked child in the namespace of ``rs1``, at the same time as the test."""

        def body() -> Any:
            _enter_network_of(self.network.peer_process)
            return function()

        return start_forked(body)

    def in_peer(self, function: Callable[[], T], timeout: float = 30.0) -> T:
        """Run ``function`` in the namespace of ``rs1`` and return what it returns (anything that can be pickled)."""
        return cast(T, self.start_in_peer(function).result(timeout))

    def start_frames(self, count: int, rate: float | None = None, size: int = 60, **options: Any) -> Task:
        """`send_frames` at the same time as the test; ``result`` gives the seconds it took."""
        return self.start_in_peer(lambda: FrameSender(PEER, size, **options).send(count, rate))

    def send_frames(
        self, count: int, rate: float | None = None, size: int = 60, timeout: float = 60.0, **options: Any
    ) -> float:
        """Send exactly ``count`` frames from ``rs1`` to ``rs0``; returns the seconds it took.

        ``rate`` is in frames a second (None: as fast as it goes), ``size`` in bytes of the whole frame. The further
        options are those of `support.frames.FrameSender`: ``vlans``, ``port``, ``first``. Every frame that the device
        refused is sent again, so ``count`` frames have arrived at ``rs0``, in order, when this returns.
        """
        return float(self.start_frames(count, rate, size, **options).result(timeout))

    def run(
        self, command: Sequence[str | os.PathLike[str]], timeout: float = 30.0, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the namespace of ``rs0`` and wait; captures both outputs, does not check the exit code."""
        process = self.spawn(command, **options)
        try:
            output, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as expired:
            process.kill()
            output, errors = process.communicate()
            raise AssertionError(f"{command} took over {timeout} s\n{output}\n{errors}") from expired
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def spawn(
        self, command: Sequence[str | os.PathLike[str]], env: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[str]:
        """Start a command in the namespace of ``rs0`` with every right there, also for an ordinary user.

        Text pipes for its outputs unless ``options`` (those of Popen) say otherwise; ``env`` is added to the
        environment. The command dies with the test.
        """
        parent = os.getpid()

        def prepare() -> None:
            _keep_rights_across_exec()
            libc.die_with_parent(parent)

        defaults: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(
            list(command), env={**os.environ, **(env or {})}, preexec_fn=prepare, **{**defaults, **options}
        )

    def set_link(self, up: bool, interface: str = INTERFACE) -> None:
        """Take an interface of the calling process's namespace up or down."""
        with Netlink() as netlink:
            if up:
                netlink.set_up(interface)
            else:
                netlink.request(_RTM_NEWLINK, link_header(socket.if_nametoindex(interface), 0, 1), "set the link down")

    def remove_link(self, interface: str = INTERFACE) -> None:
        """Delete an interface of the calling process's namespace; of a veth pair the other end goes with it."""
        with Netlink() as netlink:
            netlink.request(_RTM_DELLINK, link_header(socket.if_nametoindex(interface)), f"delete {interface}")

    def restore_link(self) -> None:
        """Make the veth pair anew after `remove_link`: as silent as it was, up, and without IP addresses."""
        with Netlink() as netlink:
            netlink.add_veth(INTERFACE, self.mac, PEER, self.peer_mac, self.network.peer_process)

        def silent_and_up(name: str) -> None:
            with Netlink() as netlink:
                netlink.without_link_local(name)
                netlink.set_up(name)

        silent_and_up(INTERFACE)
        self.in_peer(lambda: silent_and_up(PEER))

    def rename_link(self, name: str, interface: str = INTERFACE) -> None:
        """Give an interface of the calling process's namespace another name, while it is up (Linux 6.2 or later)."""
        self._change_link(interface, attribute(_IFLA_IFNAME, name.encode() + b"\0"), f"rename {interface}")

    def move_link(self, process: int, interface: str = INTERFACE) -> None:
        """Move an interface from the calling process's namespace into that of another process, where it is down."""
        target = attribute(_IFLA_NET_NS_PID, process.to_bytes(4, sys.byteorder))
        self._change_link(interface, target, f"move {interface}")

    def _change_link(self, interface: str, change: bytes, doing: str) -> None:
        with Netlink() as netlink:
            netlink.request(_RTM_NEWLINK, link_header(socket.if_nametoindex(interface)) + change, doing)

    def packet_hooks(self) -> list[str]:
        """The places where the kernel hands packets to packet sockets, lines of /proc/net/ptype: a socket or a fanout
        group that still gets packets has one.
        """
        return [line for line in Path("/proc/net/ptype").read_text().splitlines() if "packet_rcv" in line]

    def promiscuity(self, interface: str = INTERFACE) -> int:
        """How many users hold the interface in promiscuous mode (IFLA_PROMISCUITY)."""
        with Netlink() as netlink:
            header = link_header(socket.if_nametoindex(interface))
            answer = netlink.request(_RTM_GETLINK, header, f"look at {interface}")
        return int.from_bytes(attributes(answer[len(header) :])[_IFLA_PROMISCUITY], sys.byteorder)

    def packet_sockets(self) -> list[dict[str, str]]:
        """The packet sockets of the namespace of ``rs0``: a row of /proc/net/packet each, by column."""
        head, *rows = Path("/proc/net/packet").read_text().splitlines()
        return [dict(zip(head.split(), row.split(), strict=True)) for row in rows]

    def received(self, interface: str = INTERFACE) -> int:
        """The frames that the interface has received, by its own counter."""
        return int(Path("/proc/net/dev").read_text().split(f"{interface}:")[1].split()[1])


def wait_until(condition: Callable[[], T], timeout: float = 5.0, interval: float = 0.01) -> T:
    """Ask again and again until the answer is true, and return it; after ``timeout`` seconds return the last answer."""
    deadline = time.monotonic() + timeout
    while not (answer := condition()) and time.monotonic() < deadline:
        time.sleep(interval)
    return answer


def in_namespace(
    function: Callable[..., Any] | None = None, *, limit: float = 30.0, quiet: bool = True
) -> Callable[..., Any]:
    """Decorator: run the test in a child process inside a private network, given to it as its argument ``net``.

    The other arguments are fixtures and parameters as ever; the test may be a coroutine function. After ``limit``
    seconds the child is killed, and the test fails with the place where it stood. Where the system allows no user
    namespace (and we are not root) the test is skipped, or fails when RINGSCOPE_REQUIRE_ORACLES is 1.
    """
    if function is None:
        return functools.partial(in_namespace, limit=limit, quiet=quiet)
    body: Callable[..., Any] = function

    @functools.wraps(body)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        run_in_namespace(lambda net: body(*args, net=net, **kwargs), limit=limit, quiet=quiet)

    # pytest asks the signature for fixtures: it must not look for one of the name "net".
    shown = inspect.signature(body)
    parameters = [parameter for name, parameter in shown.parameters.items() if name != "net"]
    wrapper.__signature__ = shown.replace(parameters=parameters)  # type: ignore[attr-defined]  # read by inspect
    return wrapper


def run_in_namespace(body: Callable[[Net], Any], *, limit: float = 30.0, quiet: bool = True) -> Any:
    """Run ``body`` in a private network as `in_namespace` does, and return what it returns (it must be picklable)."""

    def inside() -> Any:
        with DemoNetwork.start(scenes=(), interface=INTERFACE, peer=PEER, quiet=quiet) as network:
            result = body(Net(network))
            return asyncio.run(result) if inspect.iscoroutine(result) else result

    return run_forked(inside, limit=limit)


def run_forked(body: Callable[[], Any], *, limit: float = 30.0) -> Any:
    """Run ``body`` in a forked child and return what it returns; its failures, skips and DemoErrors become ours."""
    outcome = start_forked(body).outcome(limit)
    if not isinstance(outcome, Failure):
        return outcome
    if outcome.kind == "forbidden" and os.environ.get("RINGSCOPE_REQUIRE_ORACLES") != "1":
        pytest.skip(outcome.text)
    if outcome.kind == "skipped":
        pytest.skip(outcome.text)
    pytest.fail(outcome.text, pytrace=False)


def start_forked(body: Callable[[], Any]) -> Task:
    """Run ``body`` in a forked child, at the same time as the caller; the child dies with the caller."""
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Python 3.12 warns of forking beside threads, which may hold locks; the child uses none of theirs.
        warnings.simplefilter("ignore", DeprecationWarning)
        process = os.fork()
    if process == 0:
        os.close(reading)
        _run(body, writing, parent)
    os.close(writing)
    return Task(process, reading)


def _run(body: Callable[[], Any], writing: int, parent: int) -> NoReturn:
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        # How the parent asks where a body stands that takes too long.
        faulthandler.register(signal.SIGUSR1, file=2, all_threads=True)
        # Entering a user namespace keeps the signal, see commit_creds() in kernel/cred.c.
        libc.die_with_parent(parent)
        outcome: Any
        try:
            outcome = body()
        except pytest.skip.Exception as skip:
            outcome = Failure("skipped", str(skip))
        except DemoError as error:
            outcome = Failure("forbidden", str(error))
        except BaseException as error:  # the parent reports it: pytest's outcomes and SystemExit too
            outcome = Failure("failed", _report(error))
        try:
            message = pickle.dumps(outcome)
        except Exception:
            message = pickle.dumps(Failure("failed", f"the result cannot be pickled: {outcome!r}"))
        sys.stdout.flush()
        sys.stderr.flush()
        with open(writing, "wb") as stream:
            stream.write(message)
    finally:
        os._exit(0)


def _report(error: BaseException) -> str:
    lines = traceback.format_exception(error)
    return "in the private network's process\n" + "".join(lines)


def _collect(process: int, channel: int, timeout: float) -> Any:
    deadline = time.monotonic() + timeout
    message = b""
    while True:
        ready, _, _ = select.select([channel], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            os.close(channel)
            os.kill(process, signal.SIGUSR1)
            time.sleep(0.2)
            _end(process)
            return Failure("failed", f"not done after {timeout:g} s (where it stood is in the captured stderr)")
        part = os.read(channel, 1 << 16)
        if not part:
            break
        message += part
    os.close(channel)
    _, status = os.waitpid(process, 0)
    if not message:
        return Failure("failed", f"the process died: wait status {status}")
    return pickle.loads(message)


def _end(process: int) -> None:
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _enter_network_of(process: int) -> None:
    descriptor = os.open(f"/proc/{process}/ns/net", os.O_RDONLY)
    try:
        _call("setns", descriptor, libc.CLONE_NEWNET)
    finally:
        os.close(descriptor)


def _keep_rights_across_exec() -> None:
    """Make every capability ambient: without it a program that a user other than root executes has none."""
    header = (ctypes.c_uint32 * 2)(_LINUX_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; then the same for the upper 32
    _call("capget", header, sets)
    sets[2], sets[5] = sets[1], sets[4]
    _call("capset", header, sets)
    for number in range(64):
        with suppress(OSError):
            _call("prctl", _PR_CAP_AMBIENT, *(ctypes.c_ulong(value) for value in (_PR_CAP_AMBIENT_RAISE, number, 0, 0)))


def _call(name: str, *arguments: Any) -> None:
    if getattr(_c, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {errno.errorcode.get(number, number)}")
