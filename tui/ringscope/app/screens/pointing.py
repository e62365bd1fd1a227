# SPDX-License-Identifier: Apache-2.0
"""What the keys act on: the packet under the cursor, a field of it, or some of its bytes."""

from __future__ import annotations

from ringscope.app import subject
from ringscope.app.detail import Detail
from ringscope.app.screens.going import Going
from ringscope.app.subject import Subject


class Pointing(Going):
    """Needs to know which packet the lower panes show."""

    _detail: Detail

    def subject(self) -> Subject | None:
        """In the list the packet, in the layers the field, in the bytes those that are lit; None: no packet."""
        shown, focused = self._detail.shown, self.focused
        if focused is self.layers_pane and shown is not None and self.layers_pane.node is not None:
            return subject.of_node(self.layers_pane.node, *shown)
        if focused is self.hex and shown is not None and self.hex.data:
            lit = self.hex.lit or range(self.hex.byte, self.hex.byte + 1)
            return subject.of_bytes(lit, self.layers_pane.node, *shown)
        number = self.list.number if self.list.count else 0
        decoded = self._detail.read(number) if number else None
        return subject.of_packet(*decoded) if decoded is not None else None
