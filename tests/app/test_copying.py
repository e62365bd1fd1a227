# SPDX-License-Identifier: Apache-2.0
"""Copying: one key and a letter, from the list, the layers and the bytes; what was copied is said."""

from __future__ import annotations

from pathlib import Path
from struct import pack

from ringscope.app import clipboard
from support.fake_session import FakeSession, tcp, udp
from support.namespaces import wait_until
from support.oracles import require_tool
from support.recording import RINGSCOPE
from support.screen import Driven, driven
from support.terminal import Terminal

WIDE = (200, 50)


async def _on(d: Driven, number: int) -> None:
    await d.grow(40)
    d.app.packets.list.move_to(number)
    await d.rest()


async def _to_field(d: Driven, *path: str) -> None:
    pane = d.app.packets.layers_pane
    d.app.packets.set_focus(pane)
    pane.move_to(pane.field_tree.index(path))
    await d.tick()


async def test_a_field_is_copied_as_name_value_bytes_or_expression() -> None:
    async with driven(size=WIDE) as d:
        await _on(d, 1)
        await _to_field(d, "tcp", "Destination port")
        for letter, text in (
            ("f", "Destination port: 443"),
            ("v", "443"),
            ("h", "01bb"),
            ("b", "Abs="),
            ("e", "tcp dst port 443"),
        ):
            await d.press("y", letter)
            assert d.app.clipboard == text
            assert d.app.packets.layers_pane.has_focus
        await d.press("y", "c")
        assert "unsigned char destination_port[2]" in d.app.clipboard and "copied 2 bytes" in d.text


async def test_in_the_list_it_is_the_packet() -> None:
    async with driven(size=WIDE) as d:
        await _on(d, 1)
        await d.press("y")
        assert "copy  packet 1  54 bytes" in d.text and "h hex" in d.lines[-1] and "f field" not in d.lines[-1]
        await d.press("h")
        assert d.app.clipboard == d.session.packet(1).data.hex()
        await d.press("y", "r")
        assert d.app.clipboard.startswith("1  2030-") and "10.1.0.27" in d.app.clipboard
        await d.press("y", "l")
        assert "Destination port: 443" in d.app.clipboard
        await d.press("y", "e")
        assert d.app.clipboard.startswith("tcp and ((src host 10.0.3.1 and src port")


async def test_in_the_bytes_it_is_those_that_are_lit() -> None:
    async with driven(size=WIDE) as d:
        await _on(d, 5)
        await d.press("tab", "tab", "home")
        assert d.app.packets.hex.has_focus
        await d.press("y", "h")
        assert d.app.clipboard == "02fc00000001"
        await d.press("y", "v")
        assert d.app.clipboard == "02:fc:00:00:00:01"


async def test_any_other_key_gives_up_and_does_nothing_else() -> None:
    async with driven() as d:
        await _on(d, 1)
        await d.press("y", "m")
        assert "nothing was copied" in d.text and not d.app.packets.marks
        assert d.app.packets.list.has_focus and "? help" in d.lines[-1]


async def test_what_is_too_long_for_a_terminal_is_cut_and_that_is_said() -> None:
    session = FakeSession()
    session.frames = {1: udp(1, bytes(60_000))}
    async with driven(session) as d:
        await d.grow(1)
        await d.rest()
        await d.press("y", "h")
        assert len(d.app.clipboard) == clipboard.LONGEST
        assert "74 994 of 120 084 characters copied" in d.text


async def test_a_terminal_that_may_not_take_it_is_told_of_once() -> None:
    async with driven(size=WIDE) as d:
        await _on(d, 1)
        doubts = 0
        for _ in range(2):
            await d.press("y", "r")
            await d.app.workers.wait_for_complete()
            await d.tick()
            doubts += "copied; " in d.lines[-1]
        assert doubts == 1


def test_a_copy_reaches_the_terminals_clipboard(tmp_path: Path) -> None:
    require_tool("tmux")
    data = tcp(1)
    header = pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    (tmp_path / "one.pcap").write_bytes(header + pack("<IIII", 0, 0, len(data), len(data)) + data)
    with Terminal(80, 24, folder=tmp_path) as terminal:
        terminal.take_copies()
        terminal.type(f"{' '.join(RINGSCOPE)} open one.pcap")
        terminal.wait_for("1 Packets")
        terminal.press("y", "h")
        assert "set-clipboard" not in terminal.wait_for("copied ")
        assert wait_until(lambda: terminal.copied() == data.hex())
        terminal.press("q")
