# SPDX-License-Identifier: Apache-2.0
"""``ringscope dissect``: what it prints, what it refuses, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from struct import pack
from typing import Any

import pytest

from ringscope.cli import main
from ringscope.decode import dissect, protocols, summarize
from support.packets import ARP, IPV6, arp, dns_query, ethernet, ipv4, ipv6, samples, tcp, udp

NANOSECONDS = 0xA1B23C4D


def pcap(frames: list[bytes], *, kept: int = 65535, link_type: int = 1) -> bytes:
    records = (
        pack("<IIII", 1_700_000_000 + number, number, min(len(each), kept), len(each)) + each[:kept]
        for number, each in enumerate(frames)
    )
    return pack("<IHHIIII", NANOSECONDS, 2, 4, 0, 0, 65535, link_type) + b"".join(records)


def write(path: Path, frames: list[bytes], *, kept: int = 65535, link_type: int = 1) -> Path:
    path.write_bytes(pcap(frames, kept=kept, link_type=link_type))
    return path


def pcapng(frames: list[tuple[int, bytes]]) -> bytes:
    """An interface for each link type, described just before its first packet."""

    def block(kind: int, body: bytes) -> bytes:
        size = 12 + len(body) + -len(body) % 4
        return pack("<II", kind, size) + body + bytes(-len(body) % 4) + pack("<I", size)

    whole = block(0x0A0D0D0A, pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    met: list[int] = []
    for link_type, frame in frames:
        if link_type not in met:
            met.append(link_type)
            whole += block(1, pack("<HHI", link_type, 0, 65535))
        whole += block(6, pack("<IIIII", met.index(link_type), 0, 1, len(frame), len(frame)) + frame)
    return whole


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Two segments, a query, an ARP request."""
    query = ethernet(ipv4(udp(dns_query()), 17))
    return write(
        tmp_path / "in.pcap",
        [
            ethernet(ipv4(tcp(b"x", ports=(40412, 9000)), 6)),
            query,
            ethernet(arp(1, "10.0.0.1", "10.0.0.2"), ARP),
            ethernet(ipv4(tcp(), 6)),
        ],
    )


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    try:
        code = main(["dissect", *arguments])
    except SystemExit as ended:  # wrong usage
        code = int(str(ended.code))
    said = capsys.readouterr()
    return code, said.out, said.err


