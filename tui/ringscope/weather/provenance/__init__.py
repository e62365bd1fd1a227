# SPDX-License-Identifier: Apache-2.0
"""Where every number comes from, what it counts, and what is known to be wrong with it.

`host` has the numbers around the rings, `capture` those of the capture, `screen` what the screens calculate from them,
`file` what a capture file says of itself.
"""

from __future__ import annotations

from typing import Final

from ringscope.weather.provenance.capture import CAPTURE
from ringscope.weather.provenance.entry import NEVER as NEVER
from ringscope.weather.provenance.entry import ON_READ as ON_READ
from ringscope.weather.provenance.entry import Provenance as Provenance
from ringscope.weather.provenance.file import FILE
from ringscope.weather.provenance.host import HOST
from ringscope.weather.provenance.screen import SCREEN

PROVENANCE: Final = {one.key: one for one in (*HOST, *CAPTURE, *SCREEN, *FILE)}
"""By the key that a `ringscope.weather.model.Figure` names as its source."""
