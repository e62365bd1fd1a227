# SPDX-License-Identifier: Apache-2.0
"""The headers of SMB 1 (MS-CIFS section 2.2.3.1) and of SMB 2 and 3 (MS-SMB2 section 2.2.1), and what a row says of the
messages. Bodies are shown as bytes; of a few commands the row has a name or a place from them."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode import ntlmssp
from ringscope.decode.draft import Bits, Draft
from ringscope.decode.forms import coded, hex2, hex4, hex8, hex16, is_set, octets, plain
from ringscope.decode.protocols.app.dcerpc.packets import DCERPC
from ringscope.decode.protocols.app.smb.asked import answered_1, asked_1, asked_2
from ringscope.decode.protocols.app.smb.names import COMMANDS_1, COMMANDS_2, STATUSES, status
from ringscope.decode.protocols.app.smb.pipes import call_at
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

SMB1 = protocol("smb", "SMB")
SMB2 = protocol("smb2", "SMB2")

_HEADER_1, _HEADER_2 = 32, 64
_RESPONSE_1, _RESPONSE_2, _ASYNCHRONOUS = 0x80, 1, 2
_UNICODE = 0x8000  # of the second flags of SMB 1
_NT_STATUS = 0x4000  # of the second flags of SMB 1: the status is one of Windows, and not of DOS
_SESSION_SETUP_1, _SESSION_SETUP_2 = 0x73, 1
_BREAK, _NOTICE = 18, 44  # and the size of the body of a notice that a lease ends
_OPLOCK = 24  # size of the body that breaks an oplock; a lease has others
_MOST = 8  # compounded messages
_FLAGS_2: tuple[Bits, ...] = (
    ("", 2, plain),
    ("Replay", 1, is_set),
    ("DFS", 1, is_set),
    ("", 24, plain),
    ("Signed", 1, is_set),
    ("Related", 1, is_set),
    ("Asynchronous", 1, is_set),
    ("Response", 1, is_set),
)


def words(data: bytes, at: int, stop: int) -> str:
    """What the messages from `at` on say; `stop` is where the captured bytes of them end."""
    kind = data[at]
    if kind == 0xFD:
        return "Encrypted SMB3"
    if kind == 0xFC:
        return "Compressed SMB3"
    if kind == 0xFF:
        return _words_1(data, at, stop)
    found: list[str] = []
    for _ in range(_MOST):
        if at + _HEADER_2 > stop or data[at] != 0xFE:
            break
        found.append(_words_2(data, at, stop))
        following = unpack_from("<I", data, at + 20)[0]
        if following < _HEADER_2:
            break
        at += following
    return ";".join(found) or "SMB2"


def _words_1(data: bytes, at: int, stop: int) -> str:
    if at + _HEADER_1 > stop:
        return "SMB"
    command, failed, flags, more = unpack_from("<BIBH", data, at + 4)
    answer = flags & _RESPONSE_1
    info = f"{COMMANDS_1.get(command, f'unknown-0x{command:02X}')} {'Response' if answer else 'Request'}"
    if not answer:
        info += asked_1(data, at, at + _HEADER_1, stop, command, bool(more & _UNICODE))
    elif not failed:
        info += answered_1(data, at + _HEADER_1, stop, command)
    if command == _SESSION_SETUP_1 and (logon := ntlmssp.words(data, at + _HEADER_1, stop)):
        info += f", {logon}"
    if answer and failed:
        info += f", Error: {status(failed) if more & _NT_STATUS else f'class {failed & 0xFF}, code {failed >> 16}'}"
    return info


def _words_2(data: bytes, at: int, stop: int) -> str:
    failed, command, _, flags = unpack_from("<IHHI", data, at + 8)
    name = COMMANDS_2[command] if command < len(COMMANDS_2) else f"unknown-0x{command:02X}"
    body = at + _HEADER_2
    if command == _BREAK and not failed and body + 2 <= stop and unpack_from("<H", data, body)[0] != _OPLOCK:
        lease = unpack_from("<H", data, body)[0]
        answer = "Notification" if lease == _NOTICE else "Response"
        return f"Lease Break {answer if flags & _RESPONSE_2 else 'Acknowledgment'}"
    if flags & _RESPONSE_2:
        info = f"{name} Response"
        if failed:
            info += f", Error: {status(failed)}"
    else:
        info = f"{name} Request{asked_2(data, at, body, stop, command)}"
    if command == _SESSION_SETUP_2 and (logon := ntlmssp.words(data, body, stop)):
        info += f", {logon}"
    return info


@SMB1.row
@SMB2.row
def row(row: Row, at: int, end: int) -> None:
    """A message, or the call in it."""
    row.need(at, 4, end, "SMB header")
    stop = min(end, row.size)
    row.info = words(row.data, at, stop)
    call = call_at(row.data, at, stop)
    if call:
        row.enter(DCERPC, call, end)


@SMB1.layer
def layer_1(tree: Tree, at: int, end: int) -> None:
    """The header, and the bytes behind it."""
    draft = tree.open(SMB1, at, end)
    draft.title = f"SMB  {words(tree.data, at, min(end, tree.size))}"
    draft.uint("Protocol", 4, hex8)
    draft.uint("Command", 1, lambda value: f"0x{value:02x} ({COMMANDS_1.get(value, 'unknown')})")
    wide = len(draft.data) >= at + 12 and bool(unpack_from("<H", draft.data, at + 10)[0] & _NT_STATUS)
    if wide:
        _status(draft)
    else:
        draft.uint("Error class", 1)
        draft.uint("Reserved", 1)
        draft.uint("Error code", 2, order="little")
    parts = (("Response", 1, is_set), ("", 7, plain))
    draft.flags("Flags", 1, hex2, *parts)
    more: tuple[Bits, ...] = (("Unicode", 1, is_set), ("Status of Windows", 1, is_set), ("", 14, plain))
    draft.flags("More flags", 2, hex4, *more, order="little")
    draft.uint("Process (high)", 2, order="little")
    draft.raw("Signature", 8)
    draft.uint("Reserved", 2, hex4)
    for label in ("Tree", "Process", "User", "Multiplex"):
        draft.uint(label, 2, order="little")
    _body_or_call(tree, draft, at, end)


def _status(draft: Draft) -> None:
    draft.uint("Status", 4, coded(8, STATUSES), order="little")


def _body(draft: Draft) -> None:
    size = min(draft.end, draft.tree.size) - draft.at
    if size > 0:
        draft.raw("Body", size, lambda _: f"{size} bytes")


def _body_or_call(tree: Tree, draft: Draft, at: int, end: int) -> None:
    """The body, up to the call in it."""
    call = call_at(tree.data, at, min(end, tree.size))
    if not call or call < draft.at:
        _body(draft)
        return
    if call > draft.at:
        size = call - draft.at
        draft.raw("Body", size, lambda _: f"{size} bytes")
    tree.enter(DCERPC, call, end)


@SMB2.layer
def layer_2(tree: Tree, at: int, end: int) -> None:
    """The header of each message, or that of what is encrypted or compressed."""
    draft = tree.open(SMB2, at, end)
    stop = min(end, tree.size)
    draft.title = f"SMB2  {words(tree.data, at, stop)}"
    if tree.data[at] == 0xFD:
        _encrypted(draft)
        return
    if tree.data[at] == 0xFC:
        draft.uint("Protocol", 4, hex8)
        draft.uint("Original size", 4, order="little")
        _body(draft)
        return
    for _ in range(_MOST):
        start = draft.at
        if start + 4 > stop or tree.data[start] != 0xFE:
            break
        following = unpack_from("<I", tree.data, start + 20)[0] if start + 24 <= stop else 0
        if not following and start == at:
            _message(draft)
            _body_or_call(tree, draft, at, end)
            return
        kept = draft.end
        draft.end = min(start + following, kept) if following >= _HEADER_2 else kept
        with draft.group("Message", _words_2(tree.data, start, stop) if start + _HEADER_2 <= stop else ""):
            _message(draft)
            _body(draft)
        draft.end = kept
    _body(draft)


def _message(draft: Draft) -> None:
    draft.uint("Protocol", 4, hex8)
    draft.uint("Header size", 2, order="little")
    draft.uint("Credit charge", 2, order="little")
    flags = int.from_bytes(draft.data[draft.at + 8 : draft.at + 12], "little")
    if flags & _RESPONSE_2:
        _status(draft)
    else:
        draft.uint("Channel sequence", 2, order="little")
        draft.uint("Reserved", 2, order="little")
    draft.uint("Command", 2, lambda value: f"{value} ({_command(value)})", order="little")
    draft.uint("Credits", 2, order="little")
    draft.flags("Flags", 4, hex8, *_FLAGS_2, order="little")
    draft.uint("Next message", 4, order="little")
    draft.uint("Message ID", 8, order="little")
    if flags & _ASYNCHRONOUS:
        draft.uint("Asynchronous ID", 8, hex16, order="little")
    else:
        draft.uint("Process", 4, hex8, order="little")
        draft.uint("Tree", 4, hex8, order="little")
    draft.uint("Session", 8, hex16, order="little")
    draft.raw("Signature", 16)


def _command(number: int) -> str:
    return COMMANDS_2[number] if number < len(COMMANDS_2) else "unknown"


def _encrypted(draft: Draft) -> None:
    """MS-SMB2 section 2.2.41."""
    draft.uint("Protocol", 4, hex8)
    draft.raw("Signature", 16, octets)
    draft.raw("Nonce", 16, octets)
    draft.uint("Original size", 4, order="little")
    draft.uint("Reserved", 2, hex4)
    draft.uint("Flags", 2, hex4, order="little")
    draft.uint("Session", 8, hex16, order="little")
    size = min(draft.end, draft.tree.size) - draft.at
    if size > 0:
        draft.raw("Encrypted message", size, lambda _: f"{size} bytes")
