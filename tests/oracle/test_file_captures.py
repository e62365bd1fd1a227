# SPDX-License-Identifier: Apache-2.0
"""Capture files of all kinds, whole and cut: the packets that tcpdump, tshark and capinfos find, byte for byte."""

from __future__ import annotations

import csv
import gzip
import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from struct import pack, unpack_from

import pytest

from native.make_corpus import block, everything
from ringscope.capture.session import CaptureError
from support.oracles import require_captures, require_tool
from support.pcap import Frame
from support.reading import packets_of, read_through

ENOUGH = 200
"""Files of the folder that must have been compared, lest the comparison come to nothing unnoticed."""


def captures() -> list[Path]:
    return sorted(path for path in require_captures().iterdir() if path.suffix not in (".tsv", ".md"))


def ours(path: Path) -> list[Frame]:
    with read_through(path) as session:
        assert session.loading() is None, session.loading()
        return [Frame(packet.time_ns, packet.length, packet.data) for packet in packets_of(session)]


def tcpdumps(path: Path, copy: Path) -> tuple[list[Frame], str]:
    """What tcpdump reads, by the copy that it writes; and what it complains of."""
    copy.unlink(missing_ok=True)
    command = [require_tool("tcpdump"), "-r", str(path), "-w", str(copy), "--nano"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    complaint = "\n".join(line for line in done.stderr.splitlines() if not line.startswith("reading from file"))
    return list(frames(copy.read_bytes())) if copy.exists() else [], complaint if done.returncode else ""


def frames(content: bytes) -> Iterator[Frame]:
    """Of a nanosecond pcap file, also one with packets that are longer than they were on the wire."""
    at = 24
    while at < len(content):
        seconds, nanoseconds, captured, length = unpack_from("<IIII", content, at)
        at += 16 + captured
        yield Frame(seconds * 10**9 + nanoseconds, length, content[at - captured : at])


def test_every_capture_has_the_packets_times_lengths_and_bytes_that_tcpdump_finds(tmp_path: Path) -> None:
    compared = 0
    for number, path in enumerate(captures()):
        theirs, complaint = tcpdumps(path, tmp_path / str(number))
        if complaint:
            continue  # such as interfaces of different types, which libpcap does not read
        assert ours(path) == theirs, path.name
        compared += 1
    assert compared >= ENOUGH


def test_every_capture_has_as_many_packets_and_the_times_that_capinfos_tells() -> None:
    command = [require_tool("capinfos"), "-TmQ", "-c", "-a", "-e", "-S", *map(str, captures())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    compared = 0
    for row in csv.DictReader(io.StringIO(done.stdout)):
        with read_through(Path(row["File name"])) as session:
            info = session.info()
            assert info.packets == int(row["Number of packets"]), row
            if info.packets and info.format == "pcap":  # of packets without a time it tells another one
                for told, ns in (("Start time", info.first_ns), ("End time", info.last_ns)):
                    seconds, _, fraction = row[told].partition(".")
                    assert abs(int(seconds) * 10**9 + int(fraction.ljust(9, "0")) - ns) < 1000, row
            compared += 1
    assert compared >= ENOUGH


def tshark_fields(path: Path, *fields: str) -> Iterator[list[str]]:
    command = [require_tool("tshark"), "-n", "-r", str(path), "-T", "fields", "-E", "separator=/t"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    yield from (line.split("\t") for line in done.stdout.splitlines())


def made(folder: Path) -> Iterator[Path]:
    """Files with a block of every kind but the custom block, which tshark counts among the packets."""
    for order, name in (("<", "little.pcapng"), (">", "big.pcapng")):
        path = folder / name
        path.write_bytes(everything(order).replace(block(order, 0xBAD, pack(f"{order}I", 32473) + b"custom"), b""))
        yield path


def test_a_pcapng_file_tells_the_times_lengths_interfaces_and_comments_that_tshark_tells(tmp_path: Path) -> None:
    files = [path for path in captures() if path.suffix == ".pcapng"] + list(made(tmp_path))
    assert len(files) >= 12
    for path in files:
        rows = list(
            tshark_fields(
                path, "frame.time_epoch", "frame.len", "frame.cap_len", "frame.interface_name", "frame.comment"
            )
        )
        with read_through(path) as session:
            packets = packets_of(session)
            assert len(packets) == len(rows), path.name
            for packet, row in zip(packets, rows, strict=True):
                told, length, captured, name, comment = row
                seconds, _, fraction = told.partition(".")
                if told:  # a simple packet block has no time, and nanoseconds since 1970 end in the year 2554
                    ns = int(seconds) * 10**9 + int(fraction.ljust(9, "0"))
                    assert packet.time_ns == min(ns, 2**64 - 1), (path.name, row)
                assert (packet.length, packet.captured) == (int(length), int(captured)), (path.name, row)
                known = session.interface_name(packet.ifindex)
                assert name in (known, "") or not known or known.startswith("#"), (path.name, row)
                assert session.comment(packet.number).replace("\n", ",") == comment, (path.name, row)


@pytest.mark.parametrize("suffix", [".pcap", ".pcapng"])
def test_a_capture_cut_anywhere_shows_what_tcpdump_shows_of_it(suffix: str, tmp_path: Path) -> None:
    cut, compared = tmp_path / f"cut{suffix}", 0
    sources = [path for path in captures() if path.suffix == suffix and 2000 < path.stat().st_size < 100_000]
    sources = [path for path in sources if not tcpdumps(path, tmp_path / "copy")[1]]
    for number, source in enumerate(sources[:6]):
        data = source.read_bytes()
        for place in range(number + 40, len(data), len(data) // 9):
            cut.write_bytes(data[:place])
            theirs, complaint = tcpdumps(cut, tmp_path / "copy")
            try:
                with read_through(cut) as session:
                    loading = session.loading()
                    found = [Frame(packet.time_ns, packet.length, packet.data) for packet in packets_of(session)]
                assert (loading is None) == (not complaint), (source.name, place, complaint, loading)
                assert loading is None or f"byte {place}" in loading.fault
                assert found == theirs, (source.name, place)
            except CaptureError as error:
                assert theirs == [] and complaint, (source.name, place, error)
            compared += 1
    assert compared >= 20


@pytest.mark.parametrize("tool", ["gzip", "zstd"])
def test_what_was_compressed_has_the_packets_of_the_file_itself(tool: str, tmp_path: Path) -> None:
    require_tool(tool)
    source = max(captures(), key=lambda path: path.stat().st_size)
    copy = tmp_path / source.name
    shutil.copyfile(source, copy)
    suffix = {"gzip": ".gz", "zstd": ".zst"}[tool]
    subprocess.run([tool, "-q", "-k", str(copy)], check=True, timeout=60)
    assert ours(copy.with_name(copy.name + suffix)) == ours(source)


def test_a_gzip_file_of_several_members_is_read_to_its_end(tmp_path: Path) -> None:
    source = max(captures(), key=lambda path: path.stat().st_size)
    data = source.read_bytes()
    several = tmp_path / "several.gz"
    several.write_bytes(b"".join(gzip.compress(data[at : at + 500_000]) for at in range(0, len(data), 500_000)))
    assert ours(several) == ours(source)
