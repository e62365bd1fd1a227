# SPDX-License-Identifier: Apache-2.0
"""Other rings for a capture that runs: numbered frames at a rate that matters, each of them there once."""

from __future__ import annotations

import struct
from functools import partial

import pytest

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import CaptureError, LiveSession, WrongSettings
from support.frames import number
from support.namespaces import Net, in_namespace, wait_until

EVERYTHING = struct.pack("HBBI", 0x06, 0, 0, 262144)
FRAMES, KIB = 60_000, 1024


def _session(config: CaptureConfig) -> LiveSession:
    session = LiveSession.prepare(config)
    session.start("", EVERYTHING)
    return session


def _has_more_than(session: LiveSession, newest: int) -> bool:
    return session.newest() > newest


@in_namespace(limit=60)
def test_no_frame_is_lost_or_doubled_by_changes_of_geometry_and_fanout_under_load(net: Net) -> None:
    shapes = [
        (64, 512 * KIB, 10, "lb"),
        (16, 1024 * KIB, 50, "hash"),
        (256, 256 * KIB, 5, "cpu"),
        (64, 1024 * KIB, 20, "rnd"),
    ]
    with _session(CaptureConfig(("rs0",), queues=2, direction="in")) as session:
        sending = net.start_frames(FRAMES, 40_000, 200)
        for blocks, block_size, timeout, fanout in shapes:
            before = session.newest()
            assert wait_until(partial(_has_more_than, session, before))
            session.reshape(blocks=blocks, block_size=block_size, block_timeout_ms=timeout, fanout=fanout)
            now = session.snapshot()
            assert (now.total.blocks, now.total.block_size, now.state) == (blocks, block_size, "running")
            assert (session.config.blocks, session.config.fanout) == (blocks, fanout)
            assert session.config.block_timeout_ms == timeout
        sending.result()
        assert wait_until(lambda: session.newest() == FRAMES)
        session.stop()
        now = session.snapshot()
        numbers = [
            number(packet.data) for first in range(1, now.head + 1, 4096) for packet in session.read(first, 4096, 256)
        ]
        assert sorted(numbers) == list(range(1, FRAMES + 1))
        assert (now.total.stored, now.total.dropped, now.total.unaccounted) == (FRAMES, 0, 0)
        assert session.losses(1, now.head) == []


@in_namespace
def test_where_it_cannot_be_done_the_old_rings_stay_and_a_sentence_says_why(net: Net) -> None:
    config = CaptureConfig(("rs0",), blocks=16, block_size=256 * KIB, ring_limit=16 << 20)
    with _session(config) as session:
        with pytest.raises(CaptureError, match="there is no memory for rings of 4096 blocks of 256 KiB beside"):
            session.reshape(blocks=4096, block_size=256 * KIB, block_timeout_ms=10, fanout="hash")
        with pytest.raises(WrongSettings, match="2 to 65536 blocks, not 1"):
            session.reshape(blocks=1, block_size=256 * KIB, block_timeout_ms=10, fanout="hash")
        with pytest.raises(WrongSettings, match="retire timeout must be 1 to 10000 ms, not 0"):
            session.reshape(blocks=16, block_size=256 * KIB, block_timeout_ms=0, fanout="hash")
        with pytest.raises(WrongSettings, match="too large or negative"):
            session.reshape(blocks=-1, block_size=256 * KIB, block_timeout_ms=10, fanout="hash")
        net.send_frames(100)
        assert wait_until(lambda: session.newest() == 100)
        assert session.snapshot().total.blocks == session.config.blocks == 16


@in_namespace(limit=60)
def test_an_interface_that_goes_and_comes_back_gets_the_rings_that_were_chosen_last(net: Net) -> None:
    with _session(CaptureConfig(("rs0",), blocks=16, block_size=256 * KIB)) as session:
        session.reshape(blocks=32, block_size=256 * KIB, block_timeout_ms=10, fanout="hash")
        net.remove_link()
        assert wait_until(lambda: session.snapshot().state == "gone")
        session.reshape(blocks=64, block_size=128 * KIB, block_timeout_ms=400, fanout="hash")
        net.restore_link()
        assert wait_until(lambda: session.snapshot().state == "running")
        net.send_frames(1)
        assert wait_until(lambda: session.newest() == 1)
        total = session.snapshot().total
        assert (total.blocks, total.block_size, total.blocks_timeout) == (64, 128 * KIB, 1)
        assert total.longest_lag < 0.4, "by the timeout that is in force it did not wait for the reader"
