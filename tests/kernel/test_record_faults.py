# SPDX-License-Identifier: Apache-2.0
"""``ringscope record`` while its interface goes down, away and comes back, beside other tools, and beside children.

What was counted stays counted, what was captured stays readable, and what comes back is captured under the same filter.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import LiveSession
from support.frames import FrameSender, number
from support.namespaces import Net, in_namespace, start_forked, wait_until
from support.pcap import read_pcap
from support.recording import Recording, nothing_is_left, unfinished

TWO = ("--json", "--queues", "2", "--fanout", "lb")
EVERYTHING = struct.pack("HBBI", 0x06, 0, 0, 262144)
_SOL_PACKET, _PACKET_FANOUT, _ETH_P_ALL = 263, 18, 3


def _is(state: str) -> Any:
    """Is that the state of the only interface?"""
    return lambda line: [one["state"] for one in line["interfaces"]] == [state] and line["state"] == state


def _numbers(file: Path) -> list[int]:
    return [number(frame.data) for frame in read_pcap(file)]


def _send(net: Net, first: int, count: int = 50) -> None:
    """Frames that the filter of these tests lets pass, and as many that it does not."""
    net.send_frames(count, port=9, first=first)
    net.send_frames(count, port=7, first=first)


FILTER = ("udp", "port", "9")


def _session(config: CaptureConfig) -> LiveSession:
    session = LiveSession.prepare(config)
    session.start("", EVERYTHING)
    return session


# -- down --------------------------------------------------------------------------------------------------------------


@in_namespace(limit=60)
def test_a_link_that_goes_down_is_said_with_its_time_and_waited_for_without_work(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "down.pcap"
    recording = Recording(net, *TWO, "-w", str(file), *FILTER)
    _send(net, 1)
    before = time.time()
    net.set_link(False)
    assert "rs0 is down since" in recording.said("rs0")
    down = recording.line_when(_is("down"))
    interface = down["interfaces"][0]
    assert (interface["errno"], interface["error"]) == (errno.ENETDOWN, os.strerror(errno.ENETDOWN))
    assert before <= interface["since"] == down["state_since"] <= down["time"]
    assert "is down since" in down["state_text"]
    assert down["total"]["stored"] == 50 and down["file"]["written"] == 50
    assert _numbers(unfinished(file)) == list(range(1, 51))

    used, began = recording.cpu_seconds(), time.monotonic()
    later = recording.line_when(lambda line: line["time"] > down["time"] + 1.5)
    # A thread that asks again and again would take all of it, and its queue would be woken thousands of times.
    assert recording.cpu_seconds() - used < 0.5 * (time.monotonic() - began)
    assert later["total"]["wakeups"] - down["total"]["wakeups"] < 100
    assert later["interfaces"] == down["interfaces"]

    net.set_link(True)
    recording.said("rs0 is captured on again")
    up = recording.line_when(_is("running"))
    assert up["state_since"] > down["state_since"] and up["state_text"] == ""
    assert up["interfaces"][0]["reopened"] == 0 and up["interfaces"][0]["errno"] == 0
    _send(net, 51)
    ended = recording.end()
    assert ended.code == 0
    assert ended.final["total"]["stored"] == ended.final["total"]["delivered"] == 100
    assert ended.final["total"]["unaccounted"] == 0 and ended.final["epoch"] == 1
    assert _numbers(file) == list(range(1, 101))


@in_namespace
def test_a_recording_can_begin_on_a_link_that_is_down(net: Net) -> None:
    net.set_link(False)
    recording = Recording(net, *TWO, *FILTER)
    assert "rs0 is down since" in recording.said("rs0")
    assert recording.line_when(_is("down"))["total"]["stored"] == 0
    net.set_link(True)
    recording.said("captured on again")
    _send(net, 1)
    assert recording.end().final["total"]["stored"] == 50


@in_namespace
def test_a_lost_carrier_is_told_from_a_link_that_is_down(net: Net) -> None:
    recording = Recording(net, *TWO)
    net.in_peer(lambda: net.set_link(False, net.peer))
    assert "no carrier since" in recording.said("rs0")
    assert recording.line_when(_is("no carrier"))["interfaces"][0]["errno"] == 0
    net.in_peer(lambda: net.set_link(True, net.peer))
    recording.said("captured on again")
    net.send_frames(5)
    assert recording.end().final["total"]["stored"] == 5


# -- away --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [["--queues", "1"], ["--queues", "2"], ["--queues", "2", "--exact-swap"]])
def test_an_interface_that_is_removed_and_made_again_is_captured_on_again(options: list[str], tmp_path: Path) -> None:
    @in_namespace(limit=60)
    def body(net: Net) -> None:
        file = tmp_path / "gone.pcap"
        recording = Recording(net, "--json", *options, "-w", str(file), *FILTER)
        _send(net, 1)
        there = recording.line_when(lambda line: line["total"]["stored"] == 50)["interfaces"][0]
        net.remove_link()
        assert "rs0 was removed at" in recording.said("rs0")
        gone = recording.line_when(_is("gone"))
        assert gone["interface"] == "rs0" and "was removed at" in gone["state_text"]
        assert gone["interfaces"][0]["error"] == os.strerror(errno.ENODEV)
        assert gone["total"]["stored"] == gone["total"]["delivered"] == 50
        assert _numbers(unfinished(file)) == list(range(1, 51))
        assert net.packet_sockets() == [] and net.packet_hooks() == []

        net.restore_link()
        assert "back" in recording.said("rs0 is back, and")
        back = recording.line_when(_is("running"))["interfaces"][0]
        assert back["reopened"] == 1 and back["ifindex"] == socket.if_nametoindex("rs0") != there["ifindex"]
        assert (back["group"] == there["group"]) == (there["group"] == 0)
        assert net.promiscuity() == 1
        _send(net, 51)
        ended = recording.end()
        assert ended.code == 0
        total = ended.final["total"]
        assert total["stored"] == total["delivered"] == 100 and total["dropped"] == total["unaccounted"] == 0
        assert ended.final["epoch"] == 1 and ended.final["filter"] == " ".join(FILTER)
        assert _numbers(file) == list(range(1, 101))
        nothing_is_left(net)

    body()


@in_namespace(limit=60)
def test_an_interface_may_come_and_go_again_and_again(net: Net) -> None:
    recording = Recording(net, *TWO, *FILTER)
    for time_ in range(1, 4):
        _send(net, 1)
        net.remove_link()
        recording.said("was removed at")
        net.restore_link()
        recording.said("is back, and")
        assert recording.line_when(_is("running"))["interfaces"][0]["reopened"] == time_
    final = recording.end().final
    assert final["total"]["stored"] == 150 and final["total"]["unaccounted"] == 0
    nothing_is_left(net)


@in_namespace
def test_a_recording_ends_cleanly_while_its_interface_is_away(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "away.pcap"
    recording = Recording(net, *TWO, "-w", str(file))
    net.send_frames(9)
    net.remove_link()
    recording.said("was removed at")
    ended = recording.end()
    assert ended.code == 0 and "9 packets captured" in ended.errors
    assert len(read_pcap(file)) == 9
    assert net.packet_sockets() == [] and net.packet_hooks() == []


@in_namespace
def test_packets_that_are_still_in_the_ring_when_the_interface_goes_are_not_lost(net: Net) -> None:
    recording = Recording(net, *TWO, "--block-timeout", "10000")
    net.send_frames(20)
    net.remove_link()
    recording.said("was removed at")
    assert recording.end().final["total"]["delivered"] == 20


@in_namespace(limit=60)
def test_a_renamed_interface_is_captured_on_under_its_new_name(net: Net) -> None:
    recording = Recording(net, *TWO, *FILTER)
    _send(net, 1)
    net.rename_link("rs9")
    assert "rs0 is called rs9 now" in recording.said("rs9")
    line = recording.line_when(lambda line: line["interface"] == "rs9")
    assert line["state"] == "running" and [one["name"] for one in line["interfaces"]] == ["rs9"]
    assert {queue["interface"] for queue in line["queues"]} == {"rs9"}
    _send(net, 51)
    final = recording.end().final
    assert final["total"]["stored"] == 100 and final["interfaces"][0]["reopened"] == 0


@in_namespace(limit=60)
def test_what_was_renamed_and_removed_is_also_found_under_the_name_that_was_asked_for(net: Net) -> None:
    with _session(CaptureConfig(("rs0",))) as session:
        net.rename_link("rs9")
        assert wait_until(lambda: session.interface == "rs9")
        net.remove_link("rs9")
        assert wait_until(lambda: session.snapshot().state == "gone")
        net.restore_link()  # as rs0
        assert wait_until(lambda: session.snapshot().state == "running" and session.interface == "rs0")
        net.send_frames(5)
        assert wait_until(lambda: session.snapshot().head == 5)


@in_namespace
def test_a_name_that_changes_again_and_again_is_never_taken_for_a_removal(net: Net) -> None:
    names = ("rs0", "rs9")
    with _session(CaptureConfig(("rs0",), queues=2)) as session:
        for turn in range(40):
            old, new = names[turn % 2], names[(turn + 1) % 2]
            net.rename_link(new, old)
            assert wait_until(lambda new=new: session.interface == new)  # type: ignore[misc]
        net.send_frames(10)
        assert wait_until(lambda: session.snapshot().head == 10)
        (source,) = session.sources()
        assert (source.state, source.reopened) == ("running", 0)


@in_namespace(limit=60)
def test_an_interface_that_is_moved_to_another_namespace_is_gone_until_it_is_moved_back(net: Net) -> None:
    recording = Recording(net, *TWO, *FILTER)
    _send(net, 1)
    here = os.getpid()
    net.move_link(net.network.peer_process)
    recording.said("rs0 was removed at")
    assert recording.line_when(_is("gone"))["total"]["stored"] == 50
    net.in_peer(lambda: net.move_link(here))
    net.set_link(True)
    recording.said("is back, and")
    recording.line_when(_is("running"))
    _send(net, 51)
    ended = recording.end()
    assert ended.code == 0 and ended.final["total"]["stored"] == 100


@in_namespace(limit=60)
def test_of_two_interfaces_one_goes_on_while_the_other_is_away(net: Net) -> None:
    recording = Recording(net, "--json", "--queues", "2", "-i", "lo", "udp")
    net.remove_link()
    recording.said("rs0 was removed at")
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as says,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hears,
    ):
        hears.bind(("127.0.0.1", 0))
        for _ in range(30):
            says.sendto(b"on we go", hears.getsockname())
    line = recording.line_when(lambda line: line["total"]["stored"] == 30)
    assert [one["state"] for one in line["interfaces"]] == ["gone", "running"] and line["state"] == "gone"
    net.restore_link()
    recording.said("rs0 is back, and")
    net.send_frames(12)
    final = recording.end().final
    stored = {name: sum(q["stored"] for q in final["queues"] if q["interface"] == name) for name in ("rs0", "lo")}
    assert stored == {"rs0": 12, "lo": 30}


# -- beside others ----------------------------------------------------------------------------------------------------


def _foreign_member(group: int) -> socket.socket:
    """Another tool's socket on rs0, the only one of a fanout group whose id it chose itself."""
    member = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    member.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    member.bind(("rs0", _ETH_P_ALL))
    member.setsockopt(_SOL_PACKET, _PACKET_FANOUT, group)
    member.setblocking(False)
    return member


