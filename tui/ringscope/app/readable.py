# SPDX-License-Identifier: Apache-2.0
"""Bytes of a stream as text that can be read and cannot harm. No Textual here.

What is UTF-8 is shown as such; each other byte, and each character that a terminal would act on or give no cell, is a
dot. So text never takes more cells than bytes, and every cell has its bytes.
"""

from __future__ import annotations

from ringscope.app import cells

DOT = "·"

_TABLE = bytes(byte if 0x20 <= byte < 0x7F else 0x20 if byte == 9 else 0 for byte in range(256))


def readable(data: bytes) -> str:
    """The text of a line, without what ends it."""
    body = _body(data)
    if body.isascii():
        return body.translate(_TABLE).decode().replace("\0", DOT)
    return "".join(text for text, _ in spelled(body))


def spelled(data: bytes) -> list[tuple[str, int]]:
    """Character by character, with how many bytes each has; what ends the line has no text."""
    found: list[tuple[str, int]] = []
    body = _body(data)
    for character in body.decode("utf-8", "surrogateescape"):
        size = 1 if "\udc80" <= character <= "\udcff" else len(character.encode())
        found.append((" " if character == "\t" else character if _is_plain(character) else DOT, size))
    return found + [("", 1)] * (len(data) - len(body))


def _body(data: bytes) -> bytes:
    return data[:-1].removesuffix(b"\r") if data.endswith(b"\n") else data


def _is_plain(character: str) -> bool:
    return character.isprintable() and cells.safe(character) == character and cells.width(character) > 0
