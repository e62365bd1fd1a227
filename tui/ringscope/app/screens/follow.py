# SPDX-License-Identifier: Apache-2.0
"""The followed stream of a packet: what both sides of a TCP or UDP conversation said, over the packet list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar

from textual import on
from textual.app import ComposeResult, ScreenStackError
from textual.binding import BindingType
from textual.containers import Horizontal

from ringscope.app.commands import bindings
from ringscope.app.conversation import GLYPHS, ROLES, title
from ringscope.app.following import CannotFollow, Following
from ringscope.app.glance import Glance
from ringscope.app.look import Look
from ringscope.app.pieces import Span, fit, spaced
from ringscope.app.screens.base import Framed
from ringscope.app.sought import MODES
from ringscope.app.stream_file import PARTS
from ringscope.app.units import clock, group, packets
from ringscope.app.widgets.find_line import FindLine
from ringscope.app.widgets.prompt import Prompt
from ringscope.app.widgets.rail import Rail
from ringscope.app.widgets.rows import RowView
from ringscope.app.widgets.rule import Rule
from ringscope.app.widgets.status import Mode
from ringscope.app.widgets.stream_save_line import StreamSaveLine
from ringscope.app.widgets.stream_view import StreamView
from ringscope.capture.session import Snapshot
from ringscope.filter import Compiler

_PAUSE = 0.005
_TITLES = {"search.mode": ", ".join(MODES), "save.what": ", ".join(PARTS)}


class FollowScreen(Framed, inherit_bindings=False):
    """Follows the stream of one packet; ``to_packet`` puts the cursor of the list on another."""

    NAME = "follow"
    BINDINGS: ClassVar[list[BindingType]] = bindings("follow")
    AUTO_FOCUS = "#stream"

    def __init__(
        self, look: Look, glance: Glance, compiler: Compiler, following: Following, to_packet: Callable[[int], None]
    ) -> None:
        super().__init__(look, glance)
        self._compiler = compiler
        self._to_packet = to_packet
        self.following = following
        self._sought = following.number
        self._head = 0
        self._keys = (False, False)
        self.title_rule = Rule(look, id="heading")
        self.view = StreamView(look, id="stream")
        self._rail = Rail(look, "background")
        self.rule = Rule(look, id="rule")
        self.find_line = FindLine(look, id="search")
        self.save_line = StreamSaveLine(look, glance.session, compiler, self._left, id="save")
        self._prompts: dict[str, Prompt] = {"search": self.find_line, "save": self.save_line}

    def compose_body(self) -> ComposeResult:
        yield self.title_rule
        with Horizontal(id="list-box"):
            yield self.view
            yield self._rail
        yield self.rule
        yield from self._prompts.values()

    def on_mount(self) -> None:
        self._begin()

    async def on_unmount(self) -> None:
        self.find_line.cancel()
        self.save_line.cancel()
        await self.following.close()

    # -- following

    def _begin(self) -> None:
        self.run_worker(self._follow(self.following), group="follow")

    async def _follow(self, following: Following) -> None:
        try:
            await following.begin()
            await following.run(self._came)
        except CannotFollow as error:
            self.say(f"✗ {error}", "bad", stay=60)
            following.fault = following.fault or str(error)

    async def _lay_rest(self) -> None:
        """Lay out a long stream between two ticks."""
        while self.view.lay_on():
            await asyncio.sleep(_PAUSE)

    def _came(self) -> None:
        """The first bytes are shown at once, all others with the tick."""
        if not self.view.sheet.rows:
            self._update()

    def _switch(self, number: int) -> None:
        """Follow the stream of another packet between the same ends."""
        try:
            following = Following(self.glance.session, self._compiler, number)
        except CannotFollow as error:
            self.say(str(error), "warning")
            return
        self.find_line.cancel()
        self.run_worker(self.following.close())
        self.following, self._sought = following, number
        self._begin()

    # -- the tick

    def show_body(self, snapshot: Snapshot) -> None:
        self._head = snapshot.head
        self._update()
        self.bar.progress(self._under_way())

    def mode(self, snapshot: Snapshot) -> Mode:
        return Mode(self.view.following or not self.glance.is_live)

    def _update(self) -> None:
        following, view = self.following, self.view
        growing = not following.finished
        if view.growing != growing:
            view.growing = growing
            view.redraw()
        if following.taken:
            view.update_stream(following.stream)
        if self._sought and view.sheet.rows:
            passed = following.finished or following.full or self._passed(following)
            if view.want_packet(self._sought, near=passed) or passed:
                self._sought = 0
        if not view.sheet.rows:
            view.wait_for(*self._waiting())
        if not view.sheet.whole:
            self.run_worker(self._lay_rest(), group="lay", exclusive=True)
        if self._keys != (keys := (following.finished, view.following)):
            self._keys = keys
            self.name_keys()
        self._name_parts()

    def _passed(self, following: Following) -> bool:
        """Whether the packet that was asked for has been met, and has no bytes of its own."""
        return following.looked >= following.number and not following.left

    def _waiting(self) -> tuple[str, ...]:
        following = self.following
        if following.fault:
            return ("The stream cannot be followed.", following.fault)
        if following.finished:
            return (f"Nothing was sent in this conversation: {packets(following.stream.packets)} without a byte.",)
        return ("Looking for its packets:", following.expression or "all packets are looked into")

    def _name_parts(self) -> None:
        width = self.size.width
        forms = fit(title(self.following), max(10, width - 4), 2)
        self.title_rule.divide((width, spaced(forms, 2)))
        self.rule.divide((width, self._place_spans()))

    def _place_spans(self) -> list[Span]:
        view = self.view
        line = view.line_under_cursor
        kind = "Text" if view.sheet.text else "Bytes"
        spans: list[Span] = [(kind, "accent")]
        if line is None:
            return spans
        number = view.number
        if line.run.is_bytes:
            side = line.run.side or 0
            spans += [("  ", "dim"), (f"{GLYPHS[side]} {ROLES[side]}", ROLES[side])]
            spans.append((f" byte {group(line.place + view.column + 1)}", "text"))
        if number:
            found = self.glance.session.read(number, 1, 1)
            when = (
                f" at {clock(found[0].time_ns, 15 if self.size.width >= 100 else 12)}" if found else ", evicted since"
            )
            spans += [("  packet ", "dim"), (group(number), "text"), (when, "dim")]
        spans.append((f"  Tab: {'bytes' if view.sheet.text else 'text'}", "dim"))
        if self.following.part_before or self.following.part_after:
            spans.append(("  [ ]: other parts", "dim"))
        return spans

    def _under_way(self) -> tuple[str, float | None] | None:
        following = self.following
        found = self.save_line.told() or self.find_line.told()
        if found is not None or following.finished or following.stopped or following.full:
            return found
        behind = self._head - following.looked
        if following.left > 1000 or (behind > 100_000 and not self.glance.is_live):
            share = min(1.0, following.looked / max(1, self._head)) * (following.taken / max(1, following.found))
            return f"following, {packets(following.taken)}", share
        return None

    # -- news

    @on(StreamView.Moved)
    def _moved(self) -> None:
        self._name_parts()

    @on(RowView.Scrolled)
    def _scrolled(self, event: RowView.Scrolled) -> None:
        if event.view is self.view:
            self._rail.follow(self.view)

    @on(Prompt.Closed)
    def _prompt_closed(self) -> None:
        self.set_focus(self.view)

    def on_descendant_focus(self) -> None:
        self.name_keys()

    def name_keys(self) -> None:
        for place, prompt in self._prompts.items():
            if self.focused is prompt.input:
                self.bar.at(place, hidden=frozenset(), titles=_TITLES, typing=True)
                return
        titles = {"follow.form": "bytes" if self.view.sheet.text else "text"}
        hidden = frozenset({"stream.end"}) if self.following.finished or self.view.following else frozenset()
        self.bar.at("follow", "stream", "everywhere", hidden=hidden, titles=titles)

    # -- commands

    def action_form(self) -> None:
        self.view.turn()
        self._name_parts()
        self.name_keys()

    def action_to_packet(self) -> None:
        if self.save_line.told() is not None:
            self.say("a file is still being written; Esc ends that", "warning")
            return
        number = self.view.number
        if not number:
            self.say("this line is of no packet")
            return
        if not self.glance.session.read(number, 1, 1):
            self.say(f"packet {group(number)} is not kept any more", "warning")
            return
        self.app.pop_screen()
        self._to_packet(number)

    def action_search(self) -> None:
        self.say("")
        self.find_line.ask(self.view.sheet, self.view.at)

    def action_again(self, forward: bool) -> None:
        self.say("")
        if not self.find_line.again(self.view.sheet, self.view.at, forward=forward):
            self.say("nothing was searched for so far; / searches")

    @on(FindLine.Found)
    def _found(self, event: FindLine.Found) -> None:
        if event.around:
            self.say(f"went round the {'end' if event.forward else 'beginning'} of the stream", "warning")
        self.view.light(event.at, event.stop_at)
        self._name_parts()

    @on(FindLine.Nothing)
    def _nothing(self, event: FindLine.Nothing) -> None:
        self.say(f"not found: {event.what.text}", "warning")

    def action_save(self) -> None:
        self.say("")
        self.save_line.ask(self.following.number)

    @on(StreamSaveLine.Ended)
    def _saved(self, event: StreamSaveLine.Ended) -> None:
        self.bar.progress(self._under_way())
        self.say(event.said, event.role, stay=15)

    def _left(self, said: str) -> None:
        """This screen is gone; where the program ends, nobody is there to be told."""
        with suppress(ScreenStackError):
            self.say(said, "warning")

    def action_part(self, forward: bool) -> None:
        number = self.following.part_after if forward else self.following.part_before
        if number:
            self._switch(number)
        else:
            self.say(f"there is nothing {'behind' if forward else 'before'} this between these ports")

    def action_back(self) -> None:
        if not self._stop():
            super().action_back()

    def _stop(self) -> bool:
        """End what is under way and shown to be. Whether there was anything."""
        shown = self._under_way() is not None
        if self.save_line.cancel():
            self.say("the file is not written")
        elif self.find_line.cancel():
            self.say("the search was ended")
        elif shown and self.following.stop():
            self.say("reading was ended; what follows is not here", "warning")
        else:
            return False
        self.bar.progress(self._under_way())
        return True

    def back(self) -> None:
        self.app.pop_screen()
