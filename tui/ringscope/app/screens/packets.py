# SPDX-License-Identifier: Apache-2.0
"""Screen 1, Packets: what it shows of a session at each tick, and what its keys do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on

from ringscope.app.detail import Detail
from ringscope.app.glance import Glance
from ringscope.app.listed import ListNotes
from ringscope.app.look import Look
from ringscope.app.numbers import Number
from ringscope.app.packet_numbers import packet_numbers
from ringscope.app.programs import Programs, compile_all
from ringscope.app.screens.copying import Copying
from ringscope.app.screens.deepening import Deepening
from ringscope.app.screens.flowing import Flowing
from ringscope.app.screens.selecting import Selecting
from ringscope.app.units import group, seconds
from ringscope.app.widgets.packet_list import PacketList, evicted_notice
from ringscope.app.widgets.prompt import Prompt
from ringscope.app.widgets.status import Mode
from ringscope.capture.session import CaptureError, Snapshot
from ringscope.filter import Compiler, FilterError

if TYPE_CHECKING:
    from ringscope.app.widgets.filter_line import FilterLine
    from ringscope.app.widgets.save_line import SaveLine
    from ringscope.app.widgets.view_line import ViewLine


class PacketsScreen(Copying, Selecting, Deepening, Flowing):
    """Gets one snapshot a tick by ``show``; reads rows and the packet under the cursor by itself.

    ``kept_in`` is the file that the chosen columns are kept in; None: they are not.
    """

    def __init__(self, look: Look, glance: Glance, compiler: Compiler, kept_in: Path | None = None) -> None:
        super().__init__(look, glance, compiler, kept_in)
        session = glance.session
        self._compiler = compiler
        self.meters = glance.meters
        self.reading = glance.reading
        self._notes = ListNotes(glance.epochs, self._viewing)
        self._detail = Detail(session, glance.memory)
        self._rows = self._viewing.rows
        self._paused_at = 0
        self._gone_to = (0, -1)  # the packet a person went to last, whatever views were tried since; and that move
        self._wanted = (0, 0)
        self._prompts: Mapping[str, Prompt] = {}
        """The lines that are typed into, as soon as they are mounted."""
        self._completing = asyncio.Lock()
        if self.reading.is_file:
            self.list.following = False

    async def complete(self) -> None:
        """Make and mount the lines that are typed into. The first frame shows none, and is there a tenth sooner without
        them."""
        async with self._completing:
            if self.is_attached and not self._prompts:  # it may have been ended by then
                made: dict[str, Prompt] = {
                    "filter": self.filter_line,
                    "view": self.view_line,
                    "search": self.search_line,
                    "save": self.save_line,
                    "goto": self.goto_line,
                    "columns": self.columns_line,
                    "order": self.order_line,
                }
                await self.mount(*made.values(), before=self.chooser)
                self._prompts = made

    @cached_property
    def filter_line(self) -> FilterLine:
        from ringscope.app.widgets.filter_line import FilterLine

        return FilterLine(self.look, self._session, self._compiler, id="filter")

    @cached_property
    def view_line(self) -> ViewLine:
        from ringscope.app.widgets.view_line import ViewLine

        return ViewLine(self.look, self._session, self._compiler, self._viewing, id="view")

    @cached_property
    def save_line(self) -> SaveLine:
        from ringscope.app.widgets.save_line import SaveLine

        return SaveLine(self.look, self._session, self._compiler, self._viewing, self.marks, id="save")

    @property
    def shown_in_detail(self) -> int:
        return self._detail.number

    def on_unmount(self) -> None:
        # Their threads are waited for when the event loop ends.
        if self._prompts:
            self.search_line.cancel()
            self.save_line.cancel(lasting=True)
        self.cancel_sort()
        self.same_flow.close()
        self.forget_deep()
        self._viewing.close()

    # -- the tick

    def show_body(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        if self._paused_at and self._paused_at < snapshot.tail:
            self.action_pause()
            self.say("everything that was held still has been evicted; the list goes on", "warning")
        self._show_rows(snapshot)
        self.marks.forget_before(snapshot.tail)
        self.keep_up(snapshot)
        notes = self._notes.news()
        if notes is not None:
            self.list.annotate(notes)
        if self._prompts:
            self.view_line.progress(snapshot.tail, snapshot.head)
        self.bar.progress(self._under_way())
        self._show_detail()
        if self._viewing.outdated() is not None:
            self.run_worker(self._amend_view(), group="amend", exclusive=True)

    def mode(self, snapshot: Snapshot) -> Mode:
        newer = snapshot.head - self._paused_at if self._paused_at else 0
        return Mode(self.list.following, bool(self._paused_at), newer)

    def _show_rows(self, snapshot: Snapshot) -> None:
        rows, packets = self._viewing.rows, self.list
        head = self._paused_at or snapshot.head
        first, last = rows.extent(snapshot.tail, head) if head else (1, 0)
        if rows is not self._rows:
            self._rows = rows
            if packets.moves != self._gone_to[1]:
                self._gone_to = packets.number_shown, packets.moves
            self._wanted = (0, 0) if packets.following else self._gone_to
            packets.show_rows(rows, first, last, head)
        else:
            packets.extend(first, last, head)
        self._keep_place()
        if not packets.count:
            packets.wait_for(*self._waiting_for(snapshot))

    def _keep_place(self) -> None:
        """While a view is still being looked through, the cursor waits for its packet, or the one nearest to it."""
        number, moves = self._wanted
        if number and self.list.count:
            if self.list.moves == moves:
                self.list.put_cursor(self._rows.nearest(number))
            if self.list.moves != moves or self._rows.settled(number):
                self._wanted = (0, 0)

    def _under_way(self) -> tuple[str, float | None] | None:
        lines = (self.save_line.told() or self.search_line.told()) if self._prompts else None
        return lines or self.sort_told() or self.same_flow.told() or self.reading.told()

    def _waiting_for(self, snapshot: Snapshot) -> tuple[str, ...]:
        session, waiting = self._session, snapshot.time - self.meters.began
        waited = f" for {seconds(waiting)}" if waiting >= 2 else ""
        if self._viewing.expression and snapshot.head:
            told = self._viewing.told(snapshot.tail, snapshot.head)
            cure = "v changes the view; an empty one shows all packets."
            return (f"Nothing passes the view: {self._viewing.expression}", f"{told}.", "", cure)
        if self.reading.is_file:
            return (f"{session.interface} has no packet.",) if not self.reading.busy else ("Reading.",)
        if self.reading.is_pipe:
            ended = self.reading.loading is None or self.reading.loading.state not in ("reading", "waiting")
            return ("The pipe ended without a packet.",) if ended else (f"Nothing has come yet{waited}.",)
        if snapshot.state != "running":
            return (f"{session.interface}: {snapshot.state_text or snapshot.state}", "Nothing has arrived so far.")
        if session.filter_expression:
            return (
                f"Listening on {session.interface} with the capture filter: {session.filter_expression}",
                f"Nothing has matched yet{waited}.",
                "",
                "f changes the filter; an empty one shows everything that passes.",
            )
        return (
            f"Listening on {session.interface}, no capture filter.",
            f"Nothing has arrived yet{waited}.",
        )

    def _show_detail(self) -> None:
        packets = self.list
        if not packets.count or not self.lower_shown:
            return
        number = packets.number
        if self._detail.due(number, packets.moves, following=packets.following and not self._paused_at):
            decoded = self._detail.decode(number)
            if decoded is not None:
                packet, layers = decoded
                self.forget_deep()
                self.hex.show(packet.data)
                self.layers_pane.show(layers)
                self.light(self.layers_pane.node)
                self.light_hit()

    def name_keys(self) -> None:
        focused, hidden = self.focused, set()
        titles = {"packets.pause": "go on" if self._paused_at else "pause"}
        if self.list.following:
            hidden.add("list.follow")
        if not self.wide:
            # The line above the lower pane says it; room is short.
            hidden |= {"packets.pane", "packets.follow", "app.provenance", "packets.deep"}
            in_packet = focused in (self.layers_pane, self.hex)
            hidden |= (
                {"packets.pause", "packets.mark", "packets.save"}
                if in_packet
                else {"packets.as_filter", "packets.copy"}
            )
        if not self._session.can_filter:
            hidden.add("packets.filter")
        if self.reading.is_file:
            hidden.add("packets.pause")  # nothing comes that could be held still
        if self.reading.is_file or self._viewing.picture is not None:
            titles["list.follow"] = "last"
        for place, prompt in self._prompts.items():
            if focused is prompt.input:
                self.bar.at(place, hidden=frozenset(), titles={}, typing=True)
                return
        place = "layers" if focused is self.layers_pane else "bytes" if focused is self.hex else "list"
        if self.values_shown:
            place = "values"
        self.bar.at("packets", place, "everywhere", hidden=frozenset(hidden), titles=titles)

    @on(PacketList.Evicted)
    def _evicted(self, event: PacketList.Evicted) -> None:
        self.say(evicted_notice(event.number, event.oldest), "warning")

    def numbers(self) -> tuple[Sequence[Number], int]:
        packets = self._session.read(self.list.number, 1, 1) if self.list.count else []
        return (*super().numbers()[0], *(number for packet in packets for number in packet_numbers(packet))), 0

    # -- commands: stop, seen, back

    def action_back(self) -> None:
        if not self._stop():
            super().action_back()

    def back(self) -> None:
        if self.focused is self.list:
            self.say("nothing is open here; q quits")
        self.pane_back()

    def _stop(self) -> bool:
        """End what is under way and shown to be, one thing at a time. Whether there was anything."""
        if self.save_line.cancel():
            self.say("the file is not written")
        elif self.search_line.cancel():
            self.say("the search was ended")
        elif self.cancel_sort():
            self.say("sorting was ended; the list is as it was")
        elif self.same_flow.cancel():
            self.say("the flow is not looked for any more")
        elif self.reading.cancel():
            self.say("reading was ended; what follows in the file is not here", "warning")
        else:
            return False
        self.bar.progress(self._under_way())
        return True

    def action_pause(self) -> None:
        if self.reading.is_file:
            self.say("a file stands still by itself")
            return
        if self._snapshot is None or not self._snapshot.head:
            self.say("there is nothing to hold still yet")
            return
        self._paused_at = 0 if self._paused_at else self._snapshot.head
        if self._paused_at:
            self.say(f"the list holds still at packet {group(self._paused_at)}; the capture goes on")
        else:
            self.say("")
        self.name_keys()

    # -- commands: filters

    def action_filter(self) -> None:
        if not self._session.can_filter:
            self.action_view()
            self.say("captured already: nothing can be kept out any more; a view hides what does not pass", "warning")
            return
        self.say("")
        self.filter_line.edit()

    def action_view(self) -> None:
        self.search_line.cancel()
        self.say("")
        self.view_line.edit()

    async def view(self, expression: str) -> None:
        """Put a view in force, as if it had been typed."""
        try:
            programs = await self._compiled(expression)
        except FilterError as error:
            self.say(f"✗ the view {expression!r}: {error}", "bad", stay=60)
            return
        self._viewing.attempt(programs if expression.strip() else None)
        self._viewing.keep()
        self.show_now()

    async def _amend_view(self) -> None:
        """Packets of another link type have come: the view is compiled for them, too."""
        expression = self._viewing.outdated()
        if expression is not None:
            try:
                self._viewing.amend(await self._compiled(expression))
            except FilterError as error:
                self.say(f"✗ the view {expression!r}: {error}", "bad")

    async def _compiled(self, expression: str) -> Programs:
        from ringscope.app.widgets.expression_line import ENTERED

        return await asyncio.to_thread(compile_all, self._compiler, self._session, expression, timeout=ENTERED)

    def on_view_line_changed(self) -> None:
        self.show_now()

    def show_now(self) -> None:
        if self._snapshot is not None:
            self.show(self._snapshot)

    def on_view_line_kept(self) -> None:
        expression = self._viewing.in_force
        said = f"view: {expression}; what does not pass is hidden, not lost" if expression else "no view: all packets"
        self.say(said, "view")

    def on_filter_line_attached(self, event: FilterLine.Attached) -> None:
        what = f"capture filter in force: {event.expression}" if event.expression else "no filter: every packet is kept"
        self.say(f"{what}  (epoch {event.epoch})", "filter")

    # -- commands: the stream

    def action_follow(self) -> None:
        # Not above: the first packets are on the screen before anybody wants to follow one.
        from ringscope.app.following import CannotFollow, Following
        from ringscope.app.screens.follow import FollowScreen

        if not self.list.count:
            self.say("there is no packet to follow yet")
            return
        try:
            following = Following(self._session, self._compiler, self.list.number)
        except CannotFollow as error:
            self.say(str(error), "warning")
            return
        self.say("")
        self.list.hold()
        self.app.push_screen(FollowScreen(self.look, self.glance, self._compiler, following, self._come_back))

    def _come_back(self, number: int) -> None:
        """From the stream to a packet, which may have come since the list was shown last."""
        if self.glance.snapshot is not None:
            self.show(self.glance.snapshot)
        self.go_to(number)

    # -- commands: files

    def action_save(self) -> None:
        self.say("")
        if self._snapshot is None or not self._snapshot.head:
            self.say("there is no packet to save yet")
            return
        kept, rows = (self._snapshot.tail, self._snapshot.head), self.rows_in_order()[1:]
        self.save_line.ask(self.list.number, *kept, rows)

    def action_recorder(self) -> None:
        from ringscope.app.saving import CannotSave  # when there is something to save
        from ringscope.capture.recorder import AFTER, BEFORE

        now = self._snapshot
        if now is None or not now.head or not self._session.can_filter:
            self.say("there is no last minute to write yet" if self._session.can_filter else
                     "only a capture has a last minute; s saves")  # fmt: skip
            return
        if name := self.save_line.end_last():
            self.say(f"{name} ends here", stay=AFTER)
            return
        try:
            first = self._session.find_time(round((now.time - BEFORE) * 1e9))
            name = self.save_line.write_last(first, AFTER)
        except (CannotSave, CaptureError) as error:
            self.say(f"✗ {error}", "bad")
            return
        self.say(f"last {BEFORE:g} s + {AFTER:g} s (W ends): {name}", stay=AFTER)

    def on_file_line_ended(self, event: SaveLine.Ended) -> None:
        self.bar.progress(self._under_way())
        self.say(event.said, event.role, stay=15)

    @on(Prompt.Closed)
    def _prompt_closed(self, event: Prompt.Closed) -> None:
        before = event.before
        self.set_focus(before if before in (self.layers_pane, self.hex) and before.display else self.home())

    def resumed(self, before: Snapshot | None, now: Snapshot) -> None:
        """The process is back from a suspension; ``before`` is the moment it began, None when nobody looked."""
        if before is None or not self._session.can_filter:
            self.say("back")
            return
        came, lost = now.head - before.head, now.total.dropped - before.total.dropped
        account = f"back; nobody emptied the ring meanwhile: {group(came)} packets kept, {group(lost)} lost"
        self.say(account, "warning" if lost else "text")
