# SPDX-License-Identifier: Apache-2.0
"""VRRP version 2 (RFC 3768)."""

from __future__ import annotations

from dpkt.vrrp import VRRP as HEADER

from ringscope.decode.forms import hex4
from ringscope.decode.registry import protocol

VRRP = protocol("vrrp", "VRRP", role="routing", ip=(112,), packet=HEADER, show={"sum": ("Checksum", hex4)})
