# SPDX-License-Identifier: Apache-2.0
"""The stage: which scenes there are, and playing one side of them, each in a thread of its own."""

import threading
import time
from collections.abc import Callable, Collection

from ringscope.capture.demo.scenes import burst, dns, http, neighbours, ping, retransmission, tls, vlan
from ringscope.capture.demo.side import Side
from ringscope.frozen import frozen

_Part = Callable[[Side], None]
_PAUSE_SECONDS = 0.1


@frozen
class Scene:
    """A conversation: its part in the near process, its part in the far one; None where there is nothing to do."""

    name: str
    near: _Part | None
    far: _Part | None


SCENES = (
    Scene("ping", ping.run, ping.run),
    Scene("neighbours", neighbours.run, neighbours.run),
    Scene("dns", dns.ask, dns.answer),
    Scene("http", http.browse, http.serve),
    Scene("tls", tls.visit, tls.serve),
    Scene("vlan", vlan.run, vlan.run),
    Scene("retransmission", retransmission.upload, retransmission.receive),
    Scene("burst", burst.receive, burst.send),
)


def check(names: Collection[str] | None) -> None:
    """Raise ValueError when a scene is asked for that there is not."""
    unknown = set(names or ()) - {scene.name for scene in SCENES}
    if unknown:
        raise ValueError(f"no such scene: {', '.join(sorted(unknown))}")


def play(side: Side, names: Collection[str] | None) -> None:
    """Begin the parts of this side in the scenes ``names`` (None: all of them) and return."""
    for scene in SCENES:
        part = scene.near if side.role == "near" else scene.far
        if part is not None and (names is None or scene.name in names):
            threading.Thread(target=_play_forever, args=(part, side), name=scene.name, daemon=True).start()


def _play_forever(part: _Part, side: Side) -> None:
    while True:
        try:
            part(side)
        except OSError:
            # The other side is not there yet, or an answer got lost in a burst: as on any network, try again.
            time.sleep(_PAUSE_SECONDS)
