# SPDX-License-Identifier: Apache-2.0
"""From what is under the cursor to a pcap-filter(7) expression that selects its packet, and others like it.

``field`` makes the expression, ``reach`` knows which bytes of a packet an expression can name, ``octets`` writes tests
of them, ``primitives`` has the words that pcap-filter has of its own, ``combining`` joins two expressions.
"""

from __future__ import annotations

from ringscope.app.expression.combining import NotTogether, combined
from ringscope.app.expression.field import Expression, field_expression, layer_expression

__all__ = ["Expression", "NotTogether", "combined", "field_expression", "layer_expression"]
