# SPDX-License-Identifier: Apache-2.0
"""Layers and bytes: decoded at rest, linked both ways, folded the same for every packet."""

from __future__ import annotations

from support.fake_session import FakeSession, udp
from support.screen import Driven, driven

WIDE = (200, 50)


async def _on(d: Driven, number: int) -> None:
    await d.grow(40)
    d.app.packets.list.move_to(number)
    await d.rest()


async def test_the_packet_under_a_resting_cursor_is_shown_in_layers_and_bytes() -> None:
    async with driven(size=WIDE) as d:
        await _on(d, 12)
        assert "Layers of 12" in d.text
        assert "Frame 12" in d.text and "db1.internal" in d.text
        assert "0000  02 fc 00 00 00 01 02 fc  00 00 00 02 08 00 45 00  ..............E." in d.text


async def test_selecting_a_field_lights_its_bytes() -> None:
    async with driven(size=WIDE) as d:
        await _on(d, 1)
        await d.press("enter")
        pane = d.app.packets.layers_pane
        assert pane.has_focus
        while pane.node is None or pane.node.name != "Destination port":
            await d.press("down")
        assert d.app.packets.hex.lit == range(36, 38)
        assert "[01 bb]" in d.text
        assert "36-37 of 54" in d.text and "Destination port" in d.text


async def test_moving_in_the_bytes_selects_the_field_they_belong_to() -> None:
    async with driven(size=WIDE) as d:
        await _on(d, 1)
        await d.press("tab", "tab")
        hex_view, pane = d.app.packets.hex, d.app.packets.layers_pane
        assert hex_view.has_focus
        await d.press("home")
        for _ in range(26):
            await d.press("l")
        assert hex_view.byte == 26
        assert pane.node is not None and pane.node.covers(26) and pane.node.path[0] == "ip"
        assert hex_view.lit == range(26, 30)


async def test_what_is_open_stays_open_from_packet_to_packet() -> None:
    async with driven(size=WIDE) as d:
        await _on(d, 1)
        await d.press("enter")
        pane = d.app.packets.layers_pane
        pane.move_to(pane.field_tree.index(("eth",)))
        await d.press("l")
        assert any(node.path[0] == "eth" and node.depth == 1 for node in pane.field_tree.visible)
        d.app.packets.list.move_to(3)
        await d.rest()
        assert any(node.path[0] == "eth" and node.depth == 1 for node in pane.field_tree.visible)
        assert pane.node is not None and pane.node.path == ("eth",)


async def test_enter_goes_deeper_and_escape_comes_back() -> None:
    async with driven() as d:
        await _on(d, 1)
        screen = d.app.packets
        await d.press("enter")
        assert screen.layers_pane.has_focus
        await d.press("down", "enter")
        assert screen.hex.has_focus and "Bytes" in d.text
        await d.press("escape")
        assert screen.layers_pane.has_focus and "Layers" in d.text
        await d.press("escape")
        assert screen.list.has_focus


async def test_on_a_small_screen_tab_turns_the_pane_from_layers_to_bytes_to_none() -> None:
    async with driven(size=(80, 24)) as d:
        await _on(d, 1)
        assert "─ Layers" in d.text
        rows = d.app.packets.list.page
        await d.press("tab")
        assert "─ Bytes" in d.text and " 0000 " in d.text
        await d.press("tab")
        assert "─ Layers" not in d.text and "─ Bytes" not in d.text
        assert d.app.packets.list.page > rows
        await d.press("tab")
        assert "─ Layers" in d.text


async def test_on_a_large_screen_layers_and_bytes_stand_side_by_side() -> None:
    async with driven(size=(120, 36)) as d:
        await _on(d, 1)
        line = next(line for line in d.lines if "Layers of" in line)
        assert "Bytes" in line


async def test_while_following_the_cursors_packet_is_decoded_only_now_and_then() -> None:
    async with driven() as d:
        await d.grow(1000)
        await d.rest()
        d.session.reads.clear()
        for _ in range(3):
            await d.grow(1000)
        assert [count for _, count in d.session.reads].count(1) <= 1


async def test_a_field_without_bytes_lights_nothing() -> None:
    async with driven(size=WIDE) as d:
        await _on(d, 1)
        await d.press("enter", "home")
        assert not d.app.packets.hex.lit


async def test_a_packet_that_is_gone_when_the_cursor_rests_leaves_the_last_one_on_show() -> None:
    session = FakeSession(capacity=10)
    async with driven(session) as d:
        await d.grow(10)
        await d.rest()
        session.grow(1000)
        await d.press("up")
        await d.tick()
        assert "Layers of" in d.text


async def test_a_click_on_the_marker_folds_and_unfolds() -> None:
    async with driven(size=WIDE) as d:
        await _on(d, 1)
        pane = d.app.packets.layers_pane
        assert "Source port" in d.text
        line = next(index for index, node in enumerate(pane.field_tree.visible) if node.path == ("tcp",))
        await d.pilot.click("#layers", offset=(1, line - pane.top))
        assert "Source port" not in d.text
        await d.pilot.click("#layers", offset=(1, line - pane.top))
        assert "Source port" in d.text


async def test_a_click_on_a_byte_selects_its_field() -> None:
    async with driven(size=WIDE) as d:
        await _on(d, 1)
        for offset in ((7 + 3 * 12 + 1, 0), (7 + 3 * 16 + 2 + 12, 0)):
            d.app.packets.hex.go_to(0)
            await d.pilot.click("#bytes", offset=offset)
            assert d.app.packets.hex.byte == 12
            node = d.app.packets.layers_pane.node
            assert node is not None and node.path == ("eth", "Type")


async def test_the_rail_is_a_scroll_bar() -> None:
    async with driven() as d:
        await d.grow(100_000)
        rail = d.app.packets.query("Rail").first()
        await d.pilot.click(rail, offset=(0, 0))
        packets = d.app.packets.list
        assert packets.top == 1 and not packets.following
        await d.pilot.click(rail, offset=(0, rail.size.height - 1))
        assert packets.top + packets.page - 1 == 100_000


async def test_a_jumbo_of_more_than_64_kib_has_room_for_its_offsets() -> None:
    session = FakeSession()
    session.frames = {1: udp(1, bytes(60_000)) + bytes(10_000)}
    async with driven(session, size=WIDE) as d:
        await d.grow(1)
        await d.rest()
        hex_view = d.app.packets.hex
        hex_view.focus()
        await d.press("end")
        assert hex_view.byte == len(session.frames[1]) - 1
        assert f"▌{hex_view.byte // 16 * 16:05x}" in d.text
        assert {sum(segment.cell_length for segment in line) for line in d.segments()} == {200}


async def test_opening_a_packet_holds_it_while_others_come() -> None:
    async with driven() as d:
        await d.grow(100)
        await d.press("enter")
        await d.rest()
        await d.grow(500)
        await d.rest()
        assert d.app.packets.list.cursor == d.app.packets.shown_in_detail == 100
        assert "End: live" in d.lines[0]
