# SPDX-License-Identifier: Apache-2.0
"""Following a stream of a live capture: the bytes are those that were sent, and they come while they are sent."""

from __future__ import annotations

import asyncio
import random
import socket

from ringscope.app.following import Following
from ringscope.capture.config import CaptureConfig
from ringscope.capture.demo.side import NEAR
from ringscope.capture.session import LiveSession
from ringscope.decode.streams import transport
from ringscope.filter import Compiler
from support.namespaces import Net, in_namespace, wait_until
from support.streams import sides

PORT = 8080
_DICE = random.Random(7)
ASKED, ANSWERED = _DICE.randbytes(300_000), _DICE.randbytes(700_000)


def _ask() -> None:
    with socket.create_connection((NEAR.ipv4, PORT), timeout=10) as channel:
        channel.sendall(ASKED)
        assert _received(channel, len(ANSWERED)) == ANSWERED


def _received(channel: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        found += channel.recv(1 << 16)
    return found


@in_namespace
def test_a_live_stream_has_the_bytes_that_were_sent(net: Net) -> None:
    with (
        LiveSession.prepare(CaptureConfig(("rs0",), store_bytes=64 << 20, block_size=128 << 10)) as session,
        Compiler() as compiler,
        socket.create_server((NEAR.ipv4, PORT)) as listener,
    ):
        session.start("", compiler.compile("", link_type=1, snaplen=262144).code)
        asking = net.start_in_peer(_ask)
        channel, _ = listener.accept()
        number = wait_until(lambda: _first_segment(session))
        following = Following(session, compiler, number)

        async def follow() -> None:
            await following.begin()
            running = asyncio.create_task(following.run())
            assert await asyncio.to_thread(_received, channel, len(ASKED)) == ASKED
            await _until(lambda: sides(following.stream)[0] == ASKED)
            assert not following.finished, "it goes on as long as the capture does"
            await asyncio.to_thread(channel.sendall, ANSWERED)
            await asyncio.to_thread(channel.close)
            await _until(lambda: sides(following.stream) == (ASKED, ANSWERED))
            await following.close()
            await running

        asyncio.run(follow())
        asking.result()
        assert session.snapshot().total.dropped == 0
        assert [holes for _, _, holes in following.stream.totals()] == [0, 0]


def _first_segment(session: LiveSession) -> int:
    found = session.read(1, 50)
    brought = ((one.number, transport(one.data, one.link_type, one.length)) for one in found)
    return next(
        (number for number, one in brought if one is not None and PORT in (one.source[1], one.destination[1])), 0
    )


async def _until(condition: object) -> None:
    assert callable(condition)
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come")
