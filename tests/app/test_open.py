# SPDX-License-Identifier: Apache-2.0
"""``ringscope open`` in a real terminal: files, pipes, damage; what is on the screen and what is left behind."""

from __future__ import annotations

import struct
import subprocess
import time
from pathlib import Path

import pytest

from support.fake_session import BEGAN, frame
from support.namespaces import wait_until
from support.oracles import require_tool
from support.pcap import read_pcap
from support.recording import RINGSCOPE
from support.terminal import PROMPT, Terminal

COMMAND = " ".join(RINGSCOPE)


@pytest.fixture(autouse=True)
def _tmux() -> None:
    require_tool("tmux")


def _pcap(count: int) -> bytes:
    parts = [struct.pack("<IHHIIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)]
    for number in range(1, count + 1):
        data = frame(number)
        parts += [struct.pack("<IIII", BEGAN + number // 1000, number % 1000 * 1000, len(data), len(data)), data]
    return b"".join(parts)


def _left(terminal: Terminal) -> str:
    """Leaves the screen, waits for the shell, and returns what was printed."""
    terminal.press("q")
    screen = terminal.wait_for(lambda screen: screen.count(PROMPT) > 1 and screen.rstrip().endswith(PROMPT))
    assert wait_until(terminal.given_back), screen
    return " ".join(screen.split())


def test_a_file_is_shown_searched_filtered_and_saved(tmp_path: Path) -> None:
    (tmp_path / "trace.pcap").write_bytes(_pcap(5000))
    with Terminal(120, 36, folder=tmp_path) as terminal:
        terminal.type(f"{COMMAND} open trace.pcap")
        screen = terminal.wait_for("packets 5 000")
        assert "trace.pcap" in screen and "Ethernet" in screen and "▌      1 " in screen
        terminal.press("v")
        terminal.write("port 53")
        terminal.wait_for(r"✓ 1 000 of 5 000, 20 %")
        terminal.press("Enter")
        terminal.wait_for("hidden, not lost")
        terminal.press("/")
        terminal.write("info: 0x0066")
        terminal.press("Enter")
        terminal.wait_for("▌    102 ")
        terminal.press("s", "C-u")
        terminal.write("dns.pcap")
        terminal.press("Enter")
        terminal.wait_for("1 000 packets written to dns.pcap")
        assert "5000 packets read from trace.pcap" in _left(terminal)
    kept = read_pcap(tmp_path / "dns.pcap")
    assert [found.data for found in kept] == [frame(n) for n in range(1, 5001) if n % 10 in (2, 6)]


def test_a_filter_behind_the_file_is_the_view(tmp_path: Path) -> None:
    (tmp_path / "trace.pcap").write_bytes(_pcap(1000))
    with Terminal(120, 36, folder=tmp_path) as terminal:
        terminal.type(f"{COMMAND} -r trace.pcap arp")
        terminal.wait_for(r"view: arp  shows 100 \(10 %\)")
        terminal.wait_for("▌      8 ")
        _left(terminal)


def test_a_wrong_filter_a_missing_file_and_what_is_no_capture_are_one_sentence_each(tmp_path: Path) -> None:
    (tmp_path / "trace.pcap").write_bytes(_pcap(10))
    (tmp_path / "text").write_text("no packets here, just some words")
    for words, said in (
        ("trace.pcap tcp prot 4", "the filter 'tcp prot 4' is not understood"),
        ("nowhere.pcap", "nowhere.pcap"),
        ("text", "no capture"),
    ):
        with Terminal(200, 24, folder=tmp_path) as terminal:
            terminal.type(f"{COMMAND} open {words}; echo code $?")
            screen = terminal.wait_for("code 1")
            sentences = [line for line in screen.splitlines() if line.startswith("ringscope: ")]
            assert len(sentences) == 1 and said in sentences[0]


def test_damage_is_on_the_screen_with_its_place_and_exit_code_and_closing_line_agree(tmp_path: Path) -> None:
    whole = _pcap(1000)
    (tmp_path / "cut.pcap").write_bytes(whole[:-10])
    with Terminal(200, 36, folder=tmp_path) as terminal:
        terminal.type(f"{COMMAND} open cut.pcap; echo code $?")
        place = f"byte {len(whole) - len(frame(1000)) - 16}"
        screen = terminal.wait_for("Esc: seen")
        assert place in screen.splitlines()[1] and "packets 999" in screen
        said = _left(terminal)
        assert "999 packets read from cut.pcap" in said and place in said and "code 1" in said


def test_a_pipe_is_followed_while_the_keys_come_from_the_terminal(tmp_path: Path) -> None:
    content = _pcap(2000)
    half = len(_pcap(1000))
    fifo = tmp_path / "go"
    (tmp_path / "first").write_bytes(content[:half])
    (tmp_path / "second").write_bytes(content[half:])
    subprocess.run(["mkfifo", str(fifo)], check=True)
    with Terminal(120, 36, folder=tmp_path) as terminal:
        terminal.type(f"(cat first; cat go > /dev/null; cat second) | {COMMAND} open -")
        terminal.wait_for("packets 1 000")
        screen = terminal.wait_for("▌   1000 ")
        assert "standard input" in screen and "live" in screen
        terminal.press("k", "k")
        terminal.wait_for("▌    998 ")
        fifo.write_text("go on")
        terminal.wait_for("packets 2 000")
        assert "▌    998 " in terminal.screen()
        terminal.press("End")
        terminal.wait_for("▌   2000 ")
        terminal.wait_for("ended")
        assert "2000 packets read from standard input" in _left(terminal)


def test_a_pipe_that_brings_nothing_can_be_left_at_once(tmp_path: Path) -> None:
    with Terminal(100, 30, folder=tmp_path) as terminal:
        terminal.type(f"sleep 5 | {COMMAND} open -")
        terminal.wait_for("Nothing has come yet")
        terminal.press("q")
        begun = time.monotonic()
        assert wait_until(terminal.given_back)
        assert time.monotonic() - begun < 4  # not the pipe's end


def test_without_a_pipe_the_dash_is_explained(tmp_path: Path) -> None:
    with Terminal(160, 24, folder=tmp_path) as terminal:
        terminal.type(f"{COMMAND} open -; echo code $?")
        assert "standard input is the terminal" in terminal.wait_for("code 1")


def test_columns_that_were_chosen_are_there_the_next_time_and_the_list_is_sorted_by_them(tmp_path: Path) -> None:
    (tmp_path / "trace.pcap").write_bytes(_pcap(5000))
    with Terminal(120, 36, folder=tmp_path) as terminal:
        terminal.type(f"export XDG_CONFIG_HOME={tmp_path / 'config'}; {COMMAND} open trace.pcap")
        terminal.wait_for("packets 5 000")
        terminal.press("C")
        terminal.write(", tcp.window as Win")
        terminal.wait_for("Win  Info")
        terminal.press("Enter")
        terminal.wait_for("8 columns")
        terminal.press(".")
        terminal.wait_for("packet 1 001, 2 of 5 in this flow")
        _left(terminal)
        terminal.type(f"clear; {COMMAND} open trace.pcap")
        terminal.wait_for("Win  Info")
        terminal.press("o")
        terminal.write("tcp.sequence number")
        terminal.press("Down", "Enter")
        terminal.wait_for("by tcp.sequence number ▼, 5 000 packets, 2 500 without it last")
        assert "▌   5000 " in terminal.screen()
