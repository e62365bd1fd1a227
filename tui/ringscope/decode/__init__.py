# SPDX-License-Identifier: Apache-2.0
"""The decode room: captured bytes to list rows, layers and fields.

Knows nothing of captures and nothing of the screen. `summarize` is cheap enough for every visible row ten times a
second; `dissect` is for the one packet under the cursor. Neither ever raises, and all text they return is safe to draw.
"""

from __future__ import annotations

from ringscope.decode.frame import frame_layer
from ringscope.decode.layers import dissect
from ringscope.decode.memory import Memory
from ringscope.decode.model import ROLES, Field, Layer, Summary
from ringscope.decode.summary import protocols, summarize
from ringscope.decode.text import escape

__all__ = [
    "ROLES",
    "Field",
    "Layer",
    "Memory",
    "Summary",
    "dissect",
    "escape",
    "frame_layer",
    "protocols",
    "summarize",
]
