# SPDX-License-Identifier: Apache-2.0
"""What the kernel says in bytes and in text, as values: links, qdiscs, packet sockets, protocols, threads."""

from __future__ import annotations

import os
import struct

from ringscope.host.link import LinkStats, link, link_stats
from ringscope.host.process import memory, thread
from ringscope.host.protocols import conntrack_drops, table, table6
from ringscope.host.qdisc import qdisc
from ringscope.host.sockets import PacketSocket, RingGeometry, packet_socket, tap_warnings
from ringscope.host.unread import because
from ringscope.netlink import attribute

HZ = os.sysconf("SC_CLK_TCK")


def _u32(*values: int) -> bytes:
    return struct.pack(f"={len(values)}I", *values)


def test_a_link_with_all_its_counters() -> None:
    stats = struct.pack("=25Q", *range(1, 26))
    message = struct.pack("=BxHiII", 0, 1, 7, 0x1 | 0x10000 | 0x40, 0)
    message += attribute(3, b"eth0\0") + attribute(4, _u32(9000)) + attribute(30, _u32(2)) + attribute(16, b"\6")
    message += attribute(18, attribute(1, b"veth\0")) + attribute(23, stats) + attribute(6, b"fq\0")
    message += attribute(43, attribute(2, b"\1")) + attribute(41, _u32(65536))
    found = link(message)
    assert (found.name, found.index, found.kind, found.mtu, found.qdisc) == ("eth0", 7, "veth", 9000, "fq")
    assert (found.up, found.carrier, found.loopback, found.operstate) == (True, True, False, "up")
    assert (found.promiscuity, found.xdp, found.gso_max, found.is_virtual) == (2, "native", 65536, True)
    assert found.stats.rx_packets == 1 and found.stats.rx_missed_errors == 16 and found.stats.rx_otherhost_dropped == 25


def test_counters_of_an_older_kernel_are_fewer_and_of_a_newer_one_more() -> None:
    assert link_stats(struct.pack("=23Q", *range(1, 24))) == LinkStats(*range(1, 24), 0, 0)
    assert link_stats(struct.pack("=30Q", *range(1, 31))) == LinkStats(*range(1, 26))
    assert link_stats(b"") == LinkStats()


def test_a_qdisc_with_its_queue() -> None:
    message = struct.pack("=BxxxiIII", 0, 3, 0x80010000, 0xFFFFFFFF, 1) + attribute(1, b"tbf\0")
    stats = attribute(1, struct.pack("=QI", 5000, 50)) + attribute(3, _u32(2, 300, 7, 1, 9))
    found = qdisc(message + attribute(7, stats))
    assert (found.index, found.kind, found.handle, found.parent) == (3, "tbf", "8001:", "root")
    assert (found.bytes, found.packets, found.drops, found.requeues, found.overlimits) == (5000, 50, 7, 1, 9)
    assert (found.queued, found.backlog, found.is_ingress) == (2, 300, False)
    ingress = struct.pack("=BxxxiIII", 0, 3, 0xFFFF0000, 0xFFFFFFF1, 1) + attribute(1, b"clsact\0")
    assert (qdisc(ingress).parent, qdisc(ingress).is_ingress, qdisc(ingress).drops) == ("ingress", True, 0)


def _diag(inode: int, *, protocol: int = 3, kind: int = 3, more: bytes = b"") -> bytes:
    info = attribute(0, _u32(4, 2, 0, 0, 0, 1))
    return struct.pack("=BBHI8x", 17, kind, protocol, inode) + info + attribute(5, _u32(1000)) + more


def test_a_packet_socket_with_ring_group_and_filter() -> None:
    more = attribute(2, _u32(1 << 20, 64, 2048, 32768, 10, 0, 0)) + attribute(4, _u32(77 | 2 << 16))
    more += attribute(1, struct.pack("=IIHH32s", 4, 1, 1, 0, b"")) + attribute(6, _u32(5, 212992, 0, 0, 0, 0, 0, 0, 3))
    more += attribute(7, struct.pack("=HBBI", 0x28, 0, 0, 12) + struct.pack("=HBBI", 6, 0, 0, 64))
    found = packet_socket(_diag(99, more=more))
    assert (found.inode, found.uid, found.ifindex, found.protocol, found.version) == (99, 1000, 4, 3, 3)
    assert found.rx_ring == RingGeometry(1 << 20, 64, 2048, 32768, 10) and found.rx_ring.bytes == 64 << 20
    assert (found.fanout, found.fanout_mode, found.promiscuous, found.tx_ring) == (77, "cpu", True, None)
    assert found.program == ((0x28, 0, 0, 12), (6, 0, 0, 64))
    assert (found.memory, found.memory_limit, found.drops) == (5, 212992, 3)
    assert found.running and found.is_tap and not found.cooked


