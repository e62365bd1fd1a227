# SPDX-License-Identifier: Apache-2.0
"""``ringscope record`` on a real ring: every packet accounted for, every end clean, every fault one sentence."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from support.namespaces import Net, in_namespace
from support.pcap import read_pcap
from support.recording import RINGSCOPE, Recording, nothing_is_left


@in_namespace(limit=60)
def test_two_hundred_thousand_frames_add_up_in_the_counters_and_in_the_file(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "all.pcap"
    recording = Recording(net, "--json", "-w", str(file))
    net.send_frames(200_000, rate=100_000)
    ended = recording.end()
    total = ended.final["total"]
    assert ended.code == 0
    assert total["stored"] + total["dropped"] == 200_000
    assert total["delivered"] == total["stored"]
    assert ended.final["store"]["newest"] == total["stored"]
    assert ended.final["file"] == {"written": total["stored"], "missed": 0}
    assert len(read_pcap(file)) == total["stored"]
    assert f"{total['stored']} packets captured" in ended.errors
    assert "200000 packets received by filter" in ended.errors
    assert f"{total['dropped']} packets dropped by kernel" in ended.errors


@in_namespace
def test_a_line_of_json_comes_every_second_and_one_last(net: Net) -> None:
    import json

    recording = Recording(net, "--json", "udp")
    assert recording.process.stdout is not None
    first = json.loads(recording.process.stdout.readline())
    net.send_frames(10)
    ended = recording.end()
    assert "final" not in first and first["total"]["stored"] == 0
    assert ended.final["total"]["stored"] == 10
    assert ended.final["filter"] == "udp" and ended.final["interface"] == "rs0"
    for counters in (ended.final["total"], *ended.final["queues"]):
        assert {"stored", "dropped", "freezes", "truncated", "bytes", "fill", "headroom"} <= counters.keys()
    assert len(ended.final["queues"]) == 1


@in_namespace
def test_only_what_passes_the_filter_is_counted(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "none.pcap"
    recording = Recording(net, "--json", "-w", str(file), "tcp", "port", "443")
    net.send_frames(500)
    total = recording.end().final["total"]
    assert (total["stored"], total["dropped"]) == (0, 0)
    assert read_pcap(file) == []


@in_namespace
def test_it_ends_by_itself_after_the_packets_that_were_asked_for(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "few.pcap"
    recording = Recording(net, "-c", "7", "-w", str(file))
    net.send_frames(100)
    ended = recording.wait()
    assert ended.code == 0
    assert "7 packets captured" in ended.errors
    assert len(read_pcap(file)) == 7


@in_namespace
def test_a_snaplen_keeps_the_beginning_and_the_length(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "cut.pcap"
    recording = Recording(net, "-s", "40", "-w", str(file))
    net.send_frames(3, size=700)
    recording.end()
    assert [(len(frame.data), frame.length) for frame in read_pcap(file)] == [(40, 700)] * 3


@in_namespace
def test_a_file_can_be_standard_output(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "out.pcap"
    with file.open("wb") as output:
        process = net.spawn([*RINGSCOPE, "record", "-i", "rs0", "-w", "-", "-c", "5"], stdout=output)
        assert process.stderr is not None and "listening" in process.stderr.readline()
        net.send_frames(5)
        assert process.wait(10) == 0
    assert len(read_pcap(file)) == 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_end_reads_what_the_ring_holds_and_leaves_nothing_behind(number: signal.Signals) -> None:
    @in_namespace
    def body(net: Net) -> None:
        recording = Recording(net, "--json", "--block-timeout", "500")
        assert net.promiscuity() == 1
        net.send_frames(20)  # still in the open block when the signal comes
        ended = recording.end(number)
        assert ended.code == 0
        assert ended.final["total"]["stored"] == ended.final["total"]["delivered"] == 20
        nothing_is_left(net)

    body()


@in_namespace
def test_a_killed_recording_leaves_no_socket_and_no_promiscuity(net: Net) -> None:
    recording = Recording(net)
    recording.process.kill()
    recording.wait()
    nothing_is_left(net)


@in_namespace
def test_without_p_the_interface_hears_everything_and_with_p_it_is_not_asked_to(net: Net) -> None:
    recording = Recording(net, "-p")
    assert net.promiscuity() == 0
    assert recording.end().code == 0


@in_namespace
def test_a_link_that_goes_down_and_up_is_said_and_survived(net: Net) -> None:
    recording = Recording(net, "--json")
    assert recording.process.stderr is not None
    net.set_link(False)
    assert "is down since" in recording.process.stderr.readline()
    net.set_link(True)
    net.send_frames(5)
    assert recording.end().final["total"]["stored"] == 5


@in_namespace
def test_a_full_disk_ends_the_file_with_a_whole_packet_and_is_said(net: Net, tmp_path: Path) -> None:
    import resource

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))

    file = tmp_path / "full.pcap"
    net_command = [*RINGSCOPE, "record", "-i", "rs0", "-w", str(file), "--json"]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    small_files()
    recording = net.spawn(net_command)
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert recording.stderr is not None and "listening" in recording.stderr.readline()
    net.send_frames(100)
    said = recording.stderr.readline()
    assert "cannot be written" in said and "counting goes on" in said
    recording.send_signal(signal.SIGINT)
    output, _ = recording.communicate(timeout=20)
    assert recording.returncode == 1
    assert '"stored": 100' in output.splitlines()[-1]
    assert 0 < len(read_pcap(file)) < 100


def _one_sentence(result: subprocess.CompletedProcess[str], code: int = 1) -> str:
    assert result.returncode == code
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("ringscope: ") and result.stderr.count("\n") == 1, result.stderr
    return result.stderr


def test_without_the_capability_one_sentence_names_it_and_two_cures() -> None:
    without = ["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw"] if os.geteuid() == 0 else []
    said = _one_sentence(
        subprocess.run([*without, *RINGSCOPE, "record", "-i", "lo"], capture_output=True, text=True, timeout=20)
    )
    assert "CAP_NET_RAW" in said and "sudo" in said and "ringscope demo" in said


@in_namespace
def test_what_cannot_be_is_one_sentence_with_its_cause(net: Net, tmp_path: Path) -> None:
    def said(*arguments: str, code: int = 1) -> str:
        return _one_sentence(net.run([*RINGSCOPE, "record", *arguments]), code)

    assert "no interface nowhere0" in said("-i", "nowhere0")
    assert "no default route" in said()
    assert "syntax error" in said("-i", "rs0", "tcp prot 443")
    assert "128 KiB" in said("-i", "rs0", "--block-size", "64K", code=2)
    assert "262144" in said("-i", "rs0", "-s", "999999", code=2)
    assert "1 MiB" in said("-i", "rs0", "--store", "1K", code=2)
    assert "No such file" in said("-i", "rs0", "-w", str(tmp_path / "no" / "where.pcap"))
    assert "standard output" in said("-i", "rs0", "-w", "-", "--json")
    nothing_is_left(net)
