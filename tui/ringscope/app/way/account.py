# SPDX-License-Identifier: Apache-2.0
"""What screen 4 shows of a capture or of a file, and its pages as lines. No Textual here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from ringscope.app.way import opened, taps
from ringscope.app.way.explained import explained, remedies
from ringscope.app.way.page import BLANK, Line, paragraph
from ringscope.capture.session import Session, Snapshot
from ringscope.frozen import frozen
from ringscope.host.sockets import PacketSocket, TapWarning
from ringscope.weather.filed import file_path, file_verdict
from ringscope.weather.model import Path, Verdict
from ringscope.weather.moment import Moment

STAGE, EXPLAIN, CURES = "stage", "explain", "cures"
"""The pages below the stages: the chosen stage, why the verdict is what it is, what would help."""


@frozen
class Account:
    """The way, the verdict on it, and every packet socket of the namespace; ``own`` is our process. ``since`` is when
    its totals begin, in seconds since 1970; 0 for a file."""

    way: Path
    said: Verdict
    sockets: Sequence[PacketSocket] = ()
    warnings: Sequence[TapWarning] = ()
    own: int = 0
    since: float = 0.0


def of_moment(way: Path, said: Verdict, first: Moment, now: Moment) -> Account:
    """Of a capture, at its newest moment, since the first one."""
    process = now.host.process
    return Account(way, said, now.host.sockets, now.host.warnings, process.id if process else 0, first.time)


def of_file(session: Session, snapshot: Snapshot, *, fault: str, hidden: int | None) -> Account:
    """Of a file or a pipe, as far as it was read."""
    expression = session.filter_expression
    way = file_path(snapshot, session.interfaces(), expression=expression, fault=fault, hidden=hidden)
    return Account(way, file_verdict(way, fault=fault))


def lines_of(
    account: Account,
    page: str,
    chosen: str,
    unfolded: Collection[str],
    name: Callable[[int], str],
    width: int,
    *,
    whole: bool = False,
) -> Iterator[Line]:
    """One of the pages. ``name`` gives the name of an interface by its index. ``whole``: there is room for why and what
    would help below the stage."""
    if page == EXPLAIN:
        yield from explained(account.said, width)
    elif page == CURES:
        yield from remedies(account.said, width)
    else:
        yield from opened.page(account.way, chosen, width)
        if chosen == "tap" and account.sockets:
            yield from taps.table(account.sockets, account.warnings, account.own, name, unfolded, width)
        if whole:
            yield BLANK
            yield from explained(account.said, width)
            if account.said.cures:
                yield BLANK
                yield from paragraph("What would help", width, "accent")
                yield from remedies(account.said, width)
