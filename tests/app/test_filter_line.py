# SPDX-License-Identifier: Apache-2.0
"""The capture filter line: compiles while typing, attaches on Enter, breaks nothing."""

from __future__ import annotations

from textual import events

from support.fake_session import FakeCompiler
from support.screen import Driven, driven


async def _settle(d: Driven) -> None:
    await d.pilot.pause(0.2)
    await d.app.workers.wait_for_complete()
    await d.tick()


async def test_it_says_how_many_instructions_a_right_expression_has_while_it_is_typed() -> None:
    async with driven() as d:
        await d.press("f")
        await d.write("tcp port 443")
        await _settle(d)
        assert "✓ compiles, 4 instructions" in d.text
        assert d.session.filter_expression == ""


async def test_it_shows_libpcaps_own_message_when_the_expression_is_wrong() -> None:
    async with driven() as d:
        await d.press("f")
        await d.write("wrong")
        await _settle(d)
        assert "✗ can't parse filter expression: syntax error" in d.text


async def test_a_host_is_not_looked_up_before_enter() -> None:
    async with driven() as d:
        await d.press("f")
        await d.write("host www.example.net")
        await _settle(d)
        assert "✓ compiles; on Enter looks up www.example.net" in d.text
        await d.press("enter")
        await _settle(d)
        assert d.session.filter_expression == "host www.example.net"


async def test_keys_in_quick_succession_compile_once() -> None:
    async with driven() as d:
        await d.press("f")
        await _settle(d)
        d.compiler.compiled.clear()
        await d.write("tcp")
        await _settle(d)
        assert d.compiler.compiled == ["tcp"]


async def test_enter_attaches_to_the_running_capture_and_says_which_epoch_began() -> None:
    async with driven() as d:
        await d.grow(100)
        await d.press("f")
        await d.write("udp")
        await d.press("enter")
        await _settle(d)
        assert d.session.filter_expression == "udp"
        assert "epoch 2" in d.lines[-1]
        assert d.app.packets.list.has_focus
        assert "filter: udp" in d.lines[0] and "(epoch 2, nothing yet)" in d.lines[0]
        await d.grow(10)
        assert "(epoch 2, from 101)" in d.lines[0]


async def test_a_bad_filter_leaves_the_old_one_in_force() -> None:
    async with driven() as d:
        d.session.filter_expression = "tcp"
        await d.press("f")
        await d.write(" wrong")
        await d.press("enter")
        await _settle(d)
        assert d.session.filter_expression == "tcp"
        assert "syntax error" in d.text and d.app.packets.filter_line.is_open
        assert "filter: tcp " in d.lines[0]


async def test_a_filter_the_kernel_refuses_leaves_the_old_one_in_force() -> None:
    async with driven() as d:
        d.session.filter_expression = "tcp"
        d.session.refusal = "the kernel refused the program: out of memory"
        await d.press("f")
        await d.write(" port 1")
        await d.press("enter")
        await _settle(d)
        assert d.session.filter_expression == "tcp"
        assert "the kernel refused" in d.text and "stays" in d.text


async def test_escape_gives_up() -> None:
    async with driven() as d:
        d.session.filter_expression = "tcp"
        await d.press("f")
        await d.write(" or udp")
        await d.press("escape")
        assert d.session.filter_expression == "tcp"
        assert not d.app.packets.filter_line.is_open and d.app.packets.list.has_focus
        await d.press("f")
        assert d.app.packets.filter_line.input.value == "tcp"


async def test_up_and_down_go_through_the_filters_used_before() -> None:
    async with driven() as d:
        for expression in ("tcp", "udp"):
            await d.press("f", "ctrl+u")
            await d.write(expression)
            await d.press("enter")
            await _settle(d)
        await d.press("f", "up", "up")
        assert d.app.packets.filter_line.input.value == "tcp"
        await d.press("down")
        assert d.app.packets.filter_line.input.value == "udp"


async def test_letters_that_are_commands_elsewhere_are_text_here() -> None:
    async with driven() as d:
        await d.press("f")
        await d.write("q T g")
        assert d.app.packets.filter_line.input.value == "q T g"
        assert "Ctrl+C" in d.lines[-1] and "q quit" not in d.lines[-1]


async def test_a_program_that_cannot_see_stripped_vlan_tags_says_so() -> None:
    async with driven(compiler=FakeCompiler(mode="offline")) as d:
        await d.press("f")
        await d.write("vlan 5")
        await _settle(d)
        assert "✓ compiles, 3 instructions; VLAN tags that the kernel takes out are not seen" in d.text


async def test_a_verdict_is_never_about_the_text_before() -> None:
    async with driven() as d:
        await d.press("f")
        await d.write("tcp")
        await _settle(d)
        assert "✓ compiles, 2 instructions" in d.text
        await d.pilot.press("x")
        for _ in range(200):
            if "tcpx" in d.text:
                break
            await d.pilot.pause(0.01)
        assert "tcpx" in d.text and "✓" not in d.text


async def test_a_filter_of_several_lines_is_pasted_whole() -> None:
    async with driven() as d:
        await d.press("f")
        d.app.packets.filter_line.input.post_message(events.Paste("tcp port 80\nor udp port 53\n"))
        await _settle(d)
        assert d.app.packets.filter_line.input.value == "tcp port 80 or udp port 53"


async def test_what_a_slow_link_delivers_in_one_piece_is_typed_not_obeyed() -> None:
    async with driven() as d:
        await d.grow(100)
        _deliver(d, "f", *"tcp q j T", "home", *"x ", "end", "left", "ctrl+k", *"g", "enter")
        await _settle(d)
        assert d.session.filter_expression == "x tcp q j g"
        assert d.app.is_running and d.app.packets.list.cursor == 100


async def test_what_enter_found_is_not_talked_over_by_the_letter_before_it() -> None:
    async with driven() as d:
        d.session.refusal = "refused"
        _deliver(d, "f", *"tcp", "enter")
        await _settle(d)
        await _settle(d)
        assert "✗ refused; the filter in force stays" in d.text


async def test_behind_escape_keys_are_commands_again() -> None:
    async with driven() as d:
        await d.grow(100)
        _deliver(d, "f", *"udp", "escape", "T", "f", *"tcp")
        await _settle(d)
        assert d.app.packets.filter_line.input.value == "tcp"


async def test_a_long_answer_is_shown_to_its_end_where_the_cure_stands() -> None:
    async with driven(size=(80, 24)) as d:
        await d.press("f")
        await _settle(d)
        d.app.packets.filter_line.answer.say(
            " ✗ unknown host 'a' (Temporary failure in name resolution; " * 2 + "cure)"
        )
        await _settle_layout(d)
        assert "cure)" in d.text
        d.app.packets.filter_line.answer.say(" ✓")
        await _settle_layout(d)
        assert d.app.packets.filter_line.size.height == 2


async def _settle_layout(d: Driven) -> None:
    await d.pilot.pause()
    await d.pilot.pause()


def _deliver(d: Driven, *keys: str) -> None:
    """Keys as they come out of one read: all of them before any is acted on."""
    for key in keys:
        name = "space" if key == " " else key
        d.app.post_message(events.Key(name, key if len(key) == 1 else None))
