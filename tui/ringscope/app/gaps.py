# SPDX-License-Identifier: Apache-2.0
"""Gaps: the lines in the packet list where packets are missing. No Textual here.

A gap stands before the first row behind a loss. In a view several losses may lie between two rows: they are one gap.
"""

from __future__ import annotations

from collections.abc import Sequence

from ringscope.app import cells
from ringscope.app.pieces import Form, clip
from ringscope.app.units import brief, group
from ringscope.frozen import frozen
from ringscope.native import Loss

_CAUSES = {
    "late": ("slow reader, ring full", "slow reader"),
    "frozen": ("still frozen, ring not read", "still frozen"),
    "early": ("early drop by the kernel", "early drop"),
}
"""In the words of `ringscope.app.ring_words.CLASSES`."""
_SHARED = "its share, by time, of what the kernel counted for several"


@frozen
class Gap:
    """The line before row ``before``: what is missing there, in ``losses``, in order and at least one.

    ``more``: there are more losses than these. ``of_queues``: they are of queues of a capture, whose numbers a person
    knows.
    """

    before: int
    losses: tuple[Loss, ...]
    of_queues: bool = True
    more: bool = False

    @property
    def counting(self) -> bool:
        """Whether more will soon be known of it."""
        return any(loss.known == "counting" for loss in self.losses)

    @property
    def lost(self) -> int:
        """How many packets are missing, as far as that is known; 0: it is not."""
        return sum(loss.lost for loss in self.losses)

    @property
    def amount(self) -> str:
        """``1 204``, ``~1 204`` (estimated), ``more than 1 204`` (of some losses it is not known); empty: not known."""
        if not self.lost:
            return ""
        if self.more or not all(loss.lost for loss in self.losses):
            return f"more than {group(self.lost)}"
        return f"{'' if all(loss.known == 'counted' for loss in self.losses) else '~'}{group(self.lost)}"

    def form(self, width: int) -> Form:
        """One line. What is lost stays; why, how long and where give way in this order."""
        lead = 4 if width >= 60 else 1
        room = width - lead - 3
        text = next((text for text in self._texts() if cells.width(text) <= room), self._texts()[-1])
        said = f" ▲ {text} "
        rest = max(0, width - lead - cells.width(said))
        return clip((("─" * lead, "rule"), (said, "warning"), ("─" * rest, "rule")), width)

    def sentence(self, where: str) -> str:
        """``~1 204 packets were lost before packet 95, queue 2, in 310 ms``, with ``where`` as it stands."""
        what = f"{self.amount or ''} packet{'' if self.amount == '1' else 's'}".strip()
        span = self._span().removeprefix(", ")
        return f"{what} {'was' if self.amount == '1' else 'were'} lost {where}{f', in {span}' if span else ''}"

    def _texts(self) -> list[str]:
        long = f"{self.amount} packet{'' if self.amount == '1' else 's'} lost" if self.amount else "packets were lost"
        short = f"{self.amount} lost" if self.amount else "packets lost"
        where, span, why = self._where(), self._span(), self._why()
        places = f" in {places} places" if (places := len(self.losses)) > 1 else ""
        shared = f"   (~ {_SHARED})" if self.amount.startswith("~") else ""
        return [
            f"{long} here{places}{where}{span}{why[0]}{shared}",
            f"{long} here{places}{where}{span}{why[0]}",
            f"{short} here{where}{span}{why[1]}",
            f"{short} here{where}{span}",
            f"{short}{where}{span}",
            f"{short}{where}",
            short,
        ]

    def _where(self) -> str:
        queues = sorted({loss.queue for loss in self.losses})
        if not self.of_queues or len(queues) > 4:
            return ""
        return f", queue{'s' if len(queues) > 1 else ''} {' '.join(map(str, queues))}"

    def _span(self) -> str:
        """Of several losses the times are added up only where they cannot overlap."""
        if any(loss.seconds is None for loss in self.losses) or len({loss.queue for loss in self.losses}) != 1:
            return ""
        return f", {brief(sum(loss.seconds or 0.0 for loss in self.losses))}"

    def _why(self) -> tuple[str, str]:
        causes = {loss.cause for loss in self.losses}
        if len(causes) != 1 or "" in causes:
            return "", ""
        long, short = _CAUSES[causes.pop()]
        return f": {long}", f": {short}"


def told(losses: Sequence[Loss]) -> str:
    """A sentence for the bottom line: what is missing before a packet that was gone to."""
    gap = Gap(0, tuple(losses))
    what = "packet is" if gap.amount == "1" else "packets are"
    return f"before this packet {gap.amount or 'some'} {what} missing"
