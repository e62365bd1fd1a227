# SPDX-License-Identifier: Apache-2.0
"""``ringscope filter``: what it prints, what it refuses, and with which exit code."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from struct import pack

import pytest

from ringscope.cli import main
from support.packets import ARP, arp, ethernet, ipv4, samples, tcp, udp

NANOSECONDS = 0xA1B23C4D


def write(path: Path, frames: list[bytes], *, kept: int = 65535, link_type: int = 1) -> Path:
    records = (
        pack("<IIII", 1, number, min(len(each), kept), len(each)) + each[:kept] for number, each in enumerate(frames)
    )
    path.write_bytes(pack("<IHHIIII", NANOSECONDS, 2, 4, 0, 0, 65535, link_type) + b"".join(records))
    return path


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Three segments to port 443, one datagram, one ARP request."""
    segments = [ethernet(ipv4(tcp(b"x" * size), 6)) for size in (0, 100, 1000)]
    return write(
        tmp_path / "in.pcap", [*segments, ethernet(ipv4(udp(b""), 17)), ethernet(arp(1, "10.0.0.1", "10.0.0.2"), ARP)]
    )


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    try:
        code = main(["filter", *arguments])
    except SystemExit as ended:  # wrong usage
        code = int(str(ended.code))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_count_and_share_of_what_passes(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(capture)
    assert run("-r", path, "tcp port 443", capsys=capsys) == (0, "3 of 5 packets, 60.0 %\n", "")
    assert run("-r", path, "tcp", "port", "444", capsys=capsys) == (0, "0 of 5 packets, 0.0 %\n", "")
    assert run("-r", path, capsys=capsys) == (0, "5 of 5 packets, 100.0 %\n", "")


def test_thousands_are_grouped_and_a_small_share_is_not_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    many = [ethernet(ipv4(udp(b""), 17))] * 12_345
    path = str(write(tmp_path / "many.pcap", [ethernet(ipv4(tcp(), 6)), *many]))
    assert run("-r", path, "tcp", capsys=capsys)[1] == "1 of 12 346 packets, under 0.1 %\n"
    assert run("-r", path, "udp", capsys=capsys)[1] == "12 345 of 12 346 packets, over 99.9 %\n"


def test_json_tells_all_of_it(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("-r", str(capture), "--json", "arp", capsys=capsys)
    told = json.loads(out)
    assert code == 0 and out.count("\n") == 1
    assert (told["expression"], told["matched"], told["total"], told["share"], told["unknown"]) == ("arp", 1, 5, 0.2, 0)
    assert told["program"] == [[40, 0, 0, 12], [21, 0, 1, 2054], [6, 0, 0, 65535], [6, 0, 0, 0]]
    assert [kind["link_type_name"] for kind in told["link_types"]] == ["EN10MB"]
    assert told["seconds"] > 0 and told["fault"] == ""


def test_packets_that_were_cut_too_short_are_counted_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(
        tmp_path / "cut.pcap", [ethernet(ipv4(tcp(), 6))] * 2 + [ethernet(arp(1, "10.0.0.1", "10.0.0.2"), ARP)], kept=34
    )
    code, out, _ = run("-r", str(path), "tcp port 443", capsys=capsys)
    assert code == 0
    assert out == (
        "0 of 3 packets, 0.0 %\n2 packets cannot be judged and do not count: too few of their bytes were kept\n"
    )


def test_a_damaged_file_is_counted_as_far_as_it_is_good_and_fails(
    capture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capture.write_bytes(capture.read_bytes()[:-10])
    code, out, error = run("-r", str(capture), "ip", capsys=capsys)
    assert (code, out) == (1, "4 of 4 packets, 100.0 %\n")
    assert error.startswith("ringscope: ") and error.count("\n") == 1 and "byte" in error


def test_a_compressed_file_and_a_pipe_are_files_too(capture: Path, tmp_path: Path) -> None:
    packed = tmp_path / "in.pcap.gz"
    packed.write_bytes(gzip.compress(capture.read_bytes()))
    for source in (str(packed), "-"):
        done = subprocess.run(
            [sys.executable, "-m", "ringscope", "filter", "-r", source, "tcp"],
            input=capture.read_bytes() if source == "-" else None,
            capture_output=True,
            timeout=30,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"3 of 5 packets, 60.0 %\n", b"")


def test_a_file_without_packets_still_needs_a_right_expression(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(write(tmp_path / "none.pcap", []))
    assert run("-r", path, "tcp", capsys=capsys) == (0, "0 of 0 packets\n", "")
    assert run("-r", path, "tcp port", capsys=capsys)[0] == 1


def test_two_link_types_in_one_file_have_a_program_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        return pack("<II", kind, 12 + len(body)) + body + pack("<I", 12 + len(body))

    def packet(interface: int, data: bytes) -> bytes:
        return block(6, pack("<IIIII", interface, 0, 0, len(data), len(data)) + data)

    frame = samples()["tcp"]
    path = tmp_path / "two.pcapng"
    path.write_bytes(
        block(0x0A0D0D0A, pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
        + block(1, pack("<HHI", 1, 0, 0))
        + block(1, pack("<HHI", 101, 0, 0))
        + packet(0, frame) * 2
        + packet(1, frame[14:])
    )
    assert run("-r", str(path), "tcp", capsys=capsys) == (0, "3 of 3 packets, 100.0 %\n", "")
    code, out, error = run("-r", str(path), "tcp or vlan", capsys=capsys)
    assert (code, out) == (0, "2 of 3 packets, 66.7 %\n")
    assert error == "ringscope: no RAW packet passes: no VLAN support for Raw IP\n"
    code, out, _ = run("-r", str(path), "-d", "len > 10", capsys=capsys)
    assert code == 0 and out.startswith("# EN10MB\n(000) ld       #pktlen\n") and "# RAW\n" in out


def test_the_program_is_printed_in_three_forms(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-d", "arp", capsys=capsys)[1].splitlines() == [
        "(000) ldh      [12]",
        "(001) jeq      #0x806           jt 2\tjf 3",
        "(002) ret      #262144",
        "(003) ret      #0",
    ]
    assert run("-dd", "arp", capsys=capsys)[1].splitlines()[0] == "{ 0x28, 0, 0, 0x0000000c },"
    assert run("-ddd", "arp", capsys=capsys)[1].splitlines()[:2] == ["4", "40 0 0 12"]
    assert run("-d", capsys=capsys)[1] == "(000) ret      #262144\n"


def test_an_expression_alone_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("tcp port 443", capsys=capsys) == (0, "understood: 20 instructions for EN10MB packets of a file\n", "")
    assert run("-y", "linux_sll2", "inbound", capsys=capsys)[1].endswith("for LINUX_SLL2 packets of a file\n")
    assert run("-y", "101", "ip", capsys=capsys)[1].endswith("for RAW packets of a file\n")
    told = json.loads(run("--json", "arp", capsys=capsys)[1])
    assert (told["link_type"], told["mode"], len(told["program"])) == (1, "offline", 4)


def test_a_program_for_a_capture_reads_what_is_not_in_the_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, error = run("--live", "-d", "inbound", capsys=capsys)
    assert code == 0
    assert "ldh      [type]" in out or "this is the program for a file" in error
    code, _, error = run("-d", "inbound", capsys=capsys)
    assert code == 1 and "not supported on Ethernet when reading savefiles" in error


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "there is no expression to look at"),
        (("-r", "x", "-y", "RAW", "ip"), 2, "-y does not go with -r"),
        (("-r", "x", "--live", "ip"), 2, "--live does not go with -r"),
        (("-d", "--json", "ip"), 2, "give one of them"),
        (("-y", "NOSUCH", "ip"), 2, "-y NOSUCH is no link type that libpcap knows"),
        (("-y", "300", "ip"), 1, "unknown data link type 300"),
        (("tcp port",), 1, "the filter 'tcp port' is not understood: "),
        (("-r", "/no/such.pcap", "ip"), 1, "/no/such.pcap"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    arguments: tuple[str, ...], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ended, out, error = run(*arguments, capsys=capsys)
    assert (ended, out) == (code, "")
    assert error.startswith("ringscope: ") and error.count("\n") == 1 and said in error