def _waiting(member: socket.socket) -> int:
    count = 0
    while True:
        try:
            member.recv(64)
        except BlockingIOError:
            return count
        count += 1


@in_namespace
def test_the_fanout_group_of_another_tool_keeps_all_its_packets(net: Net) -> None:
    first = Recording(net, "--json", "--queues", "2")
    last = first.end().final["interfaces"][0]["group"]
    assert last > 0
    # The ids that the kernel would give next are in use already.
    taken = [(last + step) % (1 << 16) for step in range(1, 9)]
    foreign = [_foreign_member(group) for group in taken]
    recording = Recording(net, "--json", "--queues", "2")
    net.send_frames(200)
    final = recording.end().final
    assert final["total"]["stored"] == 200
    assert final["interfaces"][0]["group"] not in taken
    assert [_waiting(member) for member in foreign] == [200] * len(foreign)


_LOOK = """
import os
for number in os.listdir("/proc/self/fd"):
    try:
        print(os.readlink(f"/proc/self/fd/{number}"))
    except OSError:
        pass
print(open("/proc/self/maps").read())
"""


@in_namespace
def test_a_program_started_during_a_capture_has_neither_its_sockets_nor_its_rings(net: Net) -> None:
    with _session(CaptureConfig(("rs0",), queues=2)):
        own = Path("/proc/self/maps").read_text()
        sockets = [f"socket:[{row['Inode']}]" for row in net.packet_sockets()]
        assert len(sockets) == 2 and all(name in own for name in sockets)
        seen = subprocess.run(
            [sys.executable, "-c", _LOOK], close_fds=False, capture_output=True, text=True, timeout=20
        )
        assert seen.returncode == 0 and "python" in seen.stdout
        assert not any(name in seen.stdout for name in sockets)


@in_namespace
def test_a_child_that_lives_on_has_no_ring_and_keeps_no_capture_alive(net: Net) -> None:
    session = _session(CaptureConfig(("rs0",), queues=2))
    assert len(net.packet_hooks()) == 1 and net.promiscuity() == 1

    def live_on() -> None:
        os.closerange(3, 256)  # what a daemon does, or an exec for it
        signal.pause()

    child = start_forked(live_on)
    process = Path("/proc", str(child.process))
    assert "socket:[" not in (process / "maps").read_text()
    assert wait_until(lambda: not [one for one in (process / "fd").iterdir() if int(one.name) > 2])
    session.stop()
    session.close()
    nothing_is_left(net)
    child.kill()


@pytest.mark.parametrize("options", [[], ["--queues", "4"], ["--queues", "2", "--exact-swap"]])
def test_after_the_end_nothing_of_the_capture_is_left_in_the_kernel(options: list[str]) -> None:
    @in_namespace
    def body(net: Net) -> None:
        recording = Recording(net, "--json", *options)
        assert net.promiscuity() == 1 and len(net.packet_hooks()) == 1
        FrameSender("rs0").send(10)
        assert recording.end().final["total"]["stored"] == 10
        nothing_is_left(net)

    body()
