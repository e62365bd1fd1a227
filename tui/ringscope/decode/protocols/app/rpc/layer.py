# SPDX-License-Identifier: Apache-2.0
"""Layers of ONC RPC: each header field by field; arguments and results are bytes in the program's layer."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex8, yes
from ringscope.decode.protocols.app.rpc.messages import (
    CALL,
    FLAVORS,
    MARK,
    REJECTIONS,
    RPC,
    RPC_STREAM,
    STATUSES,
    Message,
    read,
    record,
)
from ringscope.decode.protocols.app.rpc.nfs import told
from ringscope.decode.protocols.app.rpc.programs import PROGRAMS, procedure_name, program_name
from ringscope.decode.tree import Tree

_MOST = 16  # messages of a segment


@RPC.layer
def datagram(tree: Tree, at: int, end: int) -> None:
    """One message."""
    draft = tree.open(RPC, at, end)
    draft.say()
    message = read(tree.data, at, min(end, tree.size), tree.flow)
    if message is None:
        draft.raw("Data", end - at)
        return
    _header(draft, message)
    _body(draft, message, end)


@RPC_STREAM.layer
def stream(tree: Tree, at: int, end: int) -> None:
    """The messages that begin in this segment; the program of the first has a layer of its own."""
    draft = tree.open(RPC_STREAM, at, end)
    draft.say()
    stop = min(end, tree.size)
    for number in range(_MOST):
        size = record(tree.data, draft.at, stop)
        after = draft.at + MARK + size
        message = read(tree.data, draft.at + MARK, min(stop, after), tree.flow) if size else None
        if message is None:
            break
        if number:
            with draft.group("Message", message.words):
                _record(draft, message, min(after, end))
                _arguments(draft, message, min(after, stop))
        else:
            _record(draft, message, min(after, end))
            _body(draft, message, min(after, end))
        if after >= stop:
            return
        if not number and message.program in PROGRAMS:
            draft = tree.open(RPC_STREAM, after, end, "RPC  further messages", "trailer")
    draft.at = max(draft.at, draft.stop)
    size = stop - draft.at
    if size > 0:
        draft.raw("Part of a message", size, lambda _: f"{size} bytes")


def _record(draft: Draft, message: Message, end: int) -> None:
    draft.bits(4, ("Last fragment", 1, yes), ("Fragment length", 31, str))
    kept, draft.end = draft.end, end
    _header(draft, message)
    draft.end = kept


def _header(draft: Draft, message: Message) -> None:
    draft.uint("Transaction (XID)", 4, hex8)
    draft.uint("Message type", 4, {0: "call", 1: "reply"})
    if message.kind == CALL:
        draft.uint("RPC version", 4)
        program = draft.uint("Program", 4, lambda number: f"{number} ({program_name(number)})")
        version = draft.uint("Program version", 4)
        draft.uint("Procedure", 4, lambda number: f"{number} ({procedure_name(program, version, number)})")
        _auth(draft, "Credentials")
        _auth(draft, "Verifier")
        return
    if draft.uint("Reply state", 4, {0: "accepted", 1: "denied"}):
        draft.uint("Rejection", 4, REJECTIONS)
        draft.rest("Reason")
        return
    _auth(draft, "Verifier")
    draft.uint("Status", 4, STATUSES)


def _auth(draft: Draft, label: str) -> None:
    with draft.group(label, FLAVORS.get(draft.peek(4), "")):
        draft.uint("Flavor", 4, FLAVORS)
        size = draft.uint("Length", 4)
        if size:
            draft.raw("Value", size)
        if -size % 4:
            draft.raw("Filling", -size % 4)


def _body(draft: Draft, message: Message, end: int) -> None:
    """Arguments or results, in the layer of their program if it is known."""
    tree = draft.tree
    program = PROGRAMS.get(message.program)
    stop = min(end, tree.size)
    if program is None:
        _arguments(draft, message, stop)
        return
    inner = tree.open(program, min(draft.at, stop), end)
    inner.title = f"{program.title}  {message.words}{told(tree.data, message, stop)}"
    _arguments(inner, message, stop)


def _arguments(draft: Draft, message: Message, stop: int) -> None:
    size = stop - draft.at
    if size > 0:
        draft.raw("Arguments" if message.kind == CALL else "Results", size, lambda _: f"{size} bytes")
