# SPDX-License-Identifier: Apache-2.0
"""A file, or a pipe, as a session: what a screen asks of a capture has the same answers here."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import pack

import pytest

from native.make_corpus import block, everything, frame, interface, option, packet, pcap, section, statistics
from ringscope.capture.files import FileSession
from ringscope.capture.session import CaptureError, Loading
from support.pcap import read_pcap
from support.pcapng import read_pcapng
from support.reading import packets_of, read_through, wait_for

STORE = 1 << 20
HEADER = pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)


def record(number: int, size: int = 60) -> bytes:
    return pack("<IIII", 1_700_000_000 + number, 0, size, size) + frame(number, size)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "some.pcapng"
    path.write_bytes(everything("<"))
    return path


@contextmanager
def piped() -> Iterator[tuple[FileSession, int]]:
    """A session that reads a pipe, and the end to write into."""
    read, write = os.pipe()
    try:
        with FileSession.open("-", descriptor=read, store_bytes=STORE) as session:
            os.close(read)
            read = -1
            yield session, write
    finally:
        for descriptor in (read, write):
            if descriptor >= 0:
                os.close(descriptor)


def test_a_file_answers_what_a_capture_answers(file: Path) -> None:
    with read_through(file) as session:
        snapshot = session.snapshot()
        assert (session.kind, session.interface, session.live_code, session.can_filter) == (
            "file",
            "some.pcapng",
            False,
            False,
        )
        assert (snapshot.state, snapshot.state_text, snapshot.head, snapshot.tail) == ("file", "", 5, 1)
        assert (snapshot.total.stored, snapshot.total.dropped, snapshot.evicted) == (5, 500, 0)
        assert (snapshot.total.fill, snapshot.total.freezes, snapshot.total.blocks) == (0.0, 0, 0)
        assert [(queue.interface, queue.stored) for queue in snapshot.queues] == [("eth0", 4), ("#1", 1)]
        assert session.link_types == (1, 276) and session.link_type == 1
        assert session.newest() == 5 and session.loading() is None
        (epoch,) = session.epochs()
        assert (epoch.number, epoch.mode, epoch.first, epoch.clean_from) == (1, "first", 1, 1)
        assert session.detail == "pcapng, 2 interfaces"
        with pytest.raises(CaptureError, match="a file has no capture filter"):
            session.set_filter("tcp", b"")


def test_a_packet_tells_its_interface_and_its_comment(file: Path) -> None:
    with read_through(file) as session:
        first, second, *_ = packets_of(session)
        assert (first.epoch, first.clock, first.packet_type) == (1, "file", 255)
        assert session.interface_name(first.ifindex) == "eth0" and session.interface_name(second.ifindex) == "#1"
        assert (first.link_type, second.link_type) == (1, 276)
        assert session.comment(1) == "a comment" and session.comment(2) == ""
        assert session.comment(0) == "a comment on the file"
        assert [name.name for name in session.names()] == ["db1", "db1.internal", "localhost", "host"]
        assert session.names()[0].address == bytes((10, 0, 0, 1))


def test_the_filter_that_all_interfaces_had_is_the_filter_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "f.pcapng"
    filtered = option("<", 11, b"\0tcp port 443")
    path.write_bytes(section("<") + interface("<", 1, 96, filtered) + interface("<", 1, 128, filtered))
    with read_through(path) as session:
        assert session.filter_expression == "tcp port 443" and session.epochs()[0].expression == "tcp port 443"
        assert session.snaplen == 128
    path.write_bytes(section("<") + interface("<", 1, 0, filtered) + interface("<", 1, 96))
    with read_through(path) as session:
        assert session.filter_expression == "" and session.snaplen == 262144


def test_the_drops_of_a_file_are_those_of_its_newest_statistics(tmp_path: Path) -> None:
    path = tmp_path / "f.pcapng"
    dropped = [option("<", code, pack("<Q", count)) for code, count in ((5, 7), (5, 9), (7, 4))]
    count = [block("<", 5, pack("<III", index, 0, 0) + told) for index, told in zip((0, 0, 1), dropped, strict=True)]
    path.write_bytes(section("<") + interface("<") + interface("<") + packet("<", 1, 60) + b"".join(count))
    with read_through(path) as session:
        snapshot = session.snapshot()
        assert [queue.dropped for queue in snapshot.queues] == [9, 4] and snapshot.total.dropped == 13
    path.write_bytes(section("<") + interface("<") + packet("<", 1, 60) + statistics("<"))
    with read_through(path) as session:
        assert session.snapshot().total.dropped == 500  # isb_ifdrop; isb_osdrop, 700, is no part of it


def test_a_damaged_file_shows_what_is_good_and_says_at_which_byte_it_is_not(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(HEADER + record(1) + record(2) + record(3)[:30])
    where = len(HEADER) + 2 * len(record(1))
    with read_through(path) as session:
        loading = session.loading()
        assert loading is not None and loading.state == "failed" and loading.packets == 2
        assert f"cut.pcap, byte {where}: it was cut" in loading.fault
        assert session.snapshot().state_text == loading.fault
        assert [packet.data for packet in packets_of(session)] == [frame(1, 60), frame(2, 60)]


def test_offsets_in_a_compressed_file_are_said_to_be_those_of_its_contents(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap.gz"
    path.write_bytes(gzip.compress(HEADER + record(1) + record(2)[:30]))
    with read_through(path) as session:
        loading = session.loading()
        assert loading is not None and f"byte {len(HEADER + record(1))} of the decompressed data" in loading.fault
        assert session.detail == "pcap, gzip"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "nothing is in it"),
        (b"not a capture at all", "this is no capture file"),
        (HEADER[:9], "within its header"),
    ],
)
def test_what_is_no_capture_is_refused_with_a_sentence(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(content)
    with pytest.raises(CaptureError, match=f"f, byte .*{said}"):
        FileSession.open(str(path), store_bytes=STORE)


def test_a_path_that_cannot_be_opened_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="there is no file"):
        FileSession.open(str(tmp_path / "nowhere"), store_bytes=STORE)
    with pytest.raises(CaptureError, match="is a folder"):
        FileSession.open(str(tmp_path), store_bytes=STORE)
    with pytest.raises(CaptureError, match="NUL"):
        FileSession.open("a\0b", store_bytes=STORE)


def test_a_file_that_is_replaced_stays_what_it_was(tmp_path: Path) -> None:
    path = tmp_path / "f.pcap"
    path.write_bytes(HEADER + record(1) + record(2))
    with read_through(path) as session:
        (tmp_path / "new").write_bytes(pcap(">", 0xA1B23C4D))
        os.replace(tmp_path / "new", path)
        assert [packet.data for packet in packets_of(session)] == [frame(1, 60), frame(2, 60)]
        assert session.loading() is None


def test_a_file_that_shrinks_while_it_is_open_is_said_to(tmp_path: Path) -> None:
    path = tmp_path / "f.pcap"
    path.write_bytes(HEADER + record(1) + record(2))
    with read_through(path) as session:
        os.truncate(path, len(HEADER + record(1)) + 20)
        assert [packet.number for packet in packets_of(session)] == [1]
        loading = session.loading()
        assert loading is not None and loading.state == "failed" and "cannot be read any more" in loading.fault


def test_packets_of_a_pipe_appear_as_they_come() -> None:
    with piped() as (session, write):
        assert (session.kind, session.interface) == ("pipe", "standard input")
        assert wait_for(lambda: session.snapshot().state == "waiting")
        assert session.loading() == Loading(share=None, packets=0, state="waiting", fault="")
        os.write(write, HEADER)
        for number in range(1, 21):
            os.write(write, record(number))
            assert wait_for(lambda number=number: session.newest() == number)  # type: ignore[misc]
            assert session.read(number, 1)[0].data == frame(number, 60)


def test_a_pipe_keeps_what_its_store_holds() -> None:
    with piped() as (session, write):
        os.write(write, HEADER)
        for number in range(3000):
            os.write(write, record(number, 1000))
        assert wait_for(lambda: session.newest() == 3000)
        snapshot = session.snapshot()
        kept = snapshot.head - snapshot.tail + 1
        assert snapshot.evicted == snapshot.tail - 1 and 850 < kept < STORE // 1016 + 2
        assert [packet.number for packet in packets_of(session)] == list(range(snapshot.tail, 3001))


def test_a_pipe_that_is_no_capture_says_so_when_that_is_known() -> None:
    with piped() as (session, write):
        os.write(write, b"tcpdump: eth0: You don't have permission\n")
        assert wait_for(lambda: session.snapshot().state == "file")
        loading = session.loading()
        assert loading is not None and loading.state == "failed" and "this is no capture file" in loading.fault


def test_a_file_that_grows_can_be_followed(tmp_path: Path) -> None:
    path = tmp_path / "f.pcap"
    path.write_bytes(HEADER[:10])
    with FileSession.open(str(path), store_bytes=STORE, follow=True) as session:
        with path.open("ab") as out:
            for part in (HEADER[10:], record(1)[:20], record(1)[20:] + record(2)):
                out.write(part)
                out.flush()
                time.sleep(0.06)
        assert wait_for(lambda: session.newest() == 2)
        assert wait_for(lambda: session.snapshot().state == "waiting")


def test_reading_can_be_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "f.pcap.gz"
    body = b"".join(record(number, 1000) for number in range(20_000))
    path.write_bytes(gzip.compress(HEADER + body, compresslevel=1) + gzip.compress(body * 3, compresslevel=1))
    with FileSession.open(str(path), store_bytes=STORE) as session:
        session.cancel()
        assert wait_for(lambda: session.snapshot().state == "file")
        loading = session.loading()
        assert loading is not None and loading.state == "cancelled" and 0 < loading.packets < 80_000
        assert loading.share is not None and 0 < loading.share < 1
        assert f"the first {loading.packets} packets are shown" in session.snapshot().state_text
        assert session.read(loading.packets, 1)[0].number == loading.packets


def test_a_forked_child_does_not_wait_for_a_thread_that_it_does_not_have() -> None:
    script = """
