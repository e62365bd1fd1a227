# SPDX-License-Identifier: Apache-2.0
"""Compiled programs on a real packet socket: what the kernel selects with them from frames that crossed a veth pair."""

import contextlib
import ctypes
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import ringscope
from ringscope.filter import Compiler, Program, libpcap
from support.namespaces import Net, in_namespace
from support.oracles import missing, require_tool

ETHERNET = 1
MINE, OTHERS = b"\x02\0\0\0\0\x01", b"\x02\0\0\0\0\x02"
TEST_PROTOCOL, PROFINET = 0x88B5, 0x8892
SO_ATTACH_FILTER = 26
END = struct.pack("!6s6sH46x", b"\xff" * 6, OTHERS, 0x9000)  # configuration testing: seen, whatever the filter


class FilterProgram(ctypes.Structure):  # struct sock_fprog, linux/filter.h
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


@pytest.fixture(params=["system", "packaged"])
def compiler(request: pytest.FixtureRequest) -> Iterator[Compiler]:
    """Both libraries there may be; started outside the test's network, as the application starts it."""
    names: Sequence[str] = libpcap.SYSTEM_NAMES
    if request.param == "packaged":
        packaged = libpcap.packaged_library()
        assert packaged
        names = [packaged]
    with Compiler(names) as one:
        if not one.start().live:
            missing(f"no live code here: {one.start().reason}")
        yield one


def frame(kind: int, payload: bytes = b"", tags: Sequence[int] = ()) -> bytes:
    inserted = b"".join(struct.pack("!HH", 0x8100, tag) for tag in tags)
    return MINE + OTHERS + inserted + struct.pack("!H", kind) + payload.ljust(46, b"\0")


def udp(tags: Sequence[int] = ()) -> bytes:
    addresses = socket.inet_aton("198.18.0.1") + socket.inet_aton("198.18.0.2")
    header = struct.pack("!BBHHHBBH", 0x45, 0, 28, 1, 0, 64, socket.IPPROTO_UDP, 0)
    return frame(0x0800, header + addresses + struct.pack("!HHHH", 40000, 9, 8, 0), tags)


def send(interface: str, frames: Sequence[bytes]) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as channel:
        channel.bind((interface, 0))
        for each in frames:
            channel.send(each)


def attach(packets: socket.socket, program: Program) -> None:
    packets.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, bytes(FilterProgram(program.instructions, program.code)))


def selected(net: Net, program: Program, frames: Sequence[bytes], own: Sequence[bytes] = ()) -> int:
    """How many of the frames, sent from the other end (and ``own`` from this end), the kernel gives to a packet
    socket with that program.
    """
    everything = 3  # ETH_P_ALL
    with (
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as packets,
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as last,
    ):
        attach(packets, program)
        packets.bind((net.interface, everything))
        last.bind((net.interface, 0x9000))
        send(net.interface, own)
        net.in_peer(lambda: send(net.peer, [*frames, END]))
        last.settimeout(10)
        last.recv(100)  # a device keeps the order, so all before it is through
        count = 0
        with contextlib.suppress(BlockingIOError):
            while received := packets.recv(2048, socket.MSG_DONTWAIT):
                count += received != END
    return count


def live(compiler: Compiler, expression: str) -> Program:
    program = compiler.compile(expression, link_type=ETHERNET, snaplen=262144, timeout=10)
    assert program.mode == "live"
    return program


@in_namespace
def test_a_live_vlan_filter_sees_the_tag_the_kernel_has_taken_off(net: Net, compiler: Compiler) -> None:
    frames = [udp(tags=[5]), udp(tags=[6]), udp(), frame(TEST_PROTOCOL, tags=[5])]
    assert selected(net, live(compiler, "vlan 5 and udp"), frames) == 1
    assert selected(net, live(compiler, "vlan and udp"), frames) == 2
    assert selected(net, live(compiler, "vlan"), frames) == 3
    assert selected(net, live(compiler, "not vlan"), frames) == 1


@in_namespace
def test_an_offline_vlan_filter_would_see_nothing(net: Net, compiler: Compiler) -> None:
    program = compiler.compile("vlan 5 and udp", link_type=ETHERNET, snaplen=262144, live=False)
    assert program.mode == "offline"
    assert selected(net, program, [udp(tags=[5])]) == 0


