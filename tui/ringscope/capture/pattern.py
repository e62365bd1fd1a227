# SPDX-License-Identifier: Apache-2.0
"""What is looked for in the bytes of packets: text, bytes in hexadecimal, or a regular expression."""

from __future__ import annotations

import re
from typing import Final, Literal, Self

from ringscope.frozen import frozen

Kind = Literal["text", "hex", "regex"]

_PREFIXES: Final[dict[str, Kind]] = {"text:": "text", "hex:": "hex", "re:": "regex"}
_BETWEEN: Final = re.compile(r"[\s:.,-]+|0[xX]|\\x")
"""What may stand between the digits of bytes: as tcpdump, Wireshark, C and people write them."""


class PatternError(ValueError):
    """A pattern that cannot be looked for: one sentence with cause and cure."""


_ESCAPE: Final = re.compile(r"\\(?:x[0-9a-fA-F]{2}|.)", re.DOTALL)


@frozen
class Pattern:
    """What is looked for.

    ``data`` are the bytes, for a regular expression its own text. ``ignore_case`` holds for the letters A to Z.
    """

    kind: Kind
    data: bytes
    ignore_case: bool = False

    @classmethod
    def parse(cls, line: str) -> Self:
        """A pattern as typed: ``GET /``, ``hex:0d 0a``, ``re:^\\x16\\x03``; ``text:re:`` looks for what reads like one.

        Text and regular expressions without a capital letter ignore case, as in less(1) with -i. Raises PatternError.
        """
        kind: Kind
        for prefix, kind in _PREFIXES.items():
            if line.startswith(prefix):
                return cls.of(kind, line.removeprefix(prefix))
        return cls.of("text", line)

    @classmethod
    def of(cls, kind: Kind, text: str, *, ignore_case: bool | None = None) -> Self:
        """``ignore_case`` None: as the text says, see :meth:`parse`. Raises PatternError."""
        if not text.strip() and (kind != "text" or not text):
            raise PatternError("there is nothing to look for; type text, hex:0d 0a, or re: and a regular expression")
        if kind == "hex":
            return cls(kind, _bytes(text))
        if ignore_case is None:
            ignore_case = not _has_capital(text, escapes=kind == "regex")
        found = cls(kind, text.encode("utf-8", "surrogateescape"), ignore_case)
        if kind == "regex":
            found.compiled()
        return found

    def compiled(self) -> re.Pattern[bytes]:
        """The regular expression, in which a dot is any byte. Raises PatternError."""
        try:
            return re.compile(self.data, re.DOTALL | (re.IGNORECASE if self.ignore_case else 0))
        except (re.error, OverflowError, RecursionError) as error:
            raise PatternError(
                f"this is not a regular expression: {error}; see Python's re, or look for text"
            ) from None


def _has_capital(text: str, *, escapes: bool) -> bool:
    return any(letter.isupper() for letter in (_ESCAPE.sub("", text) if escapes else text))


def _bytes(text: str) -> bytes:
    parts = [part for part in _BETWEEN.split(text) if part]
    if bad := re.search(r"[^0-9a-fA-F]", "".join(parts)):
        raise PatternError(f"{bad[0]!r} is no hexadecimal digit; write bytes like 0d 0a or de:ad:be:ef")
    # A digit alone is a byte where bytes stand apart, as in an address: 2:0:5e:10:0:1.
    if len(parts) > 1:
        parts = [part.zfill(2) if len(part) == 1 else part for part in parts]
    odd = next((part for part in parts if len(part) % 2), None)
    if odd is not None:
        raise PatternError(f"{odd!r} has half a byte too few; a byte has two hexadecimal digits")
    if not parts:
        raise PatternError("there is no byte to look for; write bytes like 0d 0a or de:ad:be:ef")
    return bytes.fromhex("".join(parts))
