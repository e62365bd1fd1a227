# SPDX-License-Identifier: Apache-2.0
"""Compiled programs on a real packet socket: what the kernel selects with them from frames that crossed a veth pair."""

import contextlib
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
from support.packets import ipv4
from support.packets import udp as packed_udp
from support.tun import Tun
from support.verdict import attach

ETHERNET, RAW_IP, COOKED = 1, 101, 276
MINE, OTHERS = b"\x02\0\0\0\0\x01", b"\x02\0\0\0\0\x02"
TEST_PROTOCOL, PROFINET = 0x88B5, 0x8892
END = struct.pack("!6s6sH46x", b"\xff" * 6, OTHERS, 0x9000)  # configuration testing: seen, whatever the filter


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


def selected(net: Net, program: Program, frames: Sequence[bytes], own: Sequence[bytes] = ()) -> int:
    """How many of the frames, sent from the other end (and ``own`` from this end), the kernel gives to a packet
    socket with that program: one without link-layer headers where the program is for cooked packets.
    """
    everything = 3  # ETH_P_ALL
    kind = socket.SOCK_DGRAM if program.link_type == COOKED else socket.SOCK_RAW
    with (
        socket.socket(socket.AF_PACKET, kind, 0) as packets,
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as last,
    ):
        attach(packets, program.code)
        packets.bind((net.interface, everything))
        last.bind((net.interface, 0x9000))
        send(net.interface, own)
        net.in_peer(lambda: send(net.peer, [*frames, END]))
        last.settimeout(10)
        last.recv(100)  # a device keeps the order, so all before it is through
        count = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                _, address = packets.recvfrom(2048, socket.MSG_DONTWAIT)
                count += address[1] != 0x9000
    return count


def live(compiler: Compiler, expression: str, link_type: int = ETHERNET) -> Program:
    program = compiler.compile(expression, link_type=link_type, snaplen=262144, timeout=10)
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
def test_a_cooked_program_finds_the_packet_without_its_link_layer_header(net: Net, compiler: Compiler) -> None:
    frames = [udp(), udp(), frame(PROFINET), frame(TEST_PROTOCOL)]
    for expression, expected in (
        ("udp", 2),
        ("udp port 9 and src host 198.18.0.1", 2),
        ("ip[9] = 17 and ip[0] & 0xf = 5", 2),
        (f"ether proto {PROFINET}", 1),
        (f"not ether proto {PROFINET}", 3),
        ("greater 46", 4),
        ("greater 47", 0),
    ):
        assert selected(net, live(compiler, expression, COOKED), frames) == expected, expression


@in_namespace
def test_direction_and_interface_of_cooked_packets_are_the_kernels(net: Net, compiler: Compiler) -> None:
    theirs, ours = [frame(TEST_PROTOCOL)] * 3, [frame(TEST_PROTOCOL)] * 2
    index = socket.if_nametoindex(net.interface)
    for expression, expected in (
        ("inbound", 3),
        ("outbound", 2),
        (f"ifindex {index}", 5),
        (f"outbound and not ifindex {index}", 0),
    ):
        program = live(compiler, f"{expression} and ether proto {TEST_PROTOCOL}", COOKED)
        assert selected(net, program, theirs, ours) == expected


@in_namespace
def test_the_tag_of_a_cooked_packet_is_in_the_metadata(net: Net, compiler: Compiler) -> None:
    """What is advised where libpcap refuses ``vlan``."""
    frames = [udp(tags=[5]), udp(tags=[6]), udp(), frame(TEST_PROTOCOL, tags=[5])]
    tagged, vlan_5 = "ether[-4048:1] = 1", "ether[-4052:2] & 0xfff = 5"
    assert selected(net, live(compiler, tagged, COOKED), frames) == 3
    assert selected(net, live(compiler, f"{tagged} and {vlan_5}", COOKED), frames) == 2
    assert selected(net, live(compiler, f"{tagged} and {vlan_5} and udp", COOKED), frames) == 1


@in_namespace
def test_direction_and_interface_of_raw_ip_packets_are_the_kernels(net: Net, compiler: Compiler) -> None:
    datagram, echo = ipv4(packed_udp(b"x" * 40), 17), ipv4(b"\x08\0\0\0", 1)
    with Tun() as tun, socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sender:
        index = socket.if_nametoindex(tun.name)
        for expression, expected in (
            ("inbound and udp", 2),
            ("outbound", 1),
            (f"ifindex {index} and ip proto 1", 3),
            (f"not ifindex {index}", 0),
            ("greater 60", 2),
        ):
            with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as packets:
                attach(packets, live(compiler, expression, RAW_IP).code)
                packets.bind((tun.name, 3))
                sender.sendto(echo, (tun.name, 0x0800))  # a socket does not see what it sends itself
                for packet in (datagram, echo, datagram, echo):
                    tun.arrive(packet)
                count = 0
                with contextlib.suppress(BlockingIOError):
                    while packets.recv(2048, socket.MSG_DONTWAIT):
                        count += 1
                assert count == expected, expression


@in_namespace
def test_snaplen_is_what_the_socket_gets_of_a_frame(net: Net, compiler: Compiler) -> None:
    program = compiler.compile("udp", link_type=ETHERNET, snaplen=33)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as packets:
        attach(packets, program.code)
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
    found = [compiler.compile("inbound and udp", link_type=number, snaplen=96) for number in (1, 101, 276)]
print(json.dumps([engine.live, engine.reason, *([program.mode, program.reason] for program in found)]))
"""


def started_where(*limits: str) -> list[object]:
    """Whether the compiler is live and why not; mode of programs of three link types, and why; all that where these
    namespaces may not be made.
    """
    forbid = "".join(f"echo 0 > /proc/sys/user/{limit} && " for limit in limits)
    command = [require_tool("unshare"), "-Ur", "sh", "-c", forbid + 'exec "$@"', "sh", sys.executable, "-c", STARTED]
    environment = {**os.environ, "PYTHONPATH": str(Path(ringscope.__file__).parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    if done.returncode != 0:
        missing(f"namespaces cannot be forbidden here: {done.stderr[-200:]}")
    answer: list[object] = json.loads(done.stdout)
    return answer


def test_a_network_namespace_alone_is_enough_for_the_privileged() -> None:
    is_live, reason, ethernet, _, cooked = started_where("max_user_namespaces")
    assert (is_live, reason, ethernet, cooked) == (True, "", ["live", ""], ["live", ""])


def test_where_namespaces_are_forbidden_the_program_says_it_is_for_files() -> None:
    is_live, reason, ethernet, raw_ip, cooked = started_where("max_user_namespaces", "max_net_namespaces")
    assert (is_live, ethernet) == (False, ["offline", reason])
    assert reason
    assert raw_ip == ["offline", "the compiler may not have a network of its own"]
    assert cooked == ["live", ""]  # what such a program reads is in the cooked header or in its place in the kernel