def objects(*arguments: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    code, out, err = run(*arguments, "--json", capsys=capsys)
    assert (code, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def flat(entries: list[dict[str, Any]], depth: int = 0) -> list[tuple[int, dict[str, Any]]]:
    found = []
    for entry in entries:
        found += [(depth, entry), *flat(entry.get("fields", []), depth + 1)]
    return found


def test_every_packet_is_one_object_with_what_the_decoder_says_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = list(samples().values())
    told = objects(str(write(tmp_path / "all.pcap", frames)), capsys=capsys)
    assert [each["number"] for each in told] == list(range(1, len(frames) + 1))
    for frame, each in zip(frames, told, strict=True):
        row = summarize(frame, 1, len(frame))
        assert (each["source"], each["destination"], each["protocol"], each["info"]) == (
            row.source,
            row.destination,
            row.protocol,
            row.info,
        )
        assert tuple(each["protocols"]) == protocols(frame, 1, len(frame))
        assert (each["length"], each["captured"], each["link_type"]) == (len(frame), len(frame), 1)
        layers = dissect(frame, 1, len(frame))
        assert [(one["name"], one["title"], one["start"], one["length"]) for one in each["layers"]] == [
            (layer.name, layer.title, layer.start, layer.length) for layer in layers
        ]
        for one, layer in zip(each["layers"], layers, strict=True):
            fields = flat(one["fields"])
            assert [(depth, entry["name"], entry["start"], entry["length"]) for depth, entry in fields] == [
                (field.depth, field.name, field.start, field.length) for field in layer.fields
            ]
            for (_, entry), field in zip(fields, layer.fields, strict=True):
                value = field.value.hex() if isinstance(field.value, bytes) else field.value
                assert (entry["display"], entry.get("value"), entry.get("note", "")) == (
                    field.display,
                    value,
                    field.note,
                )
                assert entry.get("bits") == (None if field.bits is None else list(field.bits))


def test_the_time_has_its_nanoseconds(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(str(capture), "--json", capsys=capsys)[1].splitlines()
    assert '"time": 1700000003.000000003,' in lines[3]


def test_text_has_two_lines_a_packet_and_then_bytes_and_words(
    capture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(str(capture), "-c", "2", capsys=capsys)
    assert (code, err) == (0, "")
    first, second = out.strip().split("\n\n")
    assert first.splitlines()[0] == "1  2023-11-14 22:13:20.000000000 UTC  55 bytes  eth:ip:tcp"
    lines = second.splitlines()
    assert lines[1] == "10.0.0.1 → 10.0.0.2  DNS  Standard query 0x50b5 AAAA db1.internal"
    assert "0-13        Ethernet  02:fc:00:00:00:01 → 02:fc:00:00:00:02" in lines
    assert "14.0-3        Version: 4" in lines
    assert "20.1          Don't fragment: not set" in lines
    assert "42-71       DNS  Standard query 0x50b5 AAAA db1.internal" in lines


def test_only_what_passes_the_filter_is_printed_under_its_own_number(
    capture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [each["number"] for each in objects(str(capture), "tcp", "port", "9000", capsys=capsys)] == [1]
    assert [each["number"] for each in objects("-r", str(capture), "not tcp", capsys=capsys)] == [2, 3]
    assert [each["number"] for each in objects(str(capture), "-c", "1", "tcp port 443", capsys=capsys)] == [4]
    assert objects(str(capture), "icmp", capsys=capsys) == []


def test_packets_of_a_link_type_that_is_met_late_are_not_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packet = ipv6(udp(dns_query()), 17)
    frames = [(1, ethernet(packet, IPV6)), (1, ethernet(ipv4(udp(b""), 17)))] * 3000 + [(101, packet)] * 20
    path = tmp_path / "mixed.pcapng"
    path.write_bytes(pcapng(frames))
    told = objects(str(path), "ip6", capsys=capsys)
    assert [each["number"] for each in told] == [*range(1, 6001, 2), *range(6001, 6021)]
    assert {each["link_type"] for each in told} == {1, 101}
    assert told[-1]["protocols"] == ["ipv6", "udp", "dns"]


def test_a_pipe_is_read_as_a_file_is(capture: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ringscope", "dissect", "-", "--json", "arp"],
        input=capture.read_bytes(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert [json.loads(line)["number"] for line in done.stdout.splitlines()] == [3]


def test_what_the_capture_cut_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "cut.pcap", [ethernet(ipv4(udp(dns_query()), 17))], kept=45)
    (told,) = objects(str(path), capsys=capsys)
    assert (told["length"], told["captured"], told["layers"][-1]["name"]) == (72, 45, "cut")
    assert "72 bytes, 45 captured" in run(str(path), capsys=capsys)[1]


def test_a_damaged_file_is_printed_as_far_as_it_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "damaged.pcap"
    path.write_bytes(pcap([ethernet(ipv4(tcp(), 6))] * 3)[:-10])
    code, out, err = run(str(path), "--json", capsys=capsys)
    assert code == 1 and len(out.splitlines()) == 2
    assert err.startswith("ringscope: ") and err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "which file?"),
        (("nothing.pcap",), 1, "nothing.pcap"),
        (("in.pcap", "-c", "0"), 2, "whole number from 1"),
        (("in.pcap", "tcp", "prot", "443"), 1, "the filter 'tcp prot 443' is not understood"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    arguments: tuple[str, ...],
    code: int,
    words: str,
    capture: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(capture.parent)
    ended, out, err = run(*arguments, capsys=capsys)
    assert (ended, out) == (code, "")
    assert words in err and err.count("\n") == 1
