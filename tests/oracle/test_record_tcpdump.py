# SPDX-License-Identifier: Apache-2.0
"""The same traffic through tcpdump and through us: the same packets, byte for byte; and files that tshark reads."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from support.namespaces import Net, in_namespace, wait_until
from support.oracles import require_tool
from support.pcap import read_pcap, read_pcap_so_far
from support.recording import Recording

TAGGED = [(0x8100, 0x6064)]
DOUBLE = [(0x88A8, 7), (0x8100, 9)]
VID_ZERO = [(0x8100, 0xA000)]
ALL_ZERO = [(0x8100, 0)]
"""A tag, though nothing is in it: VID 0, priority 0."""


def _mixture(net: Net) -> int:
    """Sends plain, tagged, double-tagged and priority-tagged frames of several sizes; returns how many."""
    count = 0
    for size in (60, 61, 300, 1400):
        for vlans in ((), TAGGED, DOUBLE, VID_ZERO, ALL_ZERO):
            net.send_frames(5, size=size, vlans=vlans, port=9 if size < 300 else 7, first=count + 1)
            count += 5
    return count


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "udp port 9",
        "vlan",
        "vlan 100",
        "not vlan",
        "udp or (vlan and udp)",
        "vlan and vlan 9",
        "ether[12:2] = 0x800",
    ],
)
def test_the_same_filter_gives_the_same_packets_as_tcpdump(expression: str, tmp_path: Path) -> None:
    tcpdump = require_tool("tcpdump")

    @in_namespace
    def body(net: Net) -> None:
        theirs, ours = tmp_path / "theirs.pcap", tmp_path / "ours.pcap"
        peer = net.spawn([tcpdump, "-i", "rs0", "-U", "-n", "--immediate-mode", "-w", str(theirs), *expression.split()])
        assert peer.stderr is not None and "listening" in peer.stderr.readline()
        recording = Recording(net, "-w", str(ours), *expression.split())
        sent = _mixture(net)
        ended = recording.end()
        assert ended.code == 0, ended.errors
        expected = int(ended.errors.split(" packets captured")[0].split()[-1])
        wait_until(lambda: len(read_pcap_so_far(theirs)) >= expected)
        peer.terminate()
        peer.communicate(timeout=20)
        mine, other = read_pcap(ours), read_pcap(theirs)
        assert [(frame.length, frame.data) for frame in mine] == [(frame.length, frame.data) for frame in other]
        assert len(mine) <= sent
        if expression in ("", "vlan", "udp port 9"):
            assert len(mine) > 0

    body()


def test_tshark_reads_the_file_with_its_tags_and_its_nanoseconds(tmp_path: Path) -> None:
    tshark = require_tool("tshark")

    @in_namespace
    def body(net: Net) -> None:
        file = tmp_path / "out.pcap"
        recording = Recording(net, "-w", str(file))
        sent = _mixture(net)
        recording.end()
        names = ("frame.number", "frame.len", "vlan.id", "ieee8021ad.id", "frame.time_epoch")
        fields = [word for name in names for word in ("-e", name)]
        done = subprocess.run(
            [tshark, "-n", "-r", str(file), "-T", "fields", *fields], capture_output=True, text=True, timeout=60
        )
        rows = [line.split("\t") for line in done.stdout.splitlines()]
        assert done.returncode == 0 and len(rows) == sent
        tags = [("", "")] * 5 + [("100", "")] * 5 + [("9", "7")] * 5 + [("0", "")] * 10
        assert [(row[2], row[3]) for row in rows[: len(tags)]] == tags
        stamps = [frame.time_ns for frame in read_pcap(file)]
        assert [row[4].replace(".", "") for row in rows] == [str(stamp) for stamp in stamps]
        assert any(stamp % 1000 for stamp in stamps)

    body()
