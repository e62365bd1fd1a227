# SPDX-License-Identifier: Apache-2.0
"""Columns of one's own: any field may become one, they are shown while they are typed, and outlast the session."""

from __future__ import annotations

from pathlib import Path

from support.fake_session import FakeSession
from support.screen import Driven, driven

WIDE = (140, 36)


async def _columns(d: Driven, text: str) -> None:
    await d.press("C", "ctrl+u", "ctrl+k")
    await d.write(text)
    await d.pilot.pause()


async def test_a_field_becomes_a_column_while_it_is_typed_and_escape_takes_it_back() -> None:
    async with driven(size=WIDE) as d:
        await d.grow(100)
        await _columns(d, "number, ip.TTL, tcp.Window as Win, info")
        assert d.lines[2].startswith("     No.  TTL   Win  Info")
        assert d.lines[3].startswith("      84   64        50084 → 9000") and "85   64 64128  GET" in d.lines[4]
        await d.press("escape")
        assert "Source" in d.lines[2] and "TTL" not in d.lines[2]


async def test_tab_offers_the_fields_of_the_packet_under_the_cursor() -> None:
    async with driven(size=WIDE) as d:
        await d.grow(100)
        await d.go("6")
        await d.press("C", "tab")
        assert "dns.Transaction" in d.text and "Transaction" in d.lines[2], "the innermost layer first"
        await d.press("shift+tab", "tab", "tab")
        assert "dns.Flags" in d.app.packets.columns_line.input.value
        await d.press("escape", "C", "comma")
        await d.write("reply")
        await d.press("tab")
        assert "length, dns.Reply code, info" in d.app.packets.columns_line.input.value
        await d.press("up", "up", "enter")
        assert d.lines[2].split()[4:7] == ["Reply", "code", "Proto"]


async def test_what_is_typed_behind_a_column_at_once_is_another_one() -> None:
    async with driven(size=WIDE) as d:
        await d.grow(100)
        await d.press("C")
        await d.write("tcp.Window")
        await d.pilot.pause()
        assert "protocol, length, tcp.Window, info" in d.app.packets.columns_line.input.value
        await d.press("escape", "C")
        await d.write(" as Size")
        await d.press("left", "backspace", "d", "enter")
        assert "Side" in d.lines[2], "a name, and what is typed later, stay as they are typed"


async def test_from_the_layers_a_field_becomes_a_column_by_two_keys() -> None:
    async with driven(size=WIDE) as d:
        await d.grow(100)
        await d.go("1")
        await d.rest()
        await d.press("enter")
        pane = d.app.packets.layers_pane
        while pane.node is None or pane.node.name != "Destination port":
            await d.press("down")
        await d.press("C")
        assert "length, tcp.Destination port, info" in d.app.packets.columns_line.input.value
        assert "port: 443" in d.text
        await d.press("enter")
        assert "Destination port  Info" in d.lines[2] and "443  40001 → 443" in d.lines[3]
        assert "8 columns" in d.lines[-1] and pane.has_focus


async def test_only_visible_rows_are_decoded_for_a_column_and_each_once() -> None:
    async with driven() as d:
        await d.grow(1_000_000)
        await _columns(d, "number, tcp.Window, info")
        await d.press("enter")
        d.session.reads.clear()
        await d.press("up", "up", "up")
        assert not [count for _, count in d.session.reads if count > 1]
        await d.press("home")
        assert sum(count for _, count in d.session.reads) <= 24


async def test_what_is_known_of_a_packet_beside_its_bytes_may_be_a_column_too() -> None:
    async with driven(size=WIDE) as d:
        await d.grow(100)
        await d.go("6")
        known = "number, queue, epoch, interface, captured, direction, bytes 12-13"
        await _columns(d, f"{known}, date, utc, unix time, info")
        line = next(line for line in d.lines if line.startswith("▌      6"))
        assert line[8:].split()[:9] == ["2", "1", "eth0", "92", "to", "this", "host", "86", "dd"]
        assert "2030-03-1" in line and "17:46:40" in line and "1900000000.000" in line


async def test_a_packet_without_the_field_has_an_empty_place_and_several_are_joined() -> None:
    async with driven(size=WIDE) as d:
        await d.grow(10)
        await _columns(d, "number, arp.Target IP, eth.Type, protocol, info")
        rows = {int(line[1:8]): line for line in d.lines[3:13]}
        assert "10.1.0.8" in rows[8] and "10.1.0" not in rows[7]
        assert rows[7].index("TCP") == rows[8].index("ARP ", 30)


async def test_what_means_no_column_is_explained_and_changes_nothing() -> None:
    async with driven() as d:
        await d.grow(10)
        await _columns(d, "number, sorce!, info")
        await d.press("enter")
        assert "✗" in d.text and "did you mean source?" in d.text
        await d.press("escape")
        assert "Source" in d.lines[2]


async def test_columns_and_the_format_of_times_outlast_the_session(tmp_path: Path) -> None:
    file = tmp_path / "ringscope" / "columns.toml"
    async with driven(columns=file) as d:
        await d.grow(10)
        await _columns(d, "number, time, tcp.Window as Win, info")
        await d.press("enter", "t", "t")
        await d.settle()
    assert file.is_file()
    async with driven(columns=file) as d:
        await d.grow(10)
        assert "s from first   Win  Info" in d.lines[2]
        await _columns(d, "")
        await d.press("enter")
        await d.settle()
        assert "Destination" in d.lines[2] and "Win" not in d.lines[2]


async def test_a_file_of_columns_that_is_wrong_is_one_sentence_and_the_usual_columns(tmp_path: Path) -> None:
    file = tmp_path / "columns.toml"
    file.write_text('[[column]]\nshow = "sorce"\n')
    async with driven(columns=file, size=WIDE) as d:
        await d.grow(10)
        assert "columns.toml: there is no column 'sorce'; did you mean source?" in d.lines[-1]
        assert "Source" in d.lines[2]
    assert "sorce" in file.read_text()


async def test_a_choice_that_cannot_be_kept_is_in_force_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    async with driven(columns=tmp_path / "taken" / "columns.toml", size=(200, 30)) as d:
        await d.grow(10)
        await _columns(d, "number, info")
        await d.press("enter")
        await d.settle()
        assert "is not kept" in d.lines[-1] and "Source" not in d.lines[2]


async def test_the_title_of_a_column_says_when_others_have_no_room() -> None:
    async with driven(FakeSession(), size=(60, 24)) as d:
        await d.grow(100)
        many = ", ".join(f"eth.{name}" for name in ("Source", "Destination", "Type"))
        await _columns(d, f"number, source, destination, {many}, info")
        assert "+2" in d.lines[2]
