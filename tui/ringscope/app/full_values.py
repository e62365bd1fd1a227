# SPDX-License-Identifier: Apache-2.0
"""Every column of one packet, whole: what the list cuts to its cells. No Textual here."""

from __future__ import annotations

from ringscope.app.choice import TIMES
from ringscope.app.clocks import FORMATS, time_text
from ringscope.app.listing import Listing
from ringscope.app.units import group
from ringscope.app.values import values
from ringscope.capture.session import Session
from ringscope.decode import Memory, summarize
from ringscope.native import Packet

_WIDE = 40
"""Cells in which every format of times says all it can."""


def full_values(
    packet: Packet, listing: Listing, session: Session, memory: Memory, before_ns: int | None
) -> list[tuple[str, str]]:
    """What heads each column, and what it says of this packet. ``before_ns``: the time of the one in the row above."""
    summary = summarize(packet.data, packet.link_type, packet.length, memory)
    comment = session.comment(packet.number)
    more = values(packet, listing.wanted, session, memory)

    def when(name: str) -> tuple[str, str]:
        return FORMATS[name].title, time_text(name, packet.time_ns, before_ns, _WIDE, listing.moments)

    known = {
        "number": group(packet.number),
        "source": summary.source,
        "destination": summary.destination,
        "protocol": summary.protocol,
        "length": f"{group(packet.length)} bytes",
        "info": summary.info,
    }
    found: list[tuple[str, str]] = []
    for each in listing.columns:
        if each.what == "time":
            found.append(when("date"))
            if listing.time not in ("time", "date"):
                found.append(when(listing.time))
        elif each.what in TIMES:
            title, text = when(TIMES[each.what])
            found.append((each.name or title, text))
        else:
            found.append((each.title, known.get(each.what) or more.get(each.what, "")))
    found += [("Comment", line) for line in comment.splitlines() if line.strip()]
    return [(title, text or "–") for title, text in found]
