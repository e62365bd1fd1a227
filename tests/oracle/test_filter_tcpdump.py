# SPDX-License-Identifier: Apache-2.0
"""The compiler beside ``tcpdump -ddd``: the same expressions are right, and they become the same code.

Where the compiler departs from tcpdump on purpose (no optimizer where it cannot be trusted) the code is compared with
``tcpdump -O``, and what it selects is compared packet by packet in the kernel.
"""

import os
import re
import socket
import struct
import subprocess
from collections.abc import Iterator

import pytest

from ringscope.filter import Compiler, FilterError, bytecode
from support.oracles import missing, require_tool
from support.verdict import accepted

SNAPLEN = 262144
RIGHT = (
    "",
    "ip",
    "ip6",
    "arp",
    "rarp",
    "tcp",
    "udp",
    "icmp",
    "icmp6",
    "sctp",
    "not ip",
    "host 192.0.2.1",
    "src host 192.0.2.1 and dst host 192.0.2.2",
    "host 2001:db8::1",
    "ip6 net 2001:db8::/32",
    "net 10.0.0.0/8",
    "dst net 192.0.2.0 mask 255.255.255.0",
    "src net 198.51.100",
    "host 255.255.255.255",
    "ether host 02:00:00:00:00:01",
    "ether dst ff:ff:ff:ff:ff:ff",
    "ether src 02:00:00:00:00:02 and not arp",
    "ether broadcast",
    "ether multicast",
    "ip broadcast",
    "ip multicast",
    "ip6 multicast",
    "ether proto 0x88cc",
    "ether proto \\ip",
    "ip proto \\tcp",
    "ip proto ospf",
    "ip6 proto 58",
    "proto 17",
    "ip protochain 6",
    "port 80",
    "tcp port http",
    "udp port domain",
    "tcp dst port 443",
    "src port 53 or dst port 53",
    "portrange 1000-2000",
    "udp src portrange 33434-33534",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "tcp[tcpflags] == tcp-syn",
    "tcp[13] = 2 and tcp[14:2] > 1000",
    "icmp[icmptype] = icmp-echo or icmp[icmptype] = icmp-echoreply",
    "icmp6[icmp6type] = icmp6-neighborsolicit",
    "ip[0] & 0xf != 5",
    "ip[6:2] & 0x1fff = 0",
    "ether[0] & 1 = 0 and ip[16] >= 224",
    "len > 100",
    "greater 1000",
    "less 64",
    "len - 14 = ip[2:2]",
    "(tcp and port 80) or (udp and port 53)",
    "tcp and (port 80 or port 443) and not host 192.0.2.1",
    "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
    "ip and tcp or ip6 and udp",
    "host 192.0.2.1 and (port 1 or 2 or 3 or 4 or 5 or 6 or 7 or 8)",
    "vlan",
    "vlan 5",
    "vlan 5 and udp",
    "vlan 5 and vlan 6 and ip",
    "vlan and (port 67 or port 68)",
    "ether proto 0x8892 or (vlan and ether proto 0x8892)",
    "mpls 100 and ip",
    "pppoes and ip",
    "geneve 7 and udp",
    "stp",
    "iso proto \\isis",
)
WRONG = (
    "tcp port",
    "tcp and udp",
    "port 65536",
    "port nosuchport",
    "host 300.1.1.1.1",
    "net 10.0.0.1/8",
    "((tcp)",
    "tcp)",
    "ip[",
    "ip[0:3] = 1",
    "vlan 4096",
    "mpls 1048576",
    "ether host 02:00",
    "portrange 5-",
    "foo bar",
    "tcp &&",
    "!",
    "icmp[nosuchtype] = 1",
    "wlan type mgt",
    "tcp[0] / 0 = 1",
)
METADATA = ("inbound", "outbound", "ifindex 3", "inbound and tcp port 80", "vlan 5 and outbound")

LOOPS = ("ip protochain 6",)  # libpcap runs these itself; the kernel has no loops


@pytest.fixture(scope="module")
def compiler() -> Iterator[Compiler]:
    with Compiler() as one:
        yield one


def numbers(text: str) -> list[int]:
    return [int(number) for number in text.split()]


