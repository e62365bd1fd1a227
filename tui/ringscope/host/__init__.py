# SPDX-License-Identifier: Apache-2.0
"""What the host says about the way of a packet around our rings. Reads, never changes; knows no capture, no screen."""

from __future__ import annotations
