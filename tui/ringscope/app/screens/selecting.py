# SPDX-License-Identifier: Apache-2.0
"""Making a filter of what is under the cursor: the expression goes into the line of the view or of the capture filter.

A view is shown at once, as while it is typed; a capture filter waits for Enter.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from ringscope.app.pieces import Span
from ringscope.app.screens.pointing import Pointing

if TYPE_CHECKING:
    from ringscope.app.widgets.filter_line import FilterLine
    from ringscope.app.widgets.view_line import ViewLine

_OF_CAPTURE = frozenset({"select.capture", "select.leave_out", "select.capture_and", "select.capture_or"})


class Selecting(Pointing):
    """``a``, and a letter that says what is made of the expression."""

    @property
    @abstractmethod
    def filter_line(self) -> FilterLine:
        """Where a capture filter is typed."""

    @property
    @abstractmethod
    def view_line(self) -> ViewLine:
        """Where a view is typed."""

    def action_as_filter(self) -> None:
        self.say("")
        found = self.subject()
        if found is None:
            self.say("there is no packet to make a filter of")
            return
        made = found.expression()
        if not made.text:
            self.say(made.note, "warning")
            return
        self.list.hold()
        about: list[Span] = [("filter  ", "accent"), (made.text, "text"), (f"  {made.note}" * bool(made.note), "dim")]
        hidden = frozenset() if self._session.can_filter else _OF_CAPTURE
        self.chooser.ask("select", lambda how: self._propose(how, made.text), *about, hidden=hidden)

    def _propose(self, how: str, expression: str) -> None:
        from ringscope.app.expression import NotTogether, combined  # as in `Subject.expression`

        if not how:
            self.say("no filter was made")
            return
        what, _, way = how.partition(" ")
        line = self.view_line if what == "view" else self.filter_line
        try:
            proposed = combined(way, line.in_force(), expression)
        except NotTogether as error:
            self.say(f"{error}; v and f take both by hand", "warning")
            return
        if what == "view":
            self.search_line.cancel()
        line.edit(proposed)
