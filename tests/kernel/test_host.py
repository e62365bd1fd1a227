# SPDX-License-Identifier: Apache-2.0
"""One reading of the host, against what the kernel says elsewhere; as root of a namespace, and with no right at all."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ringscope.host.reader import Host, HostReader
from ringscope.host.sockets import FANOUT
from support.namespaces import Net, in_namespace, start_forked, wait_until
from support.oracles import missing
from support.recording import Recording

_PROC_NET_DEV = {
    "rx_bytes": 0,
    "rx_packets": 1,
    "rx_dropped": 3,
    "tx_bytes": 8,
    "tx_packets": 9,
    "tx_dropped": 11,
}


def _read(*interfaces: str) -> Host:
    with HostReader(interfaces or ("rs0",)) as reader:
        return reader.read()


@in_namespace
def test_the_counters_of_a_link_are_those_of_proc_net_dev(net: Net) -> None:
    net.send_frames(1000, size=200)
    link = _read().devices[0].link
    assert (link.name, link.kind, link.index) == ("rs0", "veth", socket.if_nametoindex("rs0"))
    assert link.up and link.carrier and link.operstate == "up" and link.mtu == 1500
    columns = Path("/proc/net/dev").read_text().split("rs0:")[1].split()
    assert {name: getattr(link.stats, name) for name in _PROC_NET_DEV} == {
        name: int(columns[place]) for name, place in _PROC_NET_DEV.items()
    }
    assert link.stats.rx_packets >= 1000


@in_namespace
def test_any_is_every_interface_and_one_that_is_removed_is_no_longer_there(net: Net) -> None:
    with HostReader(("any",)) as reader:
        assert {device.link.name for device in reader.read().devices} >= {"lo", "rs0"}
        net.remove_link()
        assert "rs0" not in {device.link.name for device in reader.read().devices}
    assert _read("rs0", "nowhere0").devices == ()


@in_namespace
def test_promiscuity_is_ours_while_we_capture(net: Net) -> None:
    assert _read().devices[0].link.promiscuity == 0
    recording = Recording(net)
    assert _read().devices[0].link.promiscuity == 1
    recording.end()


@in_namespace
def test_what_the_driver_tells_is_there_and_what_it_does_not_says_so(net: Net) -> None:
    host = _read("rs0", "lo")
    veth, loopback = host.devices
    assert veth.nic.driver is not None and veth.nic.driver.name == "veth"
    assert veth.nic.channels is not None and veth.nic.channels.receiving >= 1
    assert {(one.name, one.group) for one in veth.nic.counters} >= {("rx_queue_0_drops", "fifo")}
    assert "ring size of rs0: this driver does not tell" in [str(one) for one in veth.nic.unread]
    assert loopback.nic.driver is None and loopback.nic.counters == ()
    assert any(str(one).startswith("counters of the driver of lo") for one in loopback.nic.unread)


@in_namespace
def test_what_a_qdisc_drops_is_counted_to_the_packet(net: Net) -> None:
    if shutil.which("tc") is None:
        missing("tc is not installed")
    added = net.run(
        ["tc", "qdisc", "add", "dev", "rs0", "root", "tbf", "rate", "8kbit", "burst", "1600", "limit", "3000"]
    )
    if added.returncode:
        pytest.skip(f"this kernel has no tbf: {added.stderr}")
    refused = 0
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as channel:
        channel.bind(("rs0", 0))
        for _ in range(50):
            try:
                channel.send(bytes.fromhex("02fc0000000202fc00000001 88b5") + bytes(500))
            except OSError:
                refused += 1
    (queue,) = _read().devices[0].qdiscs
    assert (queue.kind, queue.parent, queue.drops) == ("tbf", "root", refused)
    assert refused > 0 and queue.queued > 0 and queue.backlog > 0


@in_namespace
def test_the_sockets_of_another_tool_are_seen_with_process_ring_group_and_filter(net: Net) -> None:
    recording = Recording(net, "--queues", "2", "--fanout", "cpu", "--blocks", "8", "--block-size", "256K", "udp")
    with HostReader(("rs0",)) as reader:
        # What the child process that compiles filters has open may still be going away.
        assert wait_until(lambda: len([one for one in reader.read().sockets if one.rx_ring]) == 2)
        rings = [one for one in reader.read().sockets if one.rx_ring]
    for one in rings:
        assert one.pid == recording.process.pid and one.process == Path(f"/proc/{one.pid}/comm").read_text().strip()
        assert one.rx_ring is not None
        assert (one.rx_ring.block_size, one.rx_ring.blocks, one.rx_ring.timeout_ms) == (256 << 10, 8, 50)
        assert (one.version, one.protocol, one.ifindex) == (3, 3, socket.if_nametoindex("rs0"))
        assert one.is_tap and one.fanout_mode == FANOUT[2]
        assert one.program and one.program[-1][0] == 0x06 and any(code[3] == 17 for code in one.program)
    assert rings[0].fanout == rings[1].fanout is not None
    assert {int(row["Inode"]) for row in net.packet_sockets()} >= {one.inode for one in rings}
    recording.end()


@in_namespace
def test_a_tap_without_a_ring_and_a_group_of_two_tools_are_warned_of(net: Net) -> None:
    def tap(group: int | None) -> None:
        channel = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        channel.bind(("rs0", 3))
        if group is not None:
            channel.setsockopt(263, 18, group)
        while True:
            channel.recv(100)

    with HostReader(("rs0",)) as reader:
        assert reader.read().warnings == ()
        alone = start_forked(lambda: tap(None))
        assert wait_until(lambda: reader.read().warnings)
        (warning,) = reader.read().warnings
        assert warning.kind == "clone" and f"process {alone.process}" in warning.text
        alone.kill()
        both = [start_forked(lambda: tap(41)) for _ in range(2)]
        assert wait_until(lambda: [one for one in reader.read().warnings if one.kind == "group"])
        (shared,) = [one for one in reader.read().warnings if one.kind == "group"]
        assert all(f"process {one.process}" in shared.text for one in both) and "group 41" in shared.text
        for one in both:
            one.kill()


_READ_ALL = """
import json
from ringscope.host.reader import HostReader
with HostReader(("rs0",)) as reader:
    host = reader.read()
