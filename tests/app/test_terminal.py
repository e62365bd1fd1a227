# SPDX-License-Identifier: Apache-2.0
"""The program in a real terminal: what a person sees, and what is left when it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.holding import held
from support.namespaces import Net, in_namespace, wait_until
from support.oracles import require_tool
from support.recording import RINGSCOPE, nothing_is_left
from support.ring_twin import RingTwin
from support.terminal import PROMPT, Terminal

COMMAND = " ".join(RINGSCOPE)


@pytest.fixture(autouse=True)
def _tmux() -> None:
    require_tool("tmux")


def _number(screen: str, word: str) -> int:
    """The grouped number that stands behind a word of the status lines; -1 as long as there is none."""
    found = re.search(rf"{word} +(\d+(?: \d{{3}})*)", screen)
    return int(found.group(1).replace(" ", "")) if found else -1


def _back(terminal: Terminal) -> str:
    """Waits for the shell and checks that the terminal is as it was; returns what was printed last."""
    screen = terminal.wait_for(lambda screen: screen.count(PROMPT) > 1 and screen.rstrip().endswith(PROMPT))
    assert wait_until(terminal.given_back), screen
    return screen


def _descendants(process: int) -> list[int]:
    out = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = [tuple(map(int, line.split())) for line in out.splitlines()]
    found, todo = [], [process]
    while todo:
        children = [child for child, parent in parents if parent == todo[-1]]
        todo.pop()
        found += children
        todo += children
    return found


def _alive(processes: list[int]) -> list[int]:
    return [process for process in processes if Path(f"/proc/{process}").exists()]


ENDS = {
    "q": lambda terminal: terminal.press("q"),
    "ctrl+c": lambda terminal: terminal.press("C-c"),
    "SIGTERM": lambda terminal: os.kill(terminal.program(), signal.SIGTERM),
    "SIGHUP": lambda terminal: os.kill(terminal.program(), signal.SIGHUP),
}


@pytest.mark.parametrize("end", list(ENDS))
def test_the_demo_ends_in_any_way_and_leaves_no_process_and_no_namespace(end: str) -> None:
    with Terminal(80, 24) as terminal:
        terminal.type(f"{COMMAND} demo")
        terminal.wait_for("1 Packets")
        terminal.wait_for(lambda screen: _number(screen, "stored") > 10)
        program = terminal.program()
        processes = [program, *_descendants(program)]
        namespaces = {os.readlink(f"/proc/{process}/ns/net") for process in processes}
        assert len(processes) >= 3 and len(namespaces) == 2
        assert os.readlink("/proc/self/ns/net") not in namespaces
        ENDS[end](terminal)
        assert "packets dropped by kernel" in _back(terminal)
        assert wait_until(lambda: not _alive(processes)), processes
        held = {os.readlink(path) for path in Path("/proc").glob("[0-9]*/ns/net") if os.access(path, os.R_OK)}
        assert not namespaces & held


@pytest.mark.parametrize("end", list(ENDS))
def test_a_live_capture_ends_in_any_way_and_leaves_no_socket_and_no_promiscuity(end: str) -> None:
    @in_namespace
    def body(net: Net) -> None:
        with Terminal(80, 24, run=net.run) as terminal:
            terminal.type(f"{COMMAND} -i rs0")
            terminal.wait_for("1 Packets")
            assert net.promiscuity() == 1 and len(net.packet_sockets()) == 1
            ENDS[end](terminal)
            _back(terminal)
            nothing_is_left(net)

    body()


FAULT = """
import sys
from ringscope.capture.session import LiveSession
from ringscope.cli import main

calls = 0
whole = LiveSession.snapshot

def broken(self):
    global calls
    calls += 1
    if calls > 20:
        raise ZeroDivisionError("made by this test")
    return whole(self)

