# SPDX-License-Identifier: Apache-2.0
"""Screen 4 of the whole program, in a real terminal, on a real ring that loses: named, counted, and told where from."""

from __future__ import annotations

import re
import socket
import time

import pytest

from support.holding import held
from support.namespaces import Net, in_namespace
from support.oracles import require_tool
from support.recording import RINGSCOPE
from support.ring_twin import RingTwin
from support.terminal import Terminal

COMMAND = " ".join(RINGSCOPE)


@pytest.fixture(autouse=True)
def _tmux() -> None:
    require_tool("tmux")


def _descendant(process: int) -> int:
    """The child of a process: the program behind a shell."""
    with open(f"/proc/{process}/task/{process}/children") as children:
        return int(children.read().split()[0])


@in_namespace(limit=60)
def test_a_reader_that_was_stopped_is_found_late_and_every_packet_it_lost_is_on_the_screen(net: Net) -> None:
    geometry = "--blocks 4 --block-size 128K --block-timeout 10000"
    clone = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    with clone, Terminal(80, 24, run=net.run) as terminal:
        terminal.type(f"bash -c '{COMMAND} -i rs0 {geometry}; true'")
        terminal.wait_for("1 Packets")
        terminal.press("4")
        terminal.wait_for("Nothing is lost")
        twin = RingTwin("rs0", block_size=128 << 10, blocks=4, block_timeout_ms=10_000)
        with held(_descendant(terminal.program())):
            net.send_frames(20_000)
            _, dropped, _ = twin.statistics()
            time.sleep(0.3)
        assert dropped > 0
        lost = f"{dropped:,}".replace(",", " ")
        screen = terminal.wait_for(lambda now: re.search(rf"▲rings .* {lost} ", now) is not None)
        assert "in RING 0: its reader is late" in " ".join(screen.split())
        assert re.search(rf"queue 0 +no room in the ring +{lost} ", screen)
        terminal.press("e")
        assert "do blocks wait for it?" in terminal.wait_for("▶ yes")
        terminal.press("c")
        terminal.wait_for("--blocks")
        terminal.press("c", "Home", "Right", "Right", "Right", "Enter")
        terminal.wait_for("listens without a ring: every packet is cloned")
