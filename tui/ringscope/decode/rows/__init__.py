# SPDX-License-Identifier: Apache-2.0
"""Packets to rows, one small module a family of protocols.

Importing the package fills the tables of `ringscope.decode.rows.row`. Everything here reads with `struct`: a list shows
dozens of rows ten times a second, and no decoded object is kept.
"""

from __future__ import annotations

from ringscope.decode.rows import control, cooked, link, network, transport
from ringscope.decode.rows.row import LINKS, Row

__all__ = ["LINKS", "Row", "control", "cooked", "link", "network", "transport"]
