# SPDX-License-Identifier: Apache-2.0
"""What is copied of a packet, as text: a field, bytes in several spellings, a row, the tree of layers. No Textual here.

Nothing in it can act on a terminal it is pasted into: what came off the wire is escaped, but for the line breaks and
tabs of text that was asked for as text.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

from ringscope.app.columns import Row
from ringscope.app.fields import Node
from ringscope.app.units import clock
from ringscope.decode import Layer, escape

_A_LINE = 12  # bytes of a C array


def field_text(node: Node) -> str:
    """``TTL: 64``; of a layer its title."""
    return f"{node.name}: {node.value}" if node.value else node.name


def value_text(node: Node) -> str:
    """What the field says, without what was computed about it; of a layer its title."""
    shown = node.field.display if node.field is not None else ""
    return shown or node.value or node.name


def hexadecimal(data: bytes) -> str:
    """Digits only: what other programs take."""
    return data.hex()


def c_array(data: bytes, name: str) -> str:
    """A definition in C (and, but for its first line, in many languages like it)."""
    word = re.sub(r"[^a-z0-9]+", "_", name.lower(), flags=re.ASCII).strip("_") or "bytes"
    word = f"_{word}" if word[0].isdigit() else word
    lines = (data[at : at + _A_LINE] for at in range(0, len(data), _A_LINE))
    body = ",\n".join("    " + ", ".join(f"0x{byte:02x}" for byte in line) for line in lines)
    return f"static const unsigned char {word}[{len(data)}] = {{\n{body}\n}};\n"


def plain_text(data: bytes) -> str:
    """UTF-8, with its lines and tabs; every other byte that is no text as an escape."""
    lines = data.decode("utf-8", "backslashreplace").replace("\r\n", "\n").split("\n")
    return "\n".join("\t".join(escape(part) for part in line.split("\t")) for line in lines)


def in_base64(data: bytes) -> str:
    """RFC 4648."""
    return base64.b64encode(data).decode("ascii")


def row_text(row: Row) -> str:
    """The columns of a row, whole."""
    columns = (str(row.number), clock(row.time_ns, 26), row.source, row.destination, row.protocol, str(row.length))
    return "  ".join(escape(part) for part in (*columns, row.info) if part)


def tree_text(layers: Sequence[Layer]) -> str:
    """All layers and fields, unfolded and indented."""
    lines: list[str] = []
    for layer in layers:
        lines.append(escape(layer.title))
        for field in layer.fields:
            label = f"{field.name}: {field.text}" if field.text else field.name
            lines.append("    " * (field.depth + 1) + escape(label))
    return "\n".join(lines) + "\n"
