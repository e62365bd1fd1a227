# SPDX-License-Identifier: Apache-2.0
"""The way of a packet in characters: boxes or lines for its stages, an opened stage, the evidence and the cures.

No Textual: values of `ringscope.weather` go in, lines of spans come out."""

from __future__ import annotations