@in_namespace
def test_a_stack_of_tags_is_seen(net: Net, compiler: Compiler) -> None:
    frames = [udp(tags=[5, 6]), udp(tags=[5]), udp(tags=[6, 5])]
    assert selected(net, live(compiler, "vlan 5 and vlan 6"), frames) == 1


@in_namespace
def test_a_tag_does_not_shift_what_follows(net: Net, compiler: Compiler) -> None:
    """The optimizer would make a program that also takes the third frame."""
    disguised = frame(TEST_PROTOCOL, struct.pack("!H", PROFINET) * 8, tags=[5])
    frames = [frame(PROFINET), frame(PROFINET, tags=[5]), disguised, frame(TEST_PROTOCOL)]
    expression = f"ether proto {PROFINET} or (vlan and ether proto {PROFINET})"
    assert selected(net, live(compiler, expression), frames) == 2


@in_namespace
def test_a_written_out_metadata_offset_means_the_metadata(net: Net, compiler: Compiler) -> None:
    frames = [udp(tags=[5]), udp(tags=[6]), udp()]
    assert selected(net, live(compiler, "ether[-4048:1] = 1"), frames) == 2
    assert selected(net, live(compiler, "ether[-4048:1] = 1 and ether[-4052:2] & 0xfff = 5"), frames) == 1


@in_namespace
def test_the_direction_is_the_kernels(net: Net, compiler: Compiler) -> None:
    theirs, ours = [frame(TEST_PROTOCOL)] * 3, [frame(TEST_PROTOCOL)] * 2
    test_frames = f"ether proto {TEST_PROTOCOL}"
    assert selected(net, live(compiler, f"outbound and {test_frames}"), theirs, ours) == 2
    assert selected(net, live(compiler, f"inbound and {test_frames}"), theirs, ours) == 3
    assert selected(net, live(compiler, test_frames), theirs, ours) == 5


@in_namespace
def test_the_interface_is_the_kernels(net: Net, compiler: Compiler) -> None:
    index = socket.if_nametoindex(net.interface)
    assert selected(net, live(compiler, f"ifindex {index} and udp"), [udp()]) == 1
    assert selected(net, live(compiler, f"ifindex {index + 1} and udp"), [udp()]) == 0


@in_namespace
def test_snaplen_is_what_the_socket_gets_of_a_frame(net: Net, compiler: Compiler) -> None:
    program = compiler.compile("udp", link_type=ETHERNET, snaplen=33)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as packets:
        attach(packets, program)
        packets.bind((net.interface, 3))
        packets.settimeout(10)
        net.in_peer(lambda: send(net.peer, [udp()]))
        assert len(packets.recv(2048)) == 33


@in_namespace
def test_the_compiler_leaves_the_networks_sockets_alone(net: Net) -> None:
    before = net.packet_sockets()
    with Compiler() as compiler:
        assert compiler.start().live
        compiler.compile("vlan 5", link_type=ETHERNET, snaplen=96)
        assert net.packet_sockets() == before


STARTED = """
import json
from ringscope.filter import Compiler
with Compiler() as compiler:
    engine = compiler.start()
    program = compiler.compile("vlan 5", link_type=1, snaplen=96)
print(json.dumps([engine.live, engine.reason, program.mode]))
"""


def started_where(*limits: str) -> list[object]:
    """Whether the compiler is live, why not, and a program's mode, where these namespaces may not be made."""
    forbid = "".join(f"echo 0 > /proc/sys/user/{limit} && " for limit in limits)
    command = [require_tool("unshare"), "-Ur", "sh", "-c", forbid + 'exec "$@"', "sh", sys.executable, "-c", STARTED]
    environment = {**os.environ, "PYTHONPATH": str(Path(ringscope.__file__).parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    if done.returncode != 0:
        missing(f"namespaces cannot be forbidden here: {done.stderr[-200:]}")
    answer: list[object] = json.loads(done.stdout)
    return answer


def test_a_network_namespace_alone_is_enough_for_the_privileged() -> None:
    assert started_where("max_user_namespaces") == [True, "", "live"]


def test_where_namespaces_are_forbidden_the_program_says_it_is_for_files() -> None:
    is_live, reason, mode = started_where("max_user_namespaces", "max_net_namespaces")
    assert (is_live, mode) == (False, "offline")
    assert reason
