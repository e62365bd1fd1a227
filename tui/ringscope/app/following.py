# SPDX-License-Identifier: Apache-2.0
"""The packets of one stream of a session, found and handed over one after another. No Textual here.

A view of its own finds what is between the two ends; its packets are read and looked into in a thread, a few
milliseconds at a time, and put together on the event loop. It goes on as long as packets come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from ringscope.app.flows import finding_expressions
from ringscope.app.gaps import Gap
from ringscope.app.packets import COMMENT
from ringscope.app.programs import Programs, compile_all, link_types
from ringscope.app.stream_file import StreamFile
from ringscope.app.units import group
from ringscope.capture.session import CaptureError, Session
from ringscope.capture.views import View, ViewError
from ringscope.decode import dissect
from ringscope.decode.streams import Follow, Stream, Transport, transport
from ringscope.decode.streams.follow import LIMIT, Note
from ringscope.filter import Compiler, FilterError
from ringscope.native import Packet

_SLICE = 0.02
"""Seconds of reading in a thread before the event loop has a say."""

_READ = 32
"""Packets of a call: the buffer for the longest of them takes eight megabytes."""

LOST = "lost before this one"
"""In the comment of a packet that a saved capture has where packets were lost before it (csrc/savefile_packets.c)."""

_POLL = 0.05
_BYTES = 262144

Brought = tuple[int, Transport | None, list[Note]]
"""Number of a packet, what it brought, and what is known of it beside."""


class CannotFollow(ValueError):
    """There is no stream to follow: a sentence."""


class Following:
    """Follows the stream of packet ``number``: ``begin``, then ``run``, then ``close``.

    Packets up to number ``looked`` were looked at for those of the flow, of which ``found`` were found and ``taken``
    were handed over. ``searching``: not all that was there when it began was looked at. ``finished``: nothing more will
    come. ``gone`` packets had been evicted before they could be read.
    """

    def __init__(
        self,
        session: Session,
        compiler: Compiler,
        number: int,
        *,
        limit: int = LIMIT,
        sink: StreamFile | None = None,
        until: int | None = None,
    ) -> None:
        """``sink`` takes all of it; ``until``: packets behind that one are not waited for. Raises CannotFollow."""
        self._session = session
        self._compiler = compiler
        self._limit = limit
        self._commented = not session.can_filter and session.detail.startswith("pcapng")
        self._sink = sink
        self._until = until
        self.number = number
        self.looked = self.found = self.taken = self.gone = 0
        self.finished = self.stopped = False
        self.searching = True
        self.fault = ""
        found = session.read(number, 1)
        brought = transport(found[0].data, found[0].link_type, found[0].length) if found else None
        if not found:
            raise CannotFollow(f"packet {group(number)} is not kept any more")
        if brought is None:
            raise CannotFollow(f"packet {group(number)} has no TCP or UDP header: there is no stream to follow")
        # By the narrowest expression that passes this packet its flow is found.
        self._expressions = finding_expressions(dissect(found[0].data, found[0].link_type, found[0].length))
        self._sure = False
        self._target = brought
        self._follow = Follow(brought, number, limit, sink)
        self._view: View | None = None
        self._programs: Programs | None = None

    @property
    def stream(self) -> Stream:
        """The conversation, as far as it has come."""
        return self._follow.stream

    @property
    def expression(self) -> str:
        """What finds its packets; empty: all packets are looked into."""
        return self._expressions[0]

    @property
    def carrier(self) -> str:
        return self._target.carrier

    @property
    def earlier(self) -> int:
        """Conversations of the same ports before this one."""
        return self._follow.earlier

    @property
    def later(self) -> int:
        """The packet with which the next conversation of the same ports begins; 0: none has."""
        return self._follow.later

    @property
    def full(self) -> bool:
        """Whether it has become too long to be kept whole."""
        return self._follow.full

    @property
    def part_before(self) -> int:
        """A packet of what is before the part that is kept: of the same conversation, or of the one before; 0: none."""
        return self._follow.before if not self._follow.cut else self.number - 1

    @property
    def part_after(self) -> int:
        """A packet of what is behind the part that is kept; 0: there is nothing."""
        return self._follow.later or (self._follow.last if self._follow.full else 0)

    @property
    def left(self) -> int:
        """Packets of the flow that were found and not taken."""
        return max(0, self.found - self.taken - self.gone)

    # -- reading

    async def begin(self) -> None:
        """Compile what finds the flow, and begin to look. Raises CannotFollow."""
        try:
            self._programs = await self._compiled()
            if self._view is None:
                self._view = self._session.view()
            self._view.start(self._programs.codes)
        except (FilterError, CaptureError, ViewError) as error:
            raise CannotFollow(f"the flow {self.expression} cannot be looked for: {error}") from error

    async def _compiled(self) -> Programs:
        """The programs of the first expression that there are any for."""
        while True:
            try:
                return await asyncio.to_thread(
                    compile_all, self._compiler, self._session, self.expression, timeout=20.0, look_up=False
                )
            except FilterError:
                if len(self._expressions) == 1:
                    raise
                del self._expressions[0]

    async def run(self, after: Callable[[], None] = lambda: None) -> None:
        """Take packets until the stream is whole, too long, or ``stop`` was called. Raises CannotFollow.

        ``after`` is called when packets were taken.
        """
        following = 1
        while not self.stopped and self._view is not None:
            state = self._view.state()
            self.looked, self.found, self.fault = state.examined, state.high, state.fault
            self.searching = state.running
            if not self._sure and state.examined >= self.number:
                self._sure = self._finds(self._view)
                if not self._sure and len(self._expressions) > 1:
                    del self._expressions[0]
                    following = await self._again()
                    continue
            if state.low > following:
                self._follow.skip(state.low - following)
                self.gone += state.low - following
                following = state.low
            if following <= state.high:
                following, brought = await asyncio.to_thread(self._gather, self._view, following, state.high)
                for each in brought:
                    if not self._follow.done:
                        self._follow.add(*each)
                        self.taken += 1
                after()
                if self._follow.done:
                    break
            elif self.fault or (not state.running and self._at_rest(state.examined)):
                break
            elif self._outdated():
                following = await self._again()
            else:
                await asyncio.sleep(_POLL)
        if not self.stopped:
            self._follow.settle()
            self.finished = True
        after()

    def _finds(self, view: View) -> bool:
        """Whether the packet that was asked for passes; one that was evicted meanwhile is not asked for any more."""
        return view.index(self.number) > view.index(self.number - 1) or self._session.snapshot().tail > self.number

    def _gather(self, view: View, first: int, last: int) -> tuple[int, list[Brought]]:
        """Read on from place ``first`` of the view for a while. Where to go on, and what came."""
        if self._sink is not None:
            self._sink.flush()
        until, made = monotonic() + _SLICE, list[Brought]()
        while first <= last and monotonic() < until and not self.stopped:
            count = min(_READ, last - first + 1)
            for _, packet in view.read(first, count, _BYTES):
                brought = transport(packet.data, packet.link_type, packet.length)
                made.append((packet.number, brought, self._notes(packet)))
            first += count
        return first, made

    def _notes(self, packet: Packet) -> list[Note]:
        """That packets were lost before it, and the comments that its file has on it, which may say the same."""
        notes: list[Note] = []
        if packet.after_loss:
            gap = Gap(packet.number, tuple(self._session.losses(packet.number, packet.number)))
            where = f"before packet {group(packet.number)}, queue {packet.queue}"
            notes.append((gap.sentence(where), "warning"))
        if self._commented:
            for line in self._session.comment(packet.number).splitlines():
                notes.append((f"{COMMENT} {line}", "warning" if LOST in line else "note"))
        return notes

    def _at_rest(self, examined: int) -> bool:
        """Whether no more packets will come: all of a file was read and looked at, or the capture has ended."""
        if self._until is not None:
            return examined >= self._until
        loading = self._session.loading()
        if self._session.can_filter:
            return self._session.snapshot().state == "stopped"
        if loading is not None and loading.state in ("reading", "waiting"):
            return False
        return examined >= self._session.snapshot().head

    def _outdated(self) -> bool:
        """Whether packets of a link type have come that the flow was not compiled for."""
        return self._programs is not None and not set(link_types(self._session)) <= self._programs.link_types

    async def _again(self) -> int:
        await self.begin()
        if self._sink is not None:
            self._sink.restart()
        self._follow = Follow(self._target, self.number, self._limit, self._sink)
        self.taken = self.gone = 0
        return 1

    # -- ends

    def stop(self) -> bool:
        """Read no further; what is there stays. Whether there was more to come."""
        under_way = not self.finished and not self.stopped
        self.stopped = True
        return under_way

    async def close(self) -> None:
        """Ends it, with its view."""
        self.stop()
        view, self._view = self._view, None
        if view is not None:
            await asyncio.to_thread(view.close)
