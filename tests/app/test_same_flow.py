# SPDX-License-Identifier: Apache-2.0
"""From packet to packet of one flow. The fake view takes every hundredth packet for a flow."""

from __future__ import annotations

from support.fake_session import FakeSession
from support.screen import Driven, driven


async def _press(d: Driven, key: str) -> None:
    await d.press(key)
    await d.settle()


async def test_the_next_and_the_one_before_are_gone_to_and_numbered() -> None:
    async with driven() as d:
        await d.grow(1000)
        await d.go("200")
        for key, there, place in (("full_stop", 300, 3), ("full_stop", 400, 4), ("comma", 300, 3), ("comma", 200, 2)):
            await _press(d, key)
            assert d.app.packets.list.number == there
            assert f"packet {there}, {place} of 10 in this flow" in d.lines[-1] and "round" not in d.lines[-1]
        assert len([view for view in d.session.views if not view.closed]) >= 1


async def test_behind_the_end_it_goes_round_and_says_so() -> None:
    async with driven() as d:
        await d.grow(1000)
        await d.go("1000")
        await _press(d, "full_stop")
        assert d.app.packets.list.number == 100 and "went round the end" in d.lines[-1]
        await _press(d, "comma")
        assert d.app.packets.list.number == 1000 and "went round the beginning" in d.lines[-1]


async def test_only_packets_that_the_view_shows_are_gone_to() -> None:
    async with driven() as d:
        await d.grow(1000)
        await d.press("v")
        await d.write("arp")
        await d.press("enter")
        await d.pilot.pause(0.2)
        await d.settle()
        await d.press("home")
        await _press(d, "full_stop")
        assert "packet 8 is the only one of its flow that the view shows" in d.lines[-1]
        assert d.app.packets.list.number == 8


async def test_a_packet_without_addresses_has_no_flow() -> None:
    session = FakeSession()
    session.frames = {5: b"\xff" * 7}
    async with driven(session) as d:
        await d.grow(10)
        await d.go("5")
        await _press(d, "full_stop")
        assert "packet 5 has no addresses that make a flow" in d.lines[-1]


async def test_while_the_flow_is_looked_for_the_screen_goes_on_and_escape_ends_it() -> None:
    async with driven() as d:
        await d.grow(1000)
        d.session.held = 150
        await d.go("200")
        await d.press("full_stop")
        await d.pilot.pause(0.1)
        await d.tick()
        assert "looking for this flow" in d.lines[-1]
        await d.press("escape")
        await d.settle()
        assert "not looked for any more" in d.lines[-1] and d.app.packets.list.number == 200
