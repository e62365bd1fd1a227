# SPDX-License-Identifier: Apache-2.0
"""Following a stream of 100 000 packets in a file of five million, beside ``tshark -q -z follow,tcp,raw``.

    python tests/bench/bench_follow.py [--packets N] [--stream N] [--file FILE] [--patience SECONDS]

Prints the seconds from the key to the first bytes and to the last ones, laid out in rows; the seconds to write both
sides to a file; the longest time for which the event loop had no say meanwhile; and what tshark takes for the same
stream, whose bytes must be the same. Both find the file in the page cache; ours is open already, as on the screen,
and of tshark the time to read the file, which it has to do each time, is part of it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from struct import pack, pack_into

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ringscope.app.following import Following
from ringscope.app.stream_file import StreamFile
from ringscope.app.unrolled import Unrolled
from ringscope.capture.files import FileSession
from ringscope.filter import Compiler
from support.bigfile import frames
from support.packets import ethernet, ipv4, tcp

_BLOCK = 5000
_PAYLOAD = 140
_HEADERS = 14 + 20 + 20
_ENDS = "10.77.0.1", "10.77.0.2"


def _write(path: Path, packets: int, stream: int) -> None:
    """Other traffic, and evenly among it a stream whose segments each side sends by turns of ten."""
    each = max(1, round(stream * _BLOCK / packets))
    others = frames(_BLOCK - each)
    block, times, segments = bytearray(), [], []
    every = _BLOCK // each
    for number in range(_BLOCK):
        is_stream = number % every == 0 and number // every < each
        frame = _segment(number // every) if is_stream else others.pop()
        times.append(len(block))
        block += pack("<IIII", 0, number * 200, len(frame), len(frame))
        if is_stream:
            segments.append(len(block))
        block += frame
        if not others:
            break
    sent = [1, 1]
    with path.open("wb") as file:
        file.write(pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for second in range(packets // len(times)):
            for place in times:
                pack_into("<I", block, place, 1_700_000_000 + second)
            for index, place in enumerate(segments):
                side = index // 10 % 2
                pack_into(">II", block, place + 38, sent[side], sent[1 - side])
                pack_into(">I", block, place + _HEADERS, (sent[side] * 2654435761) & 0xFFFFFFFF)
                sent[side] += _PAYLOAD
            file.write(block)


def _segment(index: int) -> bytes:
    side = index // 10 % 2
    text = (b"line %d of what is said here, over and over again\r\n" % index * 4)[:_PAYLOAD]
    segment = tcp(text, ports=(40000, 80) if side == 0 else (80, 40000), flags=0x10)
    return ethernet(ipv4(segment, 6, source=_ENDS[side], destination=_ENDS[1 - side]))


async def _watch(longest: list[float]) -> None:
    """How long nobody else gets a say."""
    while True:
        before = time.perf_counter()
        await asyncio.sleep(0.002)
        longest[0] = max(longest[0], time.perf_counter() - before - 0.002)


async def _follow(session: FileSession, compiler: Compiler, number: int) -> None:
    longest = [0.0]
    watcher = asyncio.create_task(_watch(longest))
    begun = time.perf_counter()
    following, rows = Following(session, compiler, number), Unrolled()
    first = 0.0
    drawn = begun

    def after() -> None:
        nonlocal first, drawn
        now = time.perf_counter()
        if not first or now - drawn > 0.1 or following.finished:
            first, drawn = first or now - begun, now
            rows.take(following.stream)
            rows.lay()

    await following.begin()
    await following.run(after)
    while not rows.whole:
        rows.lay()
    took = time.perf_counter() - begun
    (here, missing, _), (there, lost, _) = following.stream.totals()
    print(
        f"ours     first bytes {first * 1e3:7.1f} ms   all {took:6.2f} s   {following.taken} packets, {here + there}"
        f" bytes, {missing + lost} missing, {rows.rows} rows   longest without the event loop {longest[0] * 1e3:.1f} ms"
    )
    await following.close()
    watcher.cancel()


async def _save(session: FileSession, compiler: Compiler, number: int, path: Path) -> None:
    begun = time.perf_counter()
    file = StreamFile(str(path), "both")
    following = Following(session, compiler, number, sink=file)
    await following.begin()
    await following.run()
    file.close()
    await following.close()
    print(f"ours     written {time.perf_counter() - begun:6.2f} s   {file.said}")


def _tshark(path: Path, number: int, patience: float) -> bytes | None:
    found = subprocess.run(
        ["tshark", "-n", "-r", str(path), "-c", str(number), "-Y", f"frame.number == {number}", "-T", "fields",
         "-e", "tcp.stream"], capture_output=True, text=True, check=True, timeout=patience,
    )  # fmt: skip
    asked = f"follow,tcp,raw,{found.stdout.strip()}"
    begun = time.perf_counter()
    words = ["tshark", "-n", "-q", "-r", str(path), "-z", asked]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=patience)
    except subprocess.TimeoutExpired:
        print(f"tshark   not done after {patience:.0f} s")
        return None
    print(f"tshark   all {time.perf_counter() - begun:6.2f} s")
    lines = done.stdout.split("\n")
    return b"".join(bytes.fromhex(line.strip()) for line in lines[6:] if line[:1] not in ("", "="))


def main() -> None:
    parser = argparse.ArgumentParser(description="Following a stream beside tshark.")
    parser.add_argument("--packets", type=int, default=5_000_000)
    parser.add_argument("--stream", type=int, default=100_000)
    parser.add_argument("--patience", type=float, default=1200, help="seconds that tshark may take")
    parser.add_argument("--file", type=Path, help="where the file is made, or lies already")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.file or Path(folder) / "big.pcap"
        if not path.is_file():
            _write(path, options.packets, options.stream)
        with FileSession.open(str(path), store_bytes=1 << 20) as session, Compiler() as compiler:
            while session.loading():
                time.sleep(0.001)
            head = session.newest()
            load = os.getloadavg()[0]
            print(f"{head} packets, {path.stat().st_size / 1e9:.2f} GB, {os.cpu_count()} CPUs, load {load:.1f}")
            saved = Path(folder) / "saved"
            asyncio.run(_follow(session, compiler, 1))
            asyncio.run(_save(session, compiler, 1, saved))
            theirs = _tshark(path, 1, options.patience)
            if theirs is not None:
                print(f"the same bytes: {saved.read_bytes() == theirs}, {len(theirs)}")


if __name__ == "__main__":
    main()
