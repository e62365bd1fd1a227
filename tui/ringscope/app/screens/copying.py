# SPDX-License-Identifier: Apache-2.0
"""Copying to the terminal's clipboard: the field under the cursor, its bytes, the row, the layers, an expression."""

from __future__ import annotations

from ringscope.app import cells, clipboard, copying
from ringscope.app.pieces import Span
from ringscope.app.screens.pointing import Pointing
from ringscope.app.subject import Subject
from ringscope.app.units import group

_PREVIEW = 40  # characters of what was copied that are shown

_AS = {
    "hex": ("in hexadecimal", copying.hexadecimal),
    "text": ("as text", copying.plain_text),
    "base64": ("in base64", copying.in_base64),
}

_OF_A_FIELD = frozenset({"copy.field", "copy.value"})
_OF_BYTES = frozenset({"copy.hex", "copy.array", "copy.text", "copy.base64"})


class Copying(Pointing):
    """``y``, and a letter that says what. In the list it is the packet, elsewhere the field or the byte."""

    def action_copy(self) -> None:
        self.say("")
        subject = self.subject()
        if subject is None:
            self.say("there is no packet to copy from")
            return
        hidden: frozenset[str] = frozenset() if subject.node is not None else _OF_A_FIELD
        if not subject.data:
            hidden |= _OF_BYTES
        about: list[Span] = [("copy  ", "accent"), (cells.cut(subject.name, self.size.width // 2), "text")]
        if subject.data:
            about.append((f"  {_bytes(len(subject.data))}", "dim"))
        self.chooser.ask("copy", lambda what: self._copy(subject, what), *about, hidden=hidden)

    def _copy(self, subject: Subject, what: str) -> None:
        if not what:
            self.say("nothing was copied")
            return
        text, told = self._text(subject, what)
        if not text:
            self.say(told, "warning")
            return
        sent = clipboard.fitting(text)
        if len(sent) < len(text):
            told = f"{group(len(sent))} of {group(len(text))} characters copied: a terminal takes no more"
            self.say(told, "warning", stay=12)
        else:
            self.say(f"copied {told}")
        self.copy(sent, quiet=len(sent) < len(text))

    def _text(self, subject: Subject, what: str) -> tuple[str, str]:
        """What goes to the clipboard, and what is said of it; an empty text: why there is none."""
        if what in _AS:
            words, spelt = _AS[what]
            text = spelt(subject.data)
            return text, f"{_bytes(len(subject.data))} {words}, {_characters(text)}"
        if what == "array":
            text = copying.c_array(subject.data, subject.name)
            return text, f"{_bytes(len(subject.data))} as an array in C, {_characters(text)}"
        if what == "layers":
            text = copying.tree_text(subject.layers)
            return text, f"{len(subject.layers)} layers, {_characters(text)}"
        if what == "row":
            text = self._row_text()
            return text, f"the row, {_characters(text)}" if text else "the row is not there any more"
        if what == "expression":
            made = subject.expression()
            return made.text, made.text or made.note
        assert subject.node is not None  # these two are offered of fields only
        text = copying.field_text(subject.node) if what == "field" else copying.value_text(subject.node)
        return text, text if len(text) <= _PREVIEW else f"{text[:_PREVIEW]}…, {_characters(text)}"

    def _row_text(self) -> str:
        rows, cursor = self._viewing.rows, self.list.cursor
        rows.ensure(cursor, cursor)
        row = rows.get(cursor)
        return copying.row_text(row) if row is not None else ""


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{group(count)} bytes"


def _characters(text: str) -> str:
    return f"{group(len(text))} characters"
