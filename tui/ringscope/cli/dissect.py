# SPDX-License-Identifier: Apache-2.0
"""``ringscope dissect``: the packets of a file as layers and fields, as text or as one JSON object a line."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Final

from ringscope.cli.dissection import Dissector
from ringscope.cli.errors import Failure, say
from ringscope.cli.programs import PAUSE, STORE, Programs, is_read
from ringscope.filter import Compiler, FilterError

if TYPE_CHECKING:
    from ringscope.capture.files import FileSession
    from ringscope.capture.views import View
    from ringscope.native import Packet

_AT_ONCE: Final = 256
"""Packets that are fetched in one go."""


def run(options: argparse.Namespace) -> int:
    """Prints them until there are no more, or as many as were asked for."""
    from ringscope.capture.files import FileSession
    from ringscope.capture.session import CaptureError
    from ringscope.capture.views import ViewError

    try:
        with FileSession.open(options.file, store_bytes=STORE) as session:
            return _print(session, options)
    except FilterError as error:
        raise Failure(f"the filter {options.filter!r} is not understood: {error}") from error
    except (CaptureError, ViewError) as error:
        raise Failure(str(error)) from error


def _print(session: FileSession, options: argparse.Namespace) -> int:
    dissector = Dissector()
    written = dissector.json if options.json else dissector.text
    source = _Source(session, options.filter)
    with closing(source.packets()) as packets:
        for packet in islice(packets, options.count):
            print(written(packet))
    sys.stdout.flush()
    if source.fault:
        say(source.fault)
    return 1 if source.fault else 0


class _Source:
    """The packets of a file, while it is read. ``fault``: what was wrong with it, known when all are there."""

    def __init__(self, session: FileSession, expression: str) -> None:
        self._session = session
        self._expression = expression
        self._following = 1
        self._missed = 0
        self.fault = ""

    def packets(self) -> Generator[Packet, None, None]:
        """Those that pass, in their order. Raises FilterError, ViewError."""
        if not self._expression.strip():
            yield from self._all()
            return
        with Compiler() as compiler, self._session.view() as view:
            yield from self._passing(Programs(self._expression, self._session, compiler), view)

    def _heads(self) -> Iterator[int]:
        """The newest packet number, again and again, until nothing more will come."""
        while True:
            loading = self._session.loading()
            complete = is_read(loading)  # before the head: after it there is nothing more to come
            head = self._session.newest()
            yield head
            if complete:
                self.fault = self.fault or (loading.fault if loading else "")
                return
            sys.stdout.flush()  # who waits for more of a pipe wants to see what there is
            time.sleep(PAUSE)

    def _all(self) -> Iterator[Packet]:
        for head in self._heads():
            while self._following <= head:
                count = min(_AT_ONCE, head - self._following + 1)
                batch = self._session.read(self._following, count)
                yield from batch
                self._missed += count - len(batch)
                self._following += count
        if self._missed:
            self.fault = self.fault or f"{self._missed} packets went by too fast to be read; put them into a file"

    def _passing(self, programs: Programs, view: View) -> Iterator[Packet]:
        for head in self._heads():
            # After the head: what a packet up to it has as its link type is known now. A view that begins anew costs
            # little, and a packet that was not known to pass has not been passed over yet.
            if programs.grow() and programs.made:
                view.start(programs.codes())
            while programs.made and (state := view.state()).examined < head:
                if state.fault:
                    self.fault = state.fault
                    return
                time.sleep(PAUSE)
            yield from self._matches(view, head)
        programs.finish()
        programs.say_faults()

    def _matches(self, view: View, head: int) -> Iterator[Packet]:
        """Those up to packet ``head`` that were not handed out yet."""
        index, last = view.index(self._following - 1) + 1, view.index(head)
        while index <= last:
            count = min(_AT_ONCE, last - index + 1)
            for _, packet in view.read(index, count):
                yield packet
            index += count
        self._following = head + 1
