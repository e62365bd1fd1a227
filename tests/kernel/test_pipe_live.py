# SPDX-License-Identifier: Apache-2.0
"""``tcpdump -U -w - | ringscope open -``: a capture that comes by a pipe behaves like one of our own."""

from __future__ import annotations

import time

import pytest

from ringscope.capture.files import FileSession
from support.namespaces import Net, in_namespace
from support.oracles import require_tool
from support.reading import wait_for


@pytest.mark.parametrize("compressor", [None, "gzip"])
@in_namespace
def test_what_tcpdump_pipes_to_us_is_there_as_it_is_captured(compressor: str | None, net: Net) -> None:
    command = [require_tool("tcpdump"), "-i", "rs0", "-U", "--immediate-mode", "-c", "5", "-w", "-", "udp port 9"]
    tcpdump = net.spawn(command, text=False)
    assert tcpdump.stdout is not None and tcpdump.stderr is not None
    source = tcpdump
    if compressor is not None:
        source = net.spawn([require_tool(compressor)], stdin=tcpdump.stdout, text=False)
        tcpdump.stdout.close()
    assert source.stdout is not None
    began = time.time_ns()
    with FileSession.open("-", descriptor=source.stdout.fileno(), store_bytes=1 << 20) as session:
        source.stdout.close()
        while b"listening" not in tcpdump.stderr.readline():
            pass
        for number in range(1, 6):
            net.send_frames(1, size=100, port=9, first=number)
            if compressor is None:  # gzip holds back what it has
                assert wait_for(lambda number=number: session.newest() == number)  # type: ignore[misc]
                (packet,) = session.read(number, 1)
                assert (packet.length, packet.link_type) == (100, 1)
                assert began <= packet.time_ns <= time.time_ns()
                assert number == 5 or session.snapshot().state in ("reading", "waiting")
        assert wait_for(lambda: session.snapshot().state == "file")
        assert session.loading() is None and session.newest() == 5
    tcpdump.wait(timeout=10)