import os, sys
from ringscope.capture.files import FileSession
read, write = os.pipe()
session = FileSession.open("-", descriptor=read, store_bytes=1 << 20)
child = os.fork()
if child == 0:
    session.close()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
session.close()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr


def test_memory_for_a_packet_is_eight_bytes(tmp_path: Path) -> None:
    path = tmp_path / "f.pcap"
    count = 2_000_000
    with path.open("wb") as out:
        out.write(HEADER)
        for _ in range(count // 10_000):
            out.write(record(1, 16) * 10_000)

    def anonymous() -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))

    before = anonymous()
    with read_through(path) as session:
        assert session.newest() == count
        assert (anonymous() - before) / count < 12


@pytest.mark.parametrize("order", ["<", ">"])
def test_what_is_saved_of_a_file_has_its_interfaces_and_comments(order: str, tmp_path: Path) -> None:
    source, copy = tmp_path / "some.pcapng", tmp_path / "copy.pcapng"
    source.write_bytes(everything(order))
    with read_through(source) as session:
        shown = packets_of(session)
        with session.saver(str(copy)) as saver:
            saver.range(1, 5)
        comments = [session.comment(packet.number) for packet in shown]
    saved = read_pcapng(copy)
    assert [(one.name, one.link_type) for one in saved.interfaces] == [("eth0", 1), ("", 276)]
    assert [(one.time_ns, one.length, one.data, one.interface, one.flags) for one in saved.packets] == [
        (one.time_ns, one.length, one.data, one.ifindex, None) for one in shown
    ]
    assert ["\n".join(one.comments) for one in saved.packets] == comments and comments[0] == "a comment"
    assert saved.statistics[0]["ifdrop"] == 500
    with read_through(copy) as session:  # and comes out of the copy as it went into it
        assert [session.comment(packet.number) for packet in shown] == comments


def test_a_pcap_file_of_a_mixed_one_holds_what_is_of_one_kind(file: Path, tmp_path: Path) -> None:
    with read_through(file) as session:
        saver = session.saver(str(tmp_path / "one.pcap"), format="pcap")
        with pytest.raises(CaptureError, match="one link type, and packet 2 has another; write a pcapng file"):
            saver.range(1, 5)
        saver.abandon()
        ethernet = [packet.number for packet in packets_of(session) if packet.link_type == 1]
        with session.saver(str(tmp_path / "one.pcap"), format="pcap") as saver:
            saver.numbers(ethernet)
    assert len(read_pcap(tmp_path / "one.pcap")) == len(ethernet) == 4
    assert {path.name for path in tmp_path.iterdir()} == {"one.pcap", file.name}


def test_a_time_leads_to_a_packet_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "f.pcap"
    path.write_bytes(HEADER + b"".join(record(number) for number in range(1, 1001)))
    with read_through(path) as session:
        for number in (1, 2, 500, 1000):
            assert session.find_time((1_700_000_000 + number) * 10**9) == number
        assert session.find_time(0) == 1 and session.find_time(2 * 10**18) == 1001
