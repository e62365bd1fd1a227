# SPDX-License-Identifier: Apache-2.0
"""FTP (RFC 959) with IPv6 (RFC 2428), security (RFC 4217) and other extensions (RFC 3659); and its data connections,
which a control connection announces."""

from __future__ import annotations

from ringscope.decode.dialogue import is_reply, is_text, joined, line_field, lines, reply_field, rest_lines, to_server
from ringscope.decode.memory import Endpoint
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

_PORTS = (21,)
FTP = protocol("ftp", "FTP", tcp=_PORTS)
FTP_DATA = protocol("ftp-data", "FTP-DATA", tcp=(20,))

_PASSIVE, _PASSIVE_EXTENDED = b"227 ", b"229 "
_LONGEST = 200  # bytes of a line that announces an address


@FTP.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """Text."""
    return is_text(data, at, stop)


def _to_server(walk: Walk) -> bool:
    return to_server(walk.ports, _PORTS, walk.from_client)


def _learn(walk: Walk, at: int, stop: int) -> None:
    """A data connection that this line announces."""
    if walk.memory is None or walk.piece not in ("", "segment"):
        return
    line = walk.data[at : min(stop, at + _LONGEST)].partition(b"\n")[0].strip()
    end = _announced(line, walk.source)
    if end is not None:
        walk.memory.expect("tcp", end, FTP_DATA)


def _announced(line: bytes, source: str) -> Endpoint | None:
    """Address and port that a client's PORT or EPRT, or a server's answer to PASV or EPSV, announces."""
    if line.startswith(_PASSIVE):
        return _six(line[4:].rpartition(b"(")[2].partition(b")")[0].rpartition(b" ")[2])
    upper = line[:5].upper()
    if upper == b"PORT ":
        return _six(line[5:])
    if line.startswith(_PASSIVE_EXTENDED):
        parts = line.rpartition(b"(")[2].split(b"|")
        return (source, int(parts[3])) if len(parts) > 3 and _is_port(parts[3]) else None
    if upper == b"EPRT ":
        parts = line[5:].split(b"|")
        return (parts[2].decode("latin-1"), int(parts[3])) if len(parts) > 3 and _is_port(parts[3]) else None
    return None


def _six(text: bytes) -> Endpoint | None:
    """Four numbers of an address and two of a port, with commas."""
    parts = text.strip(b" .").split(b",")
    if len(parts) != 6 or not all(part.isdigit() and len(part) < 4 and int(part) < 256 for part in parts):
        return None
    numbers = [int(part) for part in parts]
    return ".".join(map(str, numbers[:4])), numbers[4] << 8 | numbers[5]


def _is_port(text: bytes) -> bool:
    return text.isdigit() and len(text) < 6 and int(text) < 65536


@FTP.row
def row(row: Row, at: int, end: int) -> None:
    """The first line."""
    stop = min(end, row.size)
    _learn(row, at, stop)
    row.info = f"{'Request' if _to_server(row) else 'Response'}: {joined(lines(row.data, at, stop, 1))}"


@FTP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Each line with its parts."""
    draft = tree.open(FTP, at, end)
    draft.say()
    stop = min(end, tree.size)
    _learn(tree, at, stop)
    client = _to_server(tree)
    for _ in range(100):
        if draft.at >= stop:
            return
        if client:
            line_field(draft, "Request", ("Command", "Argument"))
        elif is_reply(tree.data, draft.at, stop):
            reply_field(draft, "Response")
        else:
            line_field(draft, "Line")
    rest_lines(draft, stop, "Line")


@FTP_DATA.row
def data_row(row: Row, at: int, end: int) -> None:
    """How much."""
    row.info = f"FTP Data: {end - at} bytes"


@FTP_DATA.layer
def data_layer(tree: Tree, at: int, end: int) -> None:
    """The lines of a listing, or bytes."""
    draft = tree.open(FTP_DATA, at, end)
    draft.say()
    rest_lines(draft, min(end, tree.size), "Line")
