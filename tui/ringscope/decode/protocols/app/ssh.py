# SPDX-License-Identifier: Apache-2.0
"""SSH (RFC 4253, RFC 4419, RFC 5656, RFC 4462): banners, the key exchange, and what is encrypted from there on."""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Short
from ringscope.decode.forms import yes
from ringscope.decode.lines import add_line, first_line, take_line
from ringscope.decode.memory import Flow
from ringscope.decode.registry import TCP, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

SSH = protocol("ssh", "SSH", role="tcp", tcp=(22, 830, 29418), sctp=(22,))

_VERSION = "ssh.version"
"""Fact of a flow: 1 or 2."""

_LONGEST = 35000  # of a packet, that everybody must understand (RFC 4253 section 6.1)
_MOST = 8  # packets of a segment that are named
_CURVE_SHARES = {32, 56, 65, 97, 133, 1039, 1120, 1158, 1190, 1216, 1249}
"""Bytes of public values on curves, and of those joined with the lattices sntrup761 and ML-KEM."""

_NAMES = {
    1: "Disconnect",
    2: "Ignore",
    3: "Unimplemented",
    4: "Debug",
    20: "Key Exchange Init",
    21: "New Keys",
    32: "Diffie-Hellman Group Exchange Init",
    33: "Diffie-Hellman Group Exchange Reply",
    34: "Diffie-Hellman Group Exchange Request",
    35: "Key Exchange Host Key",
    40: "GSS-API Group Exchange Request",
    41: "GSS-API Group Exchange Group",
}
_REASONS = {
    1: "host not allowed to connect",
    2: "protocol error",
    3: "key exchange failed",
    4: "reserved",
    5: "MAC error",
    6: "compression error",
    7: "service not available",
    8: "protocol version not supported",
    9: "host key not verifiable",
    10: "connection lost",
    11: "by application",
    12: "too many connections",
    13: "authentication cancelled by user",
    14: "no more authentication methods available",
    15: "illegal user name",
}
_LISTS = (
    "Key exchange algorithms",
    "Host key algorithms",
    "Ciphers to the server",
    "Ciphers to the client",
    "MACs to the server",
    "MACs to the client",
    "Compression to the server",
    "Compression to the client",
    "Languages to the server",
    "Languages to the client",
)
_IN_LISTS = b"none"
"""Ends the list of compressions of nearly every Key Exchange Init, and so is in its second part."""

_OLD = {1: "Disconnect", 2: "Public Key", 3: "Session Key", 4: "User", 14: "Success", 15: "Failure"}
"""Messages of SSH 1 before it encrypts, and the first ones behind (draft-ylonen-ssh-protocol-00)."""


@SSH.magic(TCP, first=b"S")
def magic(data: bytes, at: int, stop: int) -> bool:
    """The beginning of a banner."""
    return data.startswith((b"SSH-2.0-", b"SSH-1."), at, stop)


