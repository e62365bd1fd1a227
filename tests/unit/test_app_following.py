# SPDX-License-Identifier: Apache-2.0
"""Following through a session: the packets of the flow and no others, to the end of a file or of what is kept."""

from __future__ import annotations

from pathlib import Path
from struct import pack

import pytest

from ringscope.app.following import CannotFollow, Following
from ringscope.app.stream_file import CannotWrite, StreamFile
from ringscope.capture.files import FileSession
from ringscope.decode.streams import Event, Hole, Piece
from ringscope.filter import Compiler
from support.packets import ethernet, ipv4, samples, tcp
from support.streams import sides

_ENDS = "10.0.0.1", "10.0.0.2"


def _segment(side: int, sequence: int, data: bytes, port: int = 40000, flags: int = 0x10) -> bytes:
    ports = (port, 80) if side == 0 else (80, port)
    ends = _ENDS if side == 0 else _ENDS[::-1]
    segment = tcp(data, ports=ports, sequence=sequence, acknowledged=1, flags=flags)
    return ethernet(ipv4(segment, 6, source=ends[0], destination=ends[1]))


def _written(path: Path, frames: list[bytes], snaplen: int = 1 << 18) -> Path:
    content = bytearray(pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, snaplen, 1))
    for number, frame in enumerate(frames):
        content += pack("<IIII", 1_700_000_000, number, len(frame[:snaplen]), len(frame)) + frame[:snaplen]
    path.write_bytes(content)
    return path


def _call(port: int, count: int) -> list[bytes]:
    """A connection whose sides speak in turn."""
    frames = [_segment(0, 0, b"", port, 0x02), _segment(1, 0, b"", port, 0x12)]
    for place in range(count):
        for side in (0, 1):
            frames.append(_segment(side, 1 + 10 * place, b"%d says %03d" % (side, place % 1000), port))
    return frames


def _mixed(count: int = 200) -> list[bytes]:
    """Two connections and other traffic, one packet of each in turn."""
    other = list(samples().values())
    calls = zip(_call(40000, count), _call(50000, count), strict=True)
    return [frame for index, pair in enumerate(calls) for frame in (*pair, other[index % len(other)])]


async def _followed(path: Path, number: int, **options: int) -> Following:
    with FileSession.open(str(path), store_bytes=1 << 20) as session, Compiler() as compiler:
        following = Following(session, compiler, number, **options)
        await following.begin()
        await following.run()
        await following.close()
    return following


async def test_of_a_file_the_packets_of_one_flow_are_taken_and_all_of_them(tmp_path: Path) -> None:
    path = _written(tmp_path / "a.pcap", _mixed())
    for number in (1, 301):
        following = await _followed(path, number)
        assert following.finished and (following.taken, following.left) == (402, 0)
        assert following.stream.packets == 402 and following.carrier == "tcp"
        assert sides(following.stream)[1] == b"".join(b"1 says %03d" % place for place in range(200))


async def test_what_the_capture_cut_is_a_hole(tmp_path: Path) -> None:
    following = await _followed(_written(tmp_path / "a.pcap", _mixed(2), snaplen=58), 1)
    assert sides(following.stream)[0] == b"0 sa0 sa" and following.stream.totals()[0] == (8, 12, 2)


async def test_a_stream_is_found_behind_headers_that_filters_do_not_look_behind(tmp_path: Path) -> None:
    labelled = [frame[:12] + bytes.fromhex("8847 00010140") + frame[14:] for frame in _call(40000, 20)]
    path = _written(tmp_path / "a.pcap", [frame for one in labelled for frame in (samples()["arp"], one)])
    following = await _followed(path, 4)
    assert following.expression.startswith("ether host") and following.stream.packets == 42
    assert sides(following.stream)[0] == b"".join(b"0 says %03d" % place for place in range(20))


async def test_a_long_stream_is_kept_in_parts_and_written_whole(tmp_path: Path) -> None:
    path = _written(tmp_path / "a.pcap", _call(40000, 3000))
    with FileSession.open(str(path), store_bytes=1 << 20) as session, Compiler() as compiler:
        number, parts = 1, []
        while number:
            following = Following(session, compiler, number, limit=300_000)
            await following.begin()
            await following.run()
            assert following.stream.kept < 310_000 and (following.full or following.finished)
            parts.append((following.part_before > 0, following.part_after > 0))
            number = following.part_after
            await following.close()
        assert parts[0] == (False, True) and parts[-1] == (True, False) and len(parts) > 3
        file = StreamFile(str(tmp_path / "both"), "both")
        following = Following(session, compiler, 3000, limit=300_000, sink=file)
        await following.begin()
        await following.run()
        file.close()
        await following.close()
    turns = b"".join(b"%d says %03d" % (side, place % 1000) for place in range(3000) for side in (0, 1))
    assert (tmp_path / "both").read_bytes() == turns and file.written == len(turns)


async def test_what_has_no_stream_is_said(tmp_path: Path) -> None:
    path = _written(tmp_path / "a.pcap", [samples()["arp"], samples()["fragment"]])
    for number, words in (
        (1, "has no TCP or UDP header"),
        (2, "has no TCP or UDP header"),
        (3, "is not kept any more"),
    ):
        with pytest.raises(CannotFollow, match=words):
            await _followed(path, number)


def test_a_file_is_there_when_it_is_whole_and_else_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"before")
    for abandoned in (True, False):
        file = StreamFile(str(path), "client")
        file.piece(0, Piece(0, 3, b"not", 1))
        file.restart()
        file.piece(0, Piece(0, 3, b"abc", 1))
        file.flush()
        file.piece(1, Piece(0, 3, b"xyz", 2))
        file.piece(0, Piece(3, 5, b"", 3, Hole.UNSEEN))
        assert path.read_bytes() == b"before"
        if abandoned:
            file.abandon()
            assert path.read_bytes() == b"before"
        else:
            file.close()
            assert path.read_bytes() == b"abc"
            assert file.said == f"3 bytes written to {path}; 1 hole is not in it, 5 bytes"
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
    with pytest.raises(CannotWrite, match="is a folder"):
        StreamFile(str(tmp_path), "both")
    with pytest.raises(CannotWrite, match="No such file or directory"):
        StreamFile(str(tmp_path / "nowhere" / "a"), "both")


def test_a_file_of_text_says_who_speaks_what_is_missing_and_nothing_that_acts(tmp_path: Path) -> None:
    file = StreamFile(str(tmp_path / "out"), "text")
    file.piece(0, Piece(0, 7, b"GET / H", 1))
    file.piece(0, Piece(7, 8, b"TTP\r\n\x1b[2", 2))
    file.piece(1, Piece(0, 3, b"abc", 3))
    file.piece(1, Piece(3, 1200, b"", 4, Hole.CUT))
    file.event(Event("the client has sent all (FIN)", 5))
    file.piece(1, Piece(1203, 9000, b"x" * 9000, 6))
    file.close()
    lines = (tmp_path / "out").read_text().splitlines()
    assert lines[:5] == ["> GET / HTTP", "> ·[2", "< abc", "# server: 1 200 bytes cut off by the capture",
                         "# the client has sent all (FIN)"]  # fmt: skip
    assert [len(line) for line in lines[5:]] == [4098, 4098, 810]