LiveSession.snapshot = broken
sys.exit(main(["-i", "rs0"]))
"""


@in_namespace
def test_an_exception_gives_the_terminal_back_and_leaves_nothing_behind(net: Net, tmp_path: Path) -> None:
    script = tmp_path / "fault.py"
    script.write_text(FAULT)
    with Terminal(120, 60, run=net.run) as terminal:
        terminal.type(f"{sys.executable} {script}")
        assert "ZeroDivisionError" in _back(terminal)
        nothing_is_left(net)


@in_namespace(limit=60)
def test_two_hundred_thousand_frames_add_up_on_the_screen(net: Net) -> None:
    with Terminal(200, 50, run=net.run) as terminal:
        terminal.type(f"{COMMAND} -i rs0")
        terminal.wait_for("rs0")
        assert wait_until(lambda: len(net.packet_sockets()) == 1)
        terminal.wait_for("1 Packets")
        net.send_frames(200_000, rate=100_000)
        screen = terminal.wait_for(lambda now: _number(now, "stored") + _number(now, "dropped") == 200_000)
        stored, dropped = _number(screen, "stored"), _number(screen, "dropped")
        assert _number(screen, "kept 1 to") == stored
        terminal.press("q")
        last = _back(terminal)
        assert f"{stored} packets captured" in last
        assert "200000 packets received by filter" in last
        assert f"{dropped} packets dropped by kernel" in last


@in_namespace(limit=60)
def test_drops_and_freezes_on_the_screen_are_the_kernels_own(net: Net) -> None:
    geometry = "--blocks 4 --block-size 128K --block-timeout 10000"
    with Terminal(120, 40, run=net.run) as terminal:
        # Behind a shell without job control, which would take the terminal away from a stopped program.
        terminal.type(f"bash -c '{COMMAND} -i rs0 {geometry}; true'")
        terminal.wait_for("1 Packets")
        twin = RingTwin("rs0", block_size=128 << 10, blocks=4, block_timeout_ms=10_000)
        with held(_descendants(terminal.program())[0]):
            net.send_frames(20_000)
            stored, dropped, freezes = twin.statistics()
        terminal.wait_for(lambda screen: _number(screen, "dropped") == dropped > 0)
        screen = terminal.wait_for(lambda screen: _number(screen, "stored") == stored)
        assert _number(screen, "freezes") == freezes == 1
        assert stored + dropped == 20_000


@in_namespace(limit=60)
def test_a_filter_typed_while_packets_come_is_in_force_and_a_wrong_one_is_not(net: Net) -> None:
    with Terminal(100, 30, run=net.run) as terminal:
        terminal.type(f"{COMMAND} -i rs0")
        terminal.wait_for("1 Packets")
        net.send_frames(10, port=9)
        terminal.wait_for(lambda screen: _number(screen, "stored") == 10)
        terminal.press("f")
        terminal.write("udp prot 9")
        terminal.wait_for("syntax error")
        terminal.press("Enter")
        net.send_frames(10, port=9)
        terminal.wait_for(lambda screen: _number(screen, "stored") == 20)
        terminal.press("Escape")
        terminal.wait_for("1 Packets")  # Escape and f in one read are Alt+f to any terminal program
        terminal.press("f")
        terminal.press("C-u")
        terminal.write("udp port 7")
        terminal.wait_for("instructions")
        terminal.press("Enter")
        terminal.wait_for("capture filter: udp port 7")
        net.send_frames(10, port=9)
        net.send_frames(10, port=7)
        terminal.wait_for(lambda screen: _number(screen, "stored") == 30)
        terminal.press("q")
        assert "30 packets captured" in _back(terminal)


def test_without_a_terminal_one_sentence_says_what_to_use() -> None:
    done = subprocess.run(
        [*RINGSCOPE, "-i", "lo"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20
    )
    assert done.returncode == 1
    assert done.stderr == "ringscope: the screen needs a terminal; without one use: ringscope record\n"


def test_a_dumb_terminal_is_told_so() -> None:
    with Terminal(80, 24) as terminal:
        terminal.type(f"TERM=dumb {COMMAND} demo")
        assert "cannot show a full screen" in " ".join(_back(terminal).split())


def test_an_unknown_theme_is_refused_before_the_screen() -> None:
    with Terminal(100, 24) as terminal:
        terminal.type(f"{COMMAND} demo --theme nosuch")
        assert "there is no theme 'nosuch'; there are: daylight, midnight, terminal" in _back(terminal)


def test_the_screen_is_whole_again_after_a_suspension() -> None:
    with Terminal(100, 30) as terminal:
        terminal.type(f"{COMMAND} demo")
        before = terminal.wait_for(lambda screen: _number(screen, "stored") > 5).splitlines()
        terminal.press("C-z")
        terminal.wait_for("Stopped")
        terminal.type("fg")
        terminal.wait_for("nobody emptied the ring meanwhile")
        after = terminal.screen().splitlines()
        assert after[2] == before[2]  # the names of the columns
        terminal.press("q")
        _back(terminal)


@in_namespace(limit=60)
def test_the_rings_of_a_running_capture_are_watched_and_nothing_of_that_is_left(net: Net) -> None:
    with Terminal(100, 30, run=net.run) as terminal:
        terminal.type(f"{COMMAND} -i rs0 --queues 2 --block-size 128K --blocks 8")
        terminal.wait_for("1 Packets")
        terminal.press("2")
        terminal.wait_for("2 queues on rs0 +fanout hash +ring 8 x 128 KiB each")
        net.send_frames(1000)
        terminal.wait_for("all 1 000 packets that passed the capture filter are stored")
        terminal.wait_for(
            r"[1-9][0-9]*[.][0-9]\s+kB/s\s+to\s+the\s+terminal\s+in\s+10\s+frames/s"
        )  # lines end anywhere
        terminal.press("Enter")
        terminal.wait_for("Last 1 min, queue 0")
        terminal.press("1")
        terminal.wait_for(lambda screen: "No." in screen and "Layers" in screen)
        terminal.press("2", "q")
        assert "packets dropped by kernel" in _back(terminal)
        nothing_is_left(net)