def listing(code: bytes) -> list[int]:
    """As ``tcpdump -ddd`` prints: the number of instructions, then the four numbers of each."""
    return [len(code) // 8, *(value for instruction in bytecode.INSTRUCTION.iter_unpack(code) for value in instruction)]


def tcpdump(*arguments: str) -> list[int] | str:
    """The program tcpdump prints for packets without a capture, or what it says is wrong."""
    command = [require_tool("tcpdump"), "-y", "EN10MB", "-ddd", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return numbers(done.stdout) if done.returncode == 0 else done.stderr.strip().removeprefix("tcpdump: ")


def offline(compiler: Compiler, expression: str) -> list[int] | str:
    try:
        return listing(compiler.compile(expression, link_type=1, snaplen=SNAPLEN, live=False).code)
    except FilterError as error:
        return str(error)


def require_same_libpcap(compiler: Compiler) -> None:
    """Other versions make other code, all of it right."""
    done = subprocess.run([require_tool("tcpdump"), "--version"], capture_output=True, text=True)
    theirs = re.search(r"libpcap version \S+", done.stdout + done.stderr)
    ours = re.match(r"libpcap version \S+", compiler.start().version)
    if not theirs or not ours or theirs[0] != ours[0]:
        missing(f"tcpdump uses another libpcap than {compiler.start().version}")


@pytest.mark.parametrize("expression", RIGHT)
def test_code_for_files_is_tcpdumps(compiler: Compiler, expression: str) -> None:
    require_same_libpcap(compiler)
    theirs = tcpdump(expression)
    assert isinstance(theirs, list), theirs
    assert offline(compiler, expression) == theirs


@pytest.mark.parametrize("expression", WRONG)
def test_what_tcpdump_refuses_is_refused_with_the_same_words(compiler: Compiler, expression: str) -> None:
    theirs, ours = tcpdump(expression), offline(compiler, expression)
    assert isinstance(theirs, str)
    assert isinstance(ours, str)
    # The advice in brackets is ours.
    said = ours.partition(" (")[0]
    require_same_libpcap(compiler)
    assert theirs.startswith(said)


def untrusted(expression: str) -> bool:
    """Whether live code for it is to be left unoptimized."""
    return any(word in expression for word in ("vlan", "inbound", "outbound", "ifindex", "geneve"))


@pytest.fixture(scope="module")
def live_tcpdump() -> dict[str, list[int]]:
    """What tcpdump prints on the loopback interface of a private network, -O where the optimizer is not trusted."""
    shell = """
    ip link set lo up
    for expression in "$@"; do
        "$TCPDUMP" -i lo -ddd "$expression"
        echo end
    done
    """
    require_tool("ip")
    found: dict[str, list[int]] = {}
    for option in ("", "-O"):
        expressions = [each for each in (*RIGHT, *METADATA) if untrusted(each) == (option == "-O")]
        script = shell.replace("-ddd", f"-ddd {option}")
        command = [require_tool("unshare"), "-Urn", "sh", "-c", script, "sh", *expressions]
        environment = {**os.environ, "TCPDUMP": require_tool("tcpdump")}
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
        programs = [numbers(text) for text in done.stdout.split("end\n")[:-1]]
        if done.returncode != 0 or not all(programs):
            missing(f"tcpdump cannot open the loopback of a private network: {done.stderr[:200]}")
        found.update(zip(expressions, programs, strict=True))
    return found


@pytest.mark.parametrize("expression", [expression for expression in (*RIGHT, *METADATA) if expression not in LOOPS])
def test_code_for_a_running_capture_is_tcpdumps(
    compiler: Compiler, live_tcpdump: dict[str, list[int]], expression: str
) -> None:
    require_same_libpcap(compiler)
    program = compiler.compile(expression, link_type=1, snaplen=SNAPLEN)
    assert program.mode == "live"
    assert listing(program.code) == live_tcpdump[expression]


@pytest.mark.parametrize("expression", LOOPS)
def test_a_loop_is_refused_where_the_kernel_would_run_it(compiler: Compiler, expression: str) -> None:
    for link_type in (1, 101):
        with pytest.raises(FilterError, match="the kernel's filters have no loops"):
            compiler.compile(expression, link_type=link_type, snaplen=96)


def test_vlan_and_direction_are_read_from_metadata(compiler: Compiler) -> None:
    if not compiler.start().live:
        missing("no live code here")
    for expression in METADATA + tuple(expression for expression in RIGHT if "vlan" in expression):
        assert bytecode.reads_metadata(compiler.compile(expression, link_type=1, snaplen=96).code), expression


def ethernet(kind: int, payload: bytes, tags: tuple[int, ...] = ()) -> bytes:
    inserted = b"".join(struct.pack("!HH", 0x8100, tag) for tag in tags)
    return bytes.fromhex("020000000001020000000002") + inserted + struct.pack("!H", kind) + payload.ljust(46, b"\0")


def ipv4(protocol: int, payload: bytes, source: str = "192.0.2.1", destination: str = "192.0.2.2") -> bytes:
    addresses = socket.inet_aton(source) + socket.inet_aton(destination)
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0, 64, protocol, 0) + addresses + payload


def ports(source: int, destination: int) -> bytes:
    return struct.pack("!HHHH", source, destination, 8, 0)


def tcp(source: int, destination: int, flags: int) -> bytes:
    return struct.pack("!HHIIBBHHH", source, destination, 1, 1, 0x50, flags, 1024, 0, 0)


FRAMES = (
    ethernet(0x0806, bytes.fromhex("0001080006040001")),
    ethernet(0x0800, ipv4(17, ports(40000, 53))),
    ethernet(0x0800, ipv4(17, ports(68, 67), "0.0.0.0", "255.255.255.255")),
    ethernet(0x0800, ipv4(6, tcp(40000, 80, 0x02))),
    ethernet(0x0800, ipv4(6, tcp(443, 1500, 0x11), "10.1.2.3", "198.51.100.7")),
    ethernet(0x0800, ipv4(1, b"\x08\0\0\0", destination="224.0.0.251")),
    ethernet(0x0800, ipv4(89, b"\x02\x01")),
    ethernet(0x86DD, b"\x60\0\0\0\0\x08\x11\x40" + bytes.fromhex("20010db8" + "00" * 11 + "01") * 2 + ports(53, 5353)),
    ethernet(0x86DD, b"\x60\0\0\0\0\x08\x3a\xff" + bytes.fromhex("20010db8" + "00" * 11 + "01") * 2 + b"\x87\0\0\0"),
    ethernet(0x8892, b"\x80\x00"),
    ethernet(0x8892, b"\x80\x00", tags=(5,)),
    ethernet(0x88B5, b"\x88\x92" * 4, tags=(5,)),
    ethernet(0x0800, ipv4(17, ports(40000, 67)), tags=(5,)),
    ethernet(0x0800, ipv4(17, ports(40000, 53)), tags=(5, 6)),
    ethernet(0x88CC, b"\x02\x07\x04"),
)


def selected(program: list[int]) -> list[int]:
    """Numbers of the frames a program accepts, by the kernel."""
    values = iter(program[1:])
    code = b"".join(bytecode.INSTRUCTION.pack(*four) for four in zip(values, values, values, values, strict=True))
    return accepted(code, FRAMES)


def test_the_frames_tell_expressions_apart(compiler: Compiler) -> None:
    found = {}
    for expression in ("arp", "udp port 53", "vlan and udp", "tcp[tcpflags] = tcp-syn", "ip6"):
        program = offline(compiler, expression)
        assert isinstance(program, list)
        found[expression] = selected(program)
    assert found == {
        "arp": [0],
        "udp port 53": [1, 7],
        "vlan and udp": [12],
        "tcp[tcpflags] = tcp-syn": [3],
        "ip6": [7, 8],
    }


@pytest.mark.parametrize("expression", [expression for expression in RIGHT if expression not in LOOPS])
def test_the_optimizer_does_not_change_what_is_selected(compiler: Compiler, expression: str) -> None:
    ours, theirs = offline(compiler, expression), tcpdump("-O", expression)
    assert isinstance(ours, list)
    assert isinstance(theirs, list)
    assert selected(ours) == selected(theirs)
