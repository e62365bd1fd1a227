# SPDX-License-Identifier: Apache-2.0
"""A filter made of what is under the cursor: seen before it is used, in the line where it can be changed."""

from __future__ import annotations

from support.fake_session import FakeSession
from support.screen import Driven, driven

WIDE = (200, 50)


async def _on_port(d: Driven) -> None:
    await d.grow(40)
    d.app.packets.list.move_to(1)
    await d.rest()
    pane = d.app.packets.layers_pane
    d.app.packets.set_focus(pane)
    pane.move_to(pane.field_tree.index(("tcp", "Destination port")))
    await d.tick()


async def _compiled(d: Driven) -> None:
    for _ in range(100):
        await d.pilot.pause(0.01)
        await d.tick()
        if d.session.views and "✓" in d.text:
            return
    raise AssertionError(d.text)


async def test_a_view_is_shown_at_once_and_kept_by_enter() -> None:
    async with driven(size=WIDE) as d:
        await _on_port(d)
        await d.press("a")
        assert "filter  tcp dst port 443" in d.text and "x hide" in d.lines[-1]
        await d.press("v")
        await _compiled(d)
        assert d.app.packets.view_line.input.value == "tcp dst port 443"
        assert d.session.views[-1].started[-1] == "tcp dst port 443"
        await d.press("enter")
        await d.app.workers.wait_for_complete()
        await d.press("home", "end")
        assert d.app.packets._viewing.in_force == "tcp dst port 443"


async def test_it_is_joined_to_the_view_in_force() -> None:
    async with driven(size=WIDE) as d:
        await d.app.packets.view("tcp")
        await _on_port(d)
        await d.press("a", "x")
        assert d.app.packets.view_line.input.value == "tcp and not tcp dst port 443"
        await d.press("escape")
        assert d.app.packets._viewing.in_force == "tcp" and d.app.packets.layers_pane.has_focus


async def test_a_capture_filter_waits_for_enter() -> None:
    async with driven(size=WIDE) as d:
        await _on_port(d)
        await d.press("a", "X")
        assert d.app.packets.filter_line.input.value == "not tcp dst port 443"
        assert d.session.filter_expression == ""


async def test_in_the_list_it_is_the_flow() -> None:
    async with driven(size=WIDE) as d:
        await d.grow(40)
        d.app.packets.list.move_to(1)
        await d.press("a")
        assert "filter  tcp and ((src host 10.0.3.1 and src port" in d.text
        await d.press("escape")
        assert "no filter was made" in d.text and d.app.packets.list.has_focus


async def test_of_a_file_only_the_view_can_be_changed() -> None:
    async with driven(FakeSession(kind="file"), size=WIDE) as d:
        await _on_port(d)
        await d.press("a")
        assert "v view" in d.lines[-1] and "f capture" not in d.lines[-1]
        await d.press("f")
        assert "no filter was made" in d.text


async def test_where_there_is_none_the_reason_is_said() -> None:
    async with driven(size=WIDE) as d:
        await _on_port(d)
        await d.press("home", "l", "down", "a")
        assert "no filter for Number: it is not in the bytes of the packet" in d.text
