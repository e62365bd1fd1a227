# SPDX-License-Identifier: Apache-2.0
"""The line that saves a followed stream: a name and a choice of what. The stream is followed once more for it, so that
all of it is written, also what is too long to be kept on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ringscope.app.following import CannotFollow, Following
from ringscope.app.look import Look
from ringscope.app.stream_file import PARTS, CannotWrite, StreamFile, proposed_name
from ringscope.app.widgets.file_line import FileLine
from ringscope.capture.session import Session
from ringscope.filter import Compiler


class StreamSaveLine(FileLine):
    """Writes what there is when it is told to; what comes later is not waited for."""

    def __init__(
        self, look: Look, session: Session, compiler: Compiler, left: Callable[[str], None], *, id: str | None = None
    ) -> None:
        """``left`` is told of a file that will not be whole because this line is gone."""
        super().__init__(look, id=id)
        self._left = left
        self._session = session
        self._compiler = compiler
        self._part = "both"
        self._number = 0
        self._following: Following | None = None
        self._file_name = ""

    def ask(self, number: int) -> None:
        """Open, for the stream of this packet."""
        self._number = number
        self.open(proposed_name(self._part, number))
        self.explain()

    def turn(self, by: int) -> None:
        """Another choice of what is written."""
        names = list(PARTS)
        proposed = self.input.value == proposed_name(self._part, self._number)
        self._part = names[(names.index(self._part) + by) % len(names)]
        if proposed:
            self.input.value = proposed_name(self._part, self._number)
            self.input.cursor_position = len(self.input.value)
        self.explain()

    def explain(self) -> None:
        others = ", ".join(part for part in PARTS if part != self._part)
        self.answer.say(f" {PARTS[self._part]}; Tab: {others}")

    def enter(self) -> None:
        if self._following is not None:
            self.answer.say(f" ✗ {self._file_name} is still being written; Esc in the stream ends that", "bad")
            return
        name = self.input.value.strip()
        try:
            file = StreamFile(name, self._part)
        except CannotWrite as error:
            self.answer.say(f" ✗ {error}", "bad")
            return
        until = self._session.snapshot().head
        try:
            following = Following(self._session, self._compiler, self._number, sink=file, until=until)
        except CannotFollow as error:
            file.abandon()
            self.answer.say(f" ✗ {error}", "bad")
            return
        self.close()
        self._following, self._file_name = following, name
        self.run_worker(self._write(following, file), group="save")

    async def _write(self, following: Following, file: StreamFile) -> None:
        whole = False
        try:
            await following.begin()
            await following.run()
            if following.finished:
                await asyncio.to_thread(file.close)
                whole = True
                self.post_message(self.Ended(file.said, "warning" if file.holes else "good"))
            else:
                self.post_message(self.Ended(f"not written: {file.name} is as it was", "warning"))
        except (CannotFollow, CannotWrite) as error:
            self.post_message(self.Ended(f"✗ not written: {error}", "bad"))
        except asyncio.CancelledError:
            self._left(f"{file.name} is not written: its stream was left")
            raise
        finally:
            self._following = None
            if not whole:
                file.abandon()
            await following.close()

    def cancel(self) -> bool:
        """End the writing under way; the file that was there stays. Whether there was any."""
        return self._following is not None and self._following.stop()

    def told(self) -> tuple[str, float | None] | None:
        """What is being done and how far it is, while a file is being written."""
        following = self._following
        if following is None:
            return None
        return f"writing {self._file_name}", following.taken / following.found if following.found else None
