# SPDX-License-Identifier: Apache-2.0
"""The capture filter line: attaches on Enter, and never breaks the filter in force."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from ringscope.app.commands import bindings
from ringscope.app.programs import Programs
from ringscope.app.widgets.expression_line import ExpressionLine
from ringscope.app.widgets.prompt import PromptInput
from ringscope.capture.session import CaptureError

ETHERNET = 1
"""LINKTYPE_ETHERNET (pcap-linktype(7))."""


class FilterInput(PromptInput):
    """The expression being typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("filter")


class FilterLine(ExpressionLine):
    """What it puts in force loses every packet that does not pass; a live session has one link type."""

    LABEL = "capture"
    INPUT = FilterInput
    PLACEHOLDER = "as for tcpdump: tcp port 443 and host 10.0.0.7; none: every packet"
    DOING = "attaching"

    class Attached(Message):
        """A new filter is in force from ``epoch`` on."""

        def __init__(self, expression: str, epoch: int) -> None:
            super().__init__()
            self.expression = expression
            self.epoch = epoch

    def in_force(self) -> str:
        return self._session.filter_expression

    def compiled(self, programs: Programs) -> None:
        program = programs.programs[self._session.link_type]
        count = program.instructions
        size = f"{count} instruction" + ("s" if count != 1 else "")
        what = "compiles" if programs.expression.strip() else "every packet"
        if program.mode == "offline" and self._session.link_type == ETHERNET:
            # This system let the compiler have no live handle; its code looks for tags only in the bytes.
            self.answer.say(f" ✓ {what}, {size}; VLAN tags that the kernel takes out are not seen", "warning")
        else:
            self.answer.say(f" ✓ {what}, {size}", "good")

    async def put_in_force(self, programs: Programs) -> bool:
        expression, code = programs.expression, programs.codes[self._session.link_type]
        try:
            epoch = await asyncio.to_thread(self._session.set_filter, expression, code)
        except CaptureError as error:
            self.answer.say(f" ✗ {error}; the filter in force stays", "bad")
            return False
        self.post_message(self.Attached(expression, epoch))
        return True
