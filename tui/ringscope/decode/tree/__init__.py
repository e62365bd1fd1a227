# SPDX-License-Identifier: Apache-2.0
"""Packets to layers, one small module a family of protocols.

Importing the package fills the tables of `ringscope.decode.tree.draft`. Field layouts come from dpkt's declarations;
which header follows which is decided here, and every value is read from the captured bytes.
"""

from __future__ import annotations

from ringscope.decode.tree import control, cooked, link, network, transport
from ringscope.decode.tree.draft import LINKS, Frame

__all__ = ["LINKS", "Frame", "control", "cooked", "link", "network", "transport"]
