# SPDX-License-Identifier: Apache-2.0
"""How this room says no."""

from __future__ import annotations


class CaptureError(RuntimeError):
    """A capture or a file that cannot be had or changed: one sentence with cause and cure."""


class WrongSettings(CaptureError):
    """Settings that no capture can have, whatever the system: out of range, or at odds with each other."""
