# SPDX-License-Identifier: Apache-2.0
"""OSPF version 2 (RFC 2328): its common header."""

from __future__ import annotations

from dpkt.ospf import OSPF as HEADER

from ringscope.decode.forms import four, hex4, octets, plain
from ringscope.decode.registry import protocol

OSPF = protocol(
    "ospf",
    "OSPF",
    role="routing",
    ip=(89,),
    packet=HEADER,
    show={
        "v": ("Version", plain),
        "type": ("Type", plain),
        "len": ("Length", plain),
        "router": ("Router", four),
        "area": ("Area", four),
        "sum": ("Checksum", hex4),
        "atype": ("Authentication type", plain),
        "auth": ("Authentication", octets),
    },
)
