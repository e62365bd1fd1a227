# SPDX-License-Identifier: Apache-2.0
"""PIM (RFC 7761): its common header."""

from __future__ import annotations

from dpkt.pim import PIM as HEADER

from ringscope.decode.forms import hex4, plain
from ringscope.decode.registry import protocol

PIM = protocol(
    "pim",
    "PIM",
    role="routing",
    ip=(103,),
    packet=HEADER,
    show={"v": ("Version", plain), "type": ("Type", plain), "rsvd": ("Reserved", plain), "sum": ("Checksum", hex4)},
)