def test_no_filter_and_a_filter_that_we_may_not_see_are_two_things() -> None:
    assert packet_socket(_diag(1)).program == ()
    assert packet_socket(_diag(1, more=attribute(7, b""))).program is None


def _tap(
    inode: int, pid: int | None, *, ring: bool = True, fanout: int | None = None, name: str = "dog"
) -> PacketSocket:
    more = attribute(2, _u32(4096, 4, 2048, 8, 10, 0, 0)) if ring else b""
    more += attribute(4, _u32(fanout)) if fanout is not None else b""
    found = packet_socket(_diag(inode, more=more))
    fields = {key: getattr(found, key) for key in found.__slots__}
    return PacketSocket(**{**fields, "pid": pid, "process": name if pid else ""})


def test_a_tap_without_a_ring_is_warned_of_unless_it_is_ours() -> None:
    assert tap_warnings([_tap(1, 50), _tap(2, 60, ring=False)], own=60) == ()
    (warning,) = tap_warnings([_tap(1, 50), _tap(2, 60, ring=False)], own=50)
    assert warning.kind == "clone" and warning.inodes == (2,) and "dog (process 60)" in warning.text
    (warning,) = tap_warnings([_tap(3, None, ring=False)], own=50)
    assert "a process of user 1000 (socket 3)" in warning.text


def test_two_tools_in_one_group_are_warned_of_and_one_tool_with_many_sockets_is_not() -> None:
    assert tap_warnings([_tap(1, 50, fanout=9), _tap(2, 50, fanout=9), _tap(3, 60, fanout=8)], own=50) == ()
    (warning,) = tap_warnings([_tap(1, 50, fanout=9), _tap(2, 60, fanout=9, name="cat")], own=50)
    assert warning.kind == "group" and warning.inodes == (1, 2)
    assert warning.text.startswith("cat (process 60) and dog (process 50) share fanout group 9")


def test_protocols_by_name() -> None:
    snmp = "Udp: InDatagrams RcvbufErrors\nUdp: 5 7\nIp: InDiscards\nIp: 3\n"
    assert table(snmp) == {"UdpInDatagrams": 5, "UdpRcvbufErrors": 7, "IpInDiscards": 3}
    assert table6("Udp6RcvbufErrors    4\nbroken\n") == {"Udp6RcvbufErrors": 4}
    assert conntrack_drops("entries  drop early_drop\n0000000a 00000010 00000000\n0000000a 00000001 0\n") == 17
    assert conntrack_drops("") is None


def test_a_thread_whose_name_has_blanks_and_parentheses() -> None:
    columns = ["R", *["0"] * 10, "150", "50", *["0"] * 23, "3", *["0"] * 13]
    found = thread(f"42 (rs ring) 0 x) {' '.join(columns)}", "1500000000 250000000 9")
    assert (found.id, found.name, found.cpu) == (42, "rs ring) 0 x", 3)
    assert (found.user, found.system, found.ran, found.waited) == (150 / HZ, 50 / HZ, 1.5, 0.25)
    assert found.seconds == 1.5
    unscheduled = thread(f"42 (x) {' '.join(columns)}", "")
    assert (unscheduled.ran, unscheduled.waited, unscheduled.seconds) == (None, None, 200 / HZ)


def test_memory_in_bytes() -> None:
    assert memory("Name:\tx\nVmRSS:\t   12 kB\nThreads:\t1\n") == {"VmRSS": 12 << 10}


def test_what_cannot_be_read_says_why() -> None:
    assert str(because("ring size of lo", OSError(95, "x"))) == "ring size of lo: this driver does not tell"
    assert "privilege" in because("x", PermissionError(1, "x")).why
    assert because("x", OSError(5, "x")).why == "Input/output error"
