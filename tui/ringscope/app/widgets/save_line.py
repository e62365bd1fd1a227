# SPDX-License-Identifier: Apache-2.0
"""The line that saves packets: a name and a choice of what; written off the screen's thread, to a file of another name
that takes the place of the old one when it is whole."""

from __future__ import annotations

import asyncio
import threading
from contextlib import aclosing, suppress

from ringscope.app import saving
from ringscope.app.look import Look
from ringscope.app.marks import Marks
from ringscope.app.units import group, packets
from ringscope.app.viewing import Viewing
from ringscope.app.widgets.file_line import FileLine
from ringscope.capture.saving import Saver
from ringscope.capture.session import CaptureError, Session
from ringscope.filter import Compiler


class SaveLine(FileLine):
    """Knows what there was when it was opened: packets that come later are not written."""

    def __init__(
        self,
        look: Look,
        session: Session,
        compiler: Compiler,
        viewing: Viewing,
        marks: Marks,
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(look, id=id)
        self._session = session
        self._compiler = compiler
        self._viewing = viewing
        self._marks = marks
        self._choices: list[str] = ["all"]
        self._choice = "all"
        self._cursor, self._tail, self._head = 1, 1, 0
        self._view_rows = (1, 0)
        self._saver: Saver | None = None
        self._writing = threading.Lock()
        self._cancelled = self._lasting = self._enough = False
        self._path, self._total = "", 0

    def ask(self, cursor: int, tail: int, head: int, rows: tuple[int, int]) -> None:
        """Open; packet ``cursor`` is under the cursor, ``tail`` to ``head`` are kept and ``rows`` are those shown."""
        self._cursor, self._tail, self._head, self._view_rows = cursor, tail, head, rows
        self._choices = saving.choices(view=bool(self._viewing.expression), marked=len(self._marks) > 0)
        self._choice = self._choices[0]
        self.open(saving.proposed_name())
        self.explain()

    def turn(self, by: int) -> None:
        """Another choice of what is written."""
        self._choice = self._choices[(self._choices.index(self._choice) + by) % len(self._choices)]
        self.explain()

    def explain(self) -> None:
        low, high = self._view_rows
        words = {
            "all": f"all kept, {packets(self._head - self._tail + 1)}",
            "view": f"what the view shows, {packets(high - low + 1)}",
            "marked": f"marked, {packets(len(self._marks))}",
            "flow": f"the flow of packet {group(self._cursor)}",
            "range": "a range, its numbers behind the name: out.pcapng 100-200",
        }
        short = {"all": "all kept", "view": "view", "marked": "marked", "flow": "this flow", "range": "range"}
        others = ", ".join(short[choice] for choice in self._choices if choice != self._choice)
        self.answer.say(f" {words[self._choice]}; Tab: {others}")

    # -- writing

    def enter(self) -> None:
        if self._saver is not None:
            self.answer.say(f" ✗ {self._path} is still being written; Esc in the list ends that", "bad")
            return
        try:
            name, part = self._chosen(self.input.value.strip())
            path, format_ = saving.path_and_format(name)
            if part.count == 0:
                raise saving.CannotSave("there is nothing to write")
            saver = self._session.saver(path, format=format_)
        except (saving.CannotSave, CaptureError) as error:
            self.answer.say(f" ✗ {error}", "bad")
            return
        self.close()
        self._begin(saver, name, part)

    def write_last(self, first: int, after: float) -> str:
        """Write the packets from ``first`` on and those of the next ``after`` seconds; returns the name of the file.
        Raises CannotSave and CaptureError.
        """
        if self._saver is not None:
            raise saving.CannotSave(f"{self._path} is still being written")
        name = saving.proposed_name("last-minute")
        self._enough = False
        part = saving.of_last(self._session, first, after, lambda: self._enough)
        self._begin(self._session.saver(name, format="pcapng"), name, part, lasting=True)
        return name

    def end_last(self) -> str:
        """What ``write_last`` began needs no further packets: its file is closed with those that are there. The name of
        the file; empty: there is none, or it was told before."""
        if self._saver is None or not self._lasting or self._enough:
            return ""
        self._enough = True
        return self._path

    def _begin(self, saver: Saver, name: str, part: saving.Part, *, lasting: bool = False) -> None:
        self._saver, self._cancelled, self._lasting = saver, False, lasting
        self._path, self._total = name, part.count or 0
        self.run_worker(self._write(saver, part), group="save")

    def _chosen(self, text: str) -> tuple[str, saving.Part]:
        """The name, and what is to be written."""
        low, high = self._view_rows
        match self._choice:
            case "range":
                text, first, last = saving.split_range(text)
                first, last = max(first, self._tail), min(last, self._head)
                if first > last:
                    raise saving.CannotSave(f"kept are {group(self._tail)} to {group(self._head)}")
                return text, saving.of_range(first, last)
            case "flow":
                return text, saving.of_flow(self._session, self._compiler, self._cursor, self._head)
            case "marked":
                return text, saving.of_numbers(self._marks)
            case "view" if self._viewing.lent is not None:
                return text, saving.of_view(self._viewing.lent, low, high)
            case _:
                return text, saving.of_range(self._tail, self._head)

    async def _write(self, saver: Saver, part: saving.Part) -> None:
        try:
            async with aclosing(part.pieces) as pieces:
                async for piece in pieces:
                    if self._cancelled:
                        break
                    await asyncio.to_thread(self._write_piece, saver, piece)
            if self._cancelled and not self._lasting:
                await asyncio.to_thread(self._abandon, saver)
                self.post_message(self.Ended(f"not written: {self._path} is as it was", "warning"))
                return
            await asyncio.to_thread(saver.close)
            self.post_message(self.Ended(saving.pieces_words(saver.written, saver.missed, self._path), "good"))
        except (CaptureError, saving.CannotSave) as error:
            await asyncio.to_thread(self._abandon, saver)
            self.post_message(self.Ended(f"{self._path} was not written: {error}", "bad"))
        except asyncio.CancelledError:
            # The program ends. The thread may be in the middle of a piece; the event loop waits for both.
            end = self._close if self._lasting else self._abandon
            asyncio.get_running_loop().run_in_executor(None, end, saver)
            raise
        finally:
            self._saver = None

    def _write_piece(self, saver: Saver, piece: saving.Piece) -> None:
        with self._writing:
            if isinstance(piece, tuple):
                saver.range(*piece)
            elif piece:
                saver.numbers(piece)

    def _close(self, saver: Saver) -> None:
        with self._writing, suppress(CaptureError):
            saver.close()

    def _abandon(self, saver: Saver) -> None:
        with self._writing, suppress(CaptureError):
            saver.abandon()

    def cancel(self, *, lasting: bool = False) -> bool:
        """End the writing under way; the file that was there stays. Whether there was any.

        What ``write_last`` began goes on, but for ``lasting``; then its file is closed with what is in it.
        """
        if self._saver is None or (self._lasting and not lasting):
            return False
        self._cancelled = True
        self._saver.cancel()
        return True

    def told(self) -> tuple[str, float | None] | None:
        """What is being done and how far it is, while a file is being written."""
        if self._saver is None or self._lasting:
            return None
        share = min(1.0, self._saver.written / self._total) if self._total else None
        return f"writing {self._path}", share
