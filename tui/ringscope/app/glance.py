# SPDX-License-Identifier: Apache-2.0
"""What the two lines on top of every screen are made from, kept up to date whichever screen is in front. No Textual.

The screens share it: a loss that was seen on one of them has been seen on all.
"""

from __future__ import annotations

from ringscope.app.cost import Sent
from ringscope.app.epochs import Epochs
from ringscope.app.listing import Chosen, Listing
from ringscope.app.meters import Meters
from ringscope.app.pace import Pace
from ringscope.app.reading import Reading
from ringscope.app.viewing import Viewing
from ringscope.capture.session import Session, Snapshot
from ringscope.decode import Memory


class Glance:
    """Fed one snapshot a tick. ``snapshot`` is that of the last tick, None before the first. ``pace`` says which ticks
    are drawn, ``sent`` what drawing costs the terminal's link."""

    def __init__(self, session: Session, hertz: float, chosen: Chosen | None = None) -> None:
        """``hertz`` is how often a second it is fed; ``chosen`` are the columns of the packet list to begin with, None:
        the usual ones.
        """
        self.session = session
        self.pace = Pace(hertz)
        self.sent = Sent()
        self.memory = Memory()
        self.listing = Listing(chosen)
        self.viewing = Viewing(session, self.memory, self.listing)
        self.meters = Meters()
        self.epochs = Epochs(session)
        self.reading = Reading(session)
        self.snapshot: Snapshot | None = None
        self.told_of_clipboard = False
        """Whether it was said why what is copied may not arrive."""

    def update(self, snapshot: Snapshot) -> bool:
        """Take the counters of a moment. Whether it is to be drawn: an alarm always is, and so is every moment of a
        file, which no capture waits behind."""
        loud = self.meters.loud
        self.snapshot = snapshot
        self.meters.update(snapshot)
        self.reading.update(snapshot)
        self.epochs.update(snapshot)
        return not self.is_live or self.pace.due(snapshot) or (self.meters.loud and not loud)

    @property
    def is_live(self) -> bool:
        """Whether there are rings: what is read from a file or a pipe was captured elsewhere."""
        return not (self.reading.is_file or self.reading.is_pipe)

    @property
    def hidden(self) -> int | None:
        """Kept packets that the view in force hides, as far as they were looked at; None: there is no view."""
        if self.snapshot is None or not self.viewing.expression:
            return None
        kept = self.snapshot.head - self.snapshot.tail + 1 if self.snapshot.head else 0
        return max(0, kept - self.viewing.count())

    def seen(self) -> str:
        """Somebody has seen what is loud; what to say then. Empty: nothing was."""
        fault = self.reading.fault if self.reading.seen() else ""
        if not self.meters.seen() and not fault:
            return ""
        return f"what was reported has been seen; {'it stays on the line' if fault else 'the counts stay'}"
