# SPDX-License-Identifier: Apache-2.0
"""Which packets are shown: the view in force, and the one that is being typed. No Textual here.

A view hides packets and loses none. While one is typed it is shown already; giving up brings back the one before,
which has been kept up to date meanwhile. No view costs nothing.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from ringscope.app.listing import Listing
from ringscope.app.packets import Rows, ViewRows
from ringscope.app.programs import Programs, link_types
from ringscope.app.sorted_rows import SortedRows
from ringscope.app.units import group, percent, share
from ringscope.capture.session import Session
from ringscope.capture.views import View
from ringscope.decode import Memory


class Lent:
    """A view that others may still be reading when it is replaced; it is closed when the last of them is done."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._readers = 0
        self._replaced = False

    def __enter__(self) -> Self:
        self._readers += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._readers -= 1
        self._close()

    def replace(self) -> None:
        """Nobody else will read it."""
        self._replaced = True
        self._close()

    def _close(self) -> None:
        if self._replaced and not self._readers:
            self._replaced = False
            self.view.close()


class _Shown:
    """One view: its expression, what it was compiled to, and its rows. Without an expression all packets."""

    def __init__(self, rows: Rows, programs: Programs | None = None, lent: Lent | None = None) -> None:
        self.rows = rows
        self.programs = programs
        self.lent = lent
        self.expression = programs.expression.strip() if programs else ""
        self.picture: SortedRows | None = None
        """Some of its packets, sorted; in place of its rows."""


class Viewing:
    """``rows`` are those of the view that is shown. They are another object whenever rows mean other packets."""

    def __init__(self, session: Session, memory: Memory, listing: Listing | None = None) -> None:
        self._session = session
        self._memory = memory
        self._listing = listing or Listing()
        self._all = Rows(session, memory, self._listing)
        self._kept = _Shown(self._all)
        self._tried: _Shown | None = None

    @property
    def _shown(self) -> _Shown:
        return self._tried or self._kept

    @property
    def rows(self) -> Rows:
        """Rows of what is shown, in the order in which they are shown."""
        return self._shown.picture or self._shown.rows

    @property
    def in_order(self) -> Rows:
        """Rows of what is shown, in the order of packet numbers."""
        return self._shown.rows

    @property
    def picture(self) -> SortedRows | None:
        """What is shown, where that is sorted."""
        return self._shown.picture

    def sort(self, picture: SortedRows | None) -> None:
        """Show this in place of the rows it was made from, as long as the view is the same; None: these again."""
        self._shown.picture = picture

    @property
    def expression(self) -> str:
        """The view that is shown, also while it is typed; empty: all packets."""
        return self._shown.expression

    @property
    def in_force(self) -> str:
        """The view that was entered last; empty: none."""
        return self._kept.expression

    @property
    def lent(self) -> Lent | None:
        """The view that is shown, for who wants to read it over some time: ``with viewing.lent: ...``."""
        return self._shown.lent

    # -- changing

    def attempt(self, programs: Programs | None) -> None:
        """Show what passes these programs; None: all packets. What was entered stays at hand."""
        if programs is None:
            self.give_up()
            self._tried = _Shown(self._all)
            return
        lent = self._tried.lent if self._tried and self._tried.lent else Lent(self._session.view())
        lent.view.start(programs.codes)
        self._tried = _Shown(ViewRows(self._session, self._memory, lent.view, self._listing), programs, lent)

    def keep(self) -> None:
        """What is being tried is in force."""
        if self._tried is not None:
            old, self._kept, self._tried = self._kept, self._tried, None
            _replace(old)

    def give_up(self) -> None:
        """Back to what is in force."""
        tried, self._tried = self._tried, None
        if tried is not None:
            _replace(tried)

    def outdated(self) -> str | None:
        """The expression shown, where packets of a link type came that it was not compiled for; else None."""
        programs = self._shown.programs
        if programs is None or set(link_types(self._session)) <= programs.link_types:
            return None
        return self.expression

    def amend(self, programs: Programs) -> None:
        """The same expression, compiled for more link types."""
        if programs.expression.strip() != self.expression or self._shown.programs is None:
            return
        lent = Lent(self._session.view())
        lent.view.start(programs.codes)
        shown = _Shown(ViewRows(self._session, self._memory, lent.view, self._listing), programs, lent)
        _replace(self._shown)
        if self._tried is not None:
            self._tried = shown
        else:
            self._kept = shown

    def close(self) -> None:
        """The end: no view is read any more."""
        self.give_up()
        _replace(self._kept)
        self._kept = _Shown(self._all)

    # -- telling

    def count(self) -> int:
        """Packets that pass the view shown and are kept."""
        rows = self.in_order
        return rows.state.high - rows.state.low + 1 if isinstance(rows, ViewRows) else 0

    def told(self, tail: int, head: int) -> str:
        """``12 345 of 1 204 331, 1.0 %, 63 % looked at``; the packets ``tail`` to ``head`` are kept."""
        rows = self.in_order
        if not isinstance(rows, ViewRows):
            return f"all {group(head - tail + 1)}" if head >= tail else "all packets"
        state, kept = rows.state, max(0, head - tail + 1)
        looked = max(0, min(state.examined, head) - tail + 1)
        told = f"{group(self.count())} of {group(looked)}, {share(self.count(), looked)}"
        if looked < kept:
            told += f", {percent(looked / kept)} looked at"
        return told + (f", {group(state.unknown)} cannot be judged" if state.unknown else "")


def _replace(shown: _Shown) -> None:
    if shown.lent is not None:
        shown.lent.replace()