def _packets(data: bytes, at: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """The readable packets: message number, start and end of each. Nothing marks an encrypted one, but its length,
    padding and number make no sense."""
    while at + 6 <= stop:
        size, padding, kind = unpack_from(">IBB", data, at)
        plausible = 8 <= size <= _LONGEST and size % 8 == 4 and 4 <= padding < size
        if not plausible or not (kind in _NAMES or kind in (30, 31)):
            return
        yield kind, at, at + 4 + size
        at += 4 + size
        if kind == 21:  # from here on this side encrypts
            return


def _name(data: bytes, kind: int, at: int, stop: int) -> str:
    """The name of a message; those of 30 and 31 depend on the method, which their shape tells."""
    if kind == 30:
        if stop - at == 4:
            return "Diffie-Hellman Group Exchange Request (Old)"
        sizes = _strings(data, at, stop, 1)
        return f"{_family(sizes[0] if sizes else 0)}Diffie-Hellman Key Exchange Init"
    if kind == 31:
        sizes = _strings(data, at, stop, 3)
        if len(sizes) == 2 and sum(sizes) + 8 == stop - at:
            return "Diffie-Hellman Group Exchange Group"
        return f"{_family(sizes[1] if len(sizes) > 1 else 0)}Diffie-Hellman Key Exchange Reply"
    return _NAMES[kind]


def _family(size: int) -> str:
    return "Elliptic Curve " if size in _CURVE_SHARES else ""


def _strings(data: bytes, at: int, stop: int, most: int) -> list[int]:
    """The lengths of the strings that stand one behind the other."""
    sizes: list[int] = []
    while at + 4 <= stop and len(sizes) < most:
        sizes.append(unpack_from(">I", data, at)[0])
        at += 4 + sizes[-1]
    return sizes


def _body(data: bytes, at: int, after: int, stop: int) -> tuple[int, int]:
    """Where the fields of a packet begin and end."""
    return at + 6, min(after - data[at + 4], stop)


def _learn(flow: Flow | None, data: bytes, at: int) -> int:
    """The version, 0 if it is unknown; a banner says it."""
    if data.startswith(b"SSH-", at):
        version = 1 if data.startswith(b"SSH-1.", at) and not data.startswith(b"SSH-1.99", at) else 2
        if flow is not None:
            flow.note(_VERSION, version)
        return version
    found = flow.facts.get(_VERSION, 0) if flow is not None else 0
    return found if isinstance(found, int) else 0


@SSH.row
def row(row: Row, at: int, end: int) -> None:
    """Who speaks: the banner, the messages of the key exchange, or how much is encrypted."""
    data, stop = row.data, min(end, row.size)
    version = _learn(row.flow, data, at)
    row.protocol = f"SSHv{version}" if version else "SSH"
    words: list[str] = []
    if data.startswith(b"SSH-", at):
        words.append(f"Protocol ({first_line(data, at, stop)})")
        found = data.find(b"\n", at, stop)
        at = stop if found < 0 else found + 1
    if version == 1 and at < stop:
        words.append(_old_name(data, at, stop) or f"Encrypted packet (len={end - at})")
        at = stop
    after = at
    for kind, start, after in _packets(data, at, stop):
        if len(words) < _MOST:
            words.append(_name(data, kind, *_body(data, start, after, stop)))
        if after > end:
            words[-1] += " [continues]"
    if after < stop:
        lists = not words and data.find(_IN_LISTS, after, stop) >= 0
        words.append("Key Exchange Init (continued)" if lists else f"Encrypted packet (len={end - after})")
    row.info = f"{'Client' if row.from_client else 'Server'}: {', '.join(words)}"


def _old_name(data: bytes, at: int, stop: int) -> str:
    """The name of a readable packet of SSH 1."""
    if stop - at < 13:
        return ""
    size = unpack_from(">I", data, at)[0]
    place = at + 4 + 8 - size % 8
    return _OLD.get(data[place], "") if 5 <= size <= 0x40000 and place < stop and data[place] in (1, 2, 3) else ""


@SSH.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The banner, and every readable packet field by field."""
    draft = tree.open(SSH, at, end)
    stop = min(end, tree.size)
    version = _learn(tree.flow, tree.data, at)
    draft.title = f"SSH  {tree.words(SSH, at, end)}"
    if tree.data.startswith(b"SSH-", at):
        line, size = take_line(draft)
        add_line(draft, "Protocol", line, size)
    if version == 1 and draft.at < stop:
        _old(draft, stop)
    else:
        for kind, start, after in _packets(tree.data, draft.at, stop):
            _packet(draft, kind, start, after, end)
    if draft.at < stop:
        size = stop - draft.at
        label = "Part of a packet" if draft.title.endswith("(continued)") else "Encrypted data"
        draft.raw(label, size, lambda _: f"{size} bytes")


def _packet(draft: Draft, kind: int, start: int, after: int, end: int) -> None:
    name = _name(draft.data, kind, *_body(draft.data, start, after, min(end, draft.tree.size)))
    with draft.group("Packet", name):
        draft.uint("Packet length", 4)
        padding = draft.uint("Padding length", 1)
        draft.uint("Message", 1, lambda value: f"{value} ({name})")
        draft.end = min(after - padding, end)
        try:
            _fields(draft, kind, name)
            draft.rest("Data")
        except Short:
            if after <= end:
                raise
            draft.end = end
            draft.rest("Part")
        draft.end = min(after, end)
        draft.rest("Padding")
        draft.end = end


def _fields(draft: Draft, kind: int, name: str) -> None:
    if kind == 20:
        draft.raw("Cookie", 16)
        for label in _LISTS:
            _text(draft, label)
        draft.uint("First packet of the exchange follows", 1, yes)
        draft.uint("Reserved", 4)
    elif kind == 1:
        draft.uint("Reason", 4, _REASONS)
        _text(draft, "Description")
        _text(draft, "Language")
    elif kind == 3:
        draft.uint("Packet sequence number", 4)
    elif kind == 34:
        for label in ("Least bits", "Preferred bits", "Most bits"):
            draft.uint(label, 4)
    elif name.endswith("(Old)"):
        draft.uint("Bits", 4)
    elif name.endswith("Group") and kind == 31:
        _bytes(draft, "Prime")
        _bytes(draft, "Generator")
    elif kind in (30, 32):
        _bytes(draft, "Public value")
    elif kind in (31, 33):
        _host_key(draft)
        _bytes(draft, "Public value")
        with draft.group("Signature") as group:
            size = draft.uint("Length", 4)
            with draft.limited(size):
                group.display = _text(draft, "Algorithm")
                _bytes(draft, "Value")


def _text(draft: Draft, label: str) -> str:
    """A string of text. The four bytes of its length are in no field of their own."""
    size = draft.peek(4)
    draft.take(4, "length")
    if size:
        return draft.text(label, size)
    draft.add(label, "", draft.at - 4, 4)
    return ""


def _bytes(draft: Draft, label: str) -> None:
    draft.raw(label, draft.uint(f"{label} length", 4))


def _host_key(draft: Draft) -> None:
    with draft.group("Host key") as group:
        size = draft.uint("Length", 4)
        with draft.limited(size):
            whole = draft.data[draft.at : draft.at + size]
            group.display = _text(draft, "Type")
            draft.rest("Key")
        if len(whole) == size:
            group.note = f"SHA256:{_fingerprint(whole)}, computed over the key"


def _fingerprint(key: bytes) -> str:
    """As ssh-keygen(1) writes it."""
    from base64 import b64encode
    from hashlib import sha256  # loads libcrypto, which no row needs

    return b64encode(sha256(key).digest()).decode().rstrip("=")


def _old(draft: Draft, stop: int) -> None:
    name = _old_name(draft.data, draft.at, stop)
    if name:
        with draft.group("Packet", name):
            size = draft.uint("Packet length", 4)
            draft.raw("Padding", 8 - size % 8)
            draft.uint("Message", 1, _OLD)
            draft.raw("Data", min(size - 5, stop - draft.at))
            if stop - draft.at >= 4:
                draft.raw("Check bytes", 4)
