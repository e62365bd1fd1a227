# SPDX-License-Identifier: Apache-2.0
"""The numbered screens by name, but for that of the packets, which is there from the beginning; and what is over them.

They are imported when they are first asked for: what they know of host and rings is a good part of what there is to
import, and the first packet is to be seen before that.
"""

from __future__ import annotations

from ringscope.app.glance import Glance
from ringscope.app.look import Look
from ringscope.app.screens.base import Framed
from ringscope.app.watch import Watch


def make(name: str, look: Look, glance: Glance, watch: Watch) -> Framed:
    """The screen of the command ``screen.NAME``. Raises KeyError."""
    match name:
        case "rings":
            from ringscope.app.screens.rings import RingsScreen

            return RingsScreen(look, glance, watch)
        case "path":
            from ringscope.app.screens.path import PathScreen

            return PathScreen(look, glance, watch)
        case _:
            raise KeyError(name)


def provenance(origin: Framed) -> Framed:
    """Where the numbers of a screen are from."""
    from ringscope.app.screens.provenance import ProvenanceScreen

    return ProvenanceScreen(origin)
