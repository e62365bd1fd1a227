# SPDX-License-Identifier: Apache-2.0
"""Every file we write is read by tshark and capinfos without a complaint, with the same packets, times and comments."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import LiveSession
from ringscope.filter import Compiler
from support.holding import held
from support.namespaces import Net, in_namespace
from support.oracles import require_tool
from support.pcap import read_pcap
from support.pcapng import read_pcapng
from support.recording import Recording

FIELDS = (
    "frame.time_epoch", "frame.len", "frame.cap_len", "frame.comment", "frame.interface_name",
    "frame.packet_flags", "frame.drop_count",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A packet as somebody reads it."""

    time_ns: int
    length: int
    captured: int
    comments: tuple[str, ...] = ()
    interface: str = ""
    flags: int | None = None
    lost: int | None = None


def _quiet(command: list[str]) -> str:
    """What a program says that has nothing to complain of."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    complaints = [line for line in done.stderr.splitlines() if not line.startswith("Running as user")]
    assert done.returncode == 0 and complaints == [], (command, done.returncode, complaints)
    return done.stdout


def _by_tshark(file: Path) -> list[Told]:
    names = [word for name in FIELDS for word in ("-e", name)]
    separators = ["-E", "separator=/t", "-E", "aggregator=\x1f"]
    # Lower layers are all that is wanted, and the payload of the tests is none that a dissector should judge.
    output = _quiet([require_tool("tshark"), "-n", "-r", str(file), "-T", "fields", *separators, *names])
    found = []
    for line in output.splitlines():
        moment, length, captured, comments, interface, flags, lost = line.split("\t")
        seconds, nanoseconds = moment.split(".")
        assert len(nanoseconds) == 9
        found.append(
            Told(
                time_ns=int(seconds) * 10**9 + int(nanoseconds),
                length=int(length),
                captured=int(captured),
                comments=tuple(comments.split("\x1f")) if comments else (),
                interface=interface,
                flags=int(flags, 0) if flags else None,
                lost=int(lost) if lost else None,
            )
        )
    return found


def _bytes_by_tshark(file: Path) -> list[bytes]:
    """The frames, by way of the one format that shows nothing but them."""
    copy = file.with_suffix(".copy")
    _quiet([require_tool("tshark"), "-n", "-r", str(file), "-F", "nsecpcap", "-w", str(copy)])
    return [frame.data for frame in read_pcap(copy)]


def _by_our_eyes(file: Path) -> list[Told]:
    if file.suffix == ".pcap":
        return [Told(frame.time_ns, frame.length, len(frame.data)) for frame in read_pcap(file)]
    capture = read_pcapng(file)
    return [
        Told(
            packet.time_ns,
            packet.length,
            len(packet.data),
            packet.comments,
            capture.interfaces[packet.interface].name,
            packet.flags,
            packet.lost,
        )
        for packet in capture.packets
    ]


def _capinfos(file: Path) -> dict[str, str]:
    """Its lines by what stands before the colon, or the equals sign; of several interfaces the last."""
    lines = _quiet([require_tool("capinfos"), "-M", str(file)]).splitlines()
    parts = (re.split(r"\s*[:=]\s+", line.strip(), maxsplit=1) for line in lines)
    return {part[0]: part[1] for part in parts if len(part) == 2}


def _check(file: Path) -> list[Told]:
    """Both programs read it, and see what we see. Returns that."""
    ours = _by_our_eyes(file)
    assert _by_tshark(file) == ours
    told = _capinfos(file)
    assert int(told["Number of packets"]) == len(ours)
    assert told["File timestamp precision"] == "nanoseconds (9)"
    if ours:
        assert _bytes_by_tshark(file) == [
            packet.data for packet in (read_pcapng(file).packets if file.suffix != ".pcap" else read_pcap(file))
        ]
        assert told["Strict time order"] == "True"
    return ours


MIXTURE = [
    (size, vlans) for size in (60, 61, 62, 63, 300, 1400) for vlans in ((), [(0x8100, 100)], [(0x88A8, 7), (0x8100, 9)])
]


@pytest.mark.parametrize("ending", ["pcap", "pcapng"])
@pytest.mark.parametrize("interface", ["rs0", "any"])
def test_frames_of_all_sizes_with_tags_and_cooked(ending: str, interface: str, tmp_path: Path) -> None:
    @in_namespace(limit=60)
    def body(net: Net) -> None:
        file = tmp_path / f"out.{ending}"
        recording = Recording(net, "-i", interface, "-w", str(file), interface=None)
        for size, vlans in MIXTURE:
            net.send_frames(3, size=size, vlans=vlans)
        assert recording.end().code == 0
        packets = _check(file)
        assert len(packets) == 3 * len(MIXTURE)
        assert _capinfos(file)["File encapsulation"] == ("ether" if interface == "rs0" else "linux-sll2")
        if ending == "pcapng":
            assert {packet.interface for packet in packets} == {"rs0"} and packets[0].comments
            assert _capinfos(file)["Number of stat entries"] == ("1" if interface == "rs0" else "0")

    body()


@in_namespace(limit=60)
def test_losses_and_filters_are_read_as_they_were_written(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "lossy.pcapng"
    expression = "udp and not (port 53 or port 123)"
    recording = Recording(net, "--json", "--block-size", "128K", "--blocks", "4", "-w", str(file), expression)
    for first in (1, 5001):
        net.send_frames(20, first=first)
        time.sleep(0.3)
        with held(recording.process.pid):
            net.send_frames(3000, size=1000, first=first + 20)
        time.sleep(0.4)
    net.send_frames(5, first=9001)
    total = recording.end().final["total"]
    packets = _check(file)
    assert len(packets) == total["stored"]
    assert packets[0].comments == (f"capture filter: {expression}, epoch 1",)
    assert [packet.lost for packet in packets if packet.lost] == [
        int(packet.comments[0].split()[0]) for packet in packets[1:] if packet.comments
    ]
    assert sum(packet.lost or 0 for packet in packets) == total["dropped"] > 0
    assert _capinfos(file)["Filter string"] == expression


@in_namespace(limit=60)
def test_what_a_session_saves_while_capturing_and_after_is_what_it_shows(net: Net, tmp_path: Path) -> None:
    with LiveSession.prepare(CaptureConfig(("rs0",))) as session, Compiler() as compiler:

        def code(expression: str) -> bytes:
            return compiler.compile(expression, link_type=session.link_type, snaplen=session.snaplen).code

        session.start("", code(""))
        net.send_frames(200, size=90)
        while session.newest() < 200:
            time.sleep(0.01)
        wanted = {"range": list(range(20, 151)), "some": [1, 2, 3, 50, 77, 78, 200]}
        for ending in ("pcap", "pcapng"):
            with session.saver(str(tmp_path / f"range.{ending}"), format=ending) as saver:
                saver.range(20, 150)
            with session.saver(str(tmp_path / f"some.{ending}"), format=ending) as saver:
                saver.numbers(wanted["some"])
        session.set_filter("udp", code("udp"))
        net.send_frames(50, size=91)
        session.stop()
        with session.saver(str(tmp_path / "all.pcapng")) as saver:
            saver.follow()
        wanted["all"] = list(range(1, 251))
        for file in sorted(tmp_path.glob("*.pcap*")):
            if file.suffix == ".copy":
                continue
            numbers = wanted[file.stem]
            shown = [session.read(number, 1)[0] for number in numbers]
            assert [(told.time_ns, told.length) for told in _check(file)] == [(p.time_ns, p.length) for p in shown]
            assert _bytes_by_tshark(file) == [packet.data for packet in shown]
        comments = [
            (place, told.comments) for place, told in enumerate(_check(tmp_path / "all.pcapng")) if told.comments
        ]
        assert comments == [(0, ("no capture filter, epoch 1",)), (200, ("capture filter: udp, epoch 2",))]


@in_namespace(limit=60)
def test_each_of_several_files_is_a_whole_one(net: Net, tmp_path: Path) -> None:
    recording = Recording(net, "--json", "-w", str(tmp_path / "out"), "--format", "pcapng", "-C", "50K")
    net.send_frames(500, size=500)
    ended = recording.end()
    files = [Path(file["path"]) for file in ended.final["files"]]
    assert len(files) > 4 and sum(len(_check(file)) for file in files) == 500


@pytest.mark.parametrize("ending", ["pcap", "pcapng"])
def test_a_file_without_packets_is_one_too(ending: str, tmp_path: Path) -> None:
    @in_namespace
    def body(net: Net) -> None:
        file = tmp_path / f"none.{ending}"
        Recording(net, "-w", str(file)).end()
        assert _check(file) == []

    body()