device = host.devices[0]
print(json.dumps({
    "received": device.link.stats.rx_packets, "driver": device.nic.driver.name, "cpus": len(host.cpus),
    "counters": len(device.nic.counters), "qdiscs": len(device.qdiscs), "threads": len(host.process.threads),
    "filters": [one.program for one in host.sockets], "pids": [one.pid for one in host.sockets],
    "udp": host.protocols.udp_errors, "unread": [str(one) for one in host.unread],
}))
"""


@in_namespace
def test_without_any_privilege_all_is_read_but_the_filters_and_the_processes_of_others(net: Net) -> None:
    recording = Recording(net, "udp")
    net.send_frames(10)
    drop = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", "--ambient-caps", "-all"]
    done = subprocess.run([*drop, sys.executable, "-c", _READ_ALL], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["received"] == 10 and found["driver"] == "veth" and found["cpus"] >= 1
    assert found["counters"] and found["qdiscs"] and found["threads"] == 1
    assert found["filters"] and all(program is None for program in found["filters"])
    assert any("netfilter" in text and "CAP_NET_ADMIN" in text for text in found["unread"])
    recording.end()


@in_namespace
def test_our_own_cost_is_told_by_thread(net: Net) -> None:
    process = _read().process
    assert process is not None and process.id == os.getpid()
    assert [one.id for one in process.threads] == [process.id]
    assert process.threads[0].seconds == pytest.approx(process.seconds, abs=0.5)
    assert process.resident >= process.anonymous > 0


def test_cpus_are_those_of_the_system() -> None:
    host = _read("lo")
    online = os.sysconf("SC_NPROCESSORS_ONLN")
    assert len([cpu for cpu in host.cpus if cpu.online]) == online
    assert all(0 < cpu.busy <= cpu.total for cpu in host.cpus if cpu.online)
