# SPDX-License-Identifier: Apache-2.0
"""The Textual screens: the only room that imports Textual.

It asks a session for counters and for the visible rows ten times a second and draws them; everything else it shows
is decoded from those rows. It knows nothing of sockets, rings or C.
"""

from __future__ import annotations

import os

# Textual paints from a timer that a key has to wait for too, up to two periods; its rate is read on import. Frames are
# made only when something has changed, and paced by the terminal, so a fast timer costs nothing.
os.environ.setdefault("TEXTUAL_FPS", "120")

from ringscope.app.app import RingscopeApp  # must come after the setting

__all__ = ["RingscopeApp"]
