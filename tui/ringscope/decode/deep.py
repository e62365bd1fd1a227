# SPDX-License-Identifier: Apache-2.0
"""Deep decode on demand: tshark's own tree of one packet, where tshark is installed.

tshark runs as a process of its own, without privilege and with limits, since it reads hostile bytes with a great deal
of code. It is given the packet's bytes and nothing else: no stream to follow, no names to look up. Its tree comes as
PDML (Wireshark's README.xml-output) and leaves as the same layers and fields that `dissect` makes, so that one pane
shows both.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from struct import pack
from xml.etree.ElementTree import Element, ParseError, fromstring

from ringscope.decode.model import Field, Layer
from ringscope.decode.text import escape, shorten

TOOL = "tshark"
SECONDS = 10.0
"""The longest that a packet may take; the first one on a machine takes a second or two."""

_MOST_OUTPUT = 16 << 20  # bytes of PDML
_MOST_FIELDS = 5000
_LONGEST = 1000  # characters of a name or a value
_DEEPEST = 40
_MEMORY = 2 << 30  # bytes of address space that tshark may have
_SNAPLEN = 262144
_UNSHOWN = {"geninfo", "frame"}
_BITS = re.compile(r"[01. ]+ = ")
_HOME = "/nonexistent"
_LIMITED = 'ulimit -c 0 && ulimit -t "$1" && ulimit -v "$2" && ulimit -f "$3" && shift 3 && exec "$@"'
"""Limits a program before it begins: by itself, by sh(1). Root may run it as somebody else and yet not be allowed to
limit it then from outside."""


class DeepError(RuntimeError):
    """There is no deep decode of this packet: one sentence with cause and cure."""


def available() -> bool:
    """Is tshark there?"""
    return shutil.which(TOOL) is not None


def deep(
    data: bytes, link_type: int, length: int, *, time_ns: int = 0, seconds: float = SECONDS, tool: str = TOOL
) -> tuple[Layer, ...]:
    """tshark's layers of one packet. Waits for it: for a thread, never for the event loop.

    data: the captured bytes from the link header on; link_type: their LINKTYPE_* number; length: bytes on the wire;
    time_ns: Unix time, which some protocols put their own times beside; seconds: how long it may take; tool: a path, or
    a name to look for. A field whose bytes are not in the packet (of what was decompressed or decrypted) has length 0.
    Raises DeepError when tshark is missing, fails, takes too long or says too much.
    """
    path = shutil.which(tool)
    if path is None:
        raise DeepError("tshark is not installed; on Debian and Ubuntu: apt install tshark")
    return _layers(_asked(path, _pcap(data, link_type, length, time_ns), seconds), data)


def _pcap(data: bytes, link_type: int, length: int, time_ns: int) -> bytes:
    """A capture file of one packet (draft-ietf-opsawg-pcap), with nanoseconds."""
    data = data[:_SNAPLEN]
    whole, part = divmod(time_ns, 1_000_000_000)
    header = pack("<IHHIIII", 0xA1B23C4D, 2, 4, 0, 0, _SNAPLEN, link_type & 0xFFFF)
    return header + pack("<IIII", whole & 0xFFFFFFFF, part, len(data), max(length, len(data))) + data


def _asked(path: str, capture: bytes, seconds: float) -> bytes:
    nobody = _nobody()
    # Into a file, not a pipe: whoever writes too much meets the limit of a file, and nobody has to read beside it.
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as said:
        given.write(capture)
        given.seek(0)
        try:
            process = subprocess.Popen(
                ["/bin/sh", "-c", _LIMITED, "sh", *_limits(seconds), path, "-n", "-r", "-", "-T", "pdml"],
                stdin=given,
                stdout=told,
                stderr=said,
                env=_environment(),
                cwd="/",
                start_new_session=True,
                user=nobody.pw_uid if nobody else None,
                group=nobody.pw_gid if nobody else None,
                extra_groups=[] if nobody else None,
            )
        except OSError as error:
            raise DeepError(f"{path} cannot be started: {error.strerror}") from error
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise DeepError(f"tshark took longer than {seconds:g} s for this packet and was ended") from None
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        told.seek(0)
        output = told.read(_MOST_OUTPUT + 1)
        if len(output) > _MOST_OUTPUT or code == -25:  # SIGXFSZ
            raise DeepError(f"tshark says more of this packet than {_MOST_OUTPUT >> 20} MiB, which nobody reads")
        if code != 0:
            said.seek(0)
            raise DeepError(f"tshark failed: {_reason(said.read(4096), code)}")
        return output


def _environment() -> dict[str, str]:
    """No settings, no plugins and no profile of whoever runs us."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "HOME": _HOME, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _nobody() -> pwd.struct_passwd | None:
    """Who runs it in root's place; who is not root can only be who he is."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        return None


def _limits(seconds: float) -> tuple[str, ...]:
    """What `_LIMITED` is told: seconds of CPU, KiB of memory, and blocks of 512 bytes in a file."""
    return str(int(seconds) + 1), str(_MEMORY >> 10), str((_MOST_OUTPUT >> 9) + 1)


def _reason(said: bytes, code: int) -> str:
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if not line.startswith("Running as")]
    words = " ".join(" ".join(lines).split())
    return shorten(escape(words.removeprefix("tshark: ")), 200) or f"exit code {code}"


def _layers(output: bytes, data: bytes) -> tuple[Layer, ...]:
    try:
        packet = fromstring(output).find("packet")
    except ParseError as error:
        raise DeepError("tshark's answer is not the XML that it should be; is it an old one?") from error
    if packet is None:
        raise DeepError("tshark says nothing of this packet")
    budget = [_MOST_FIELDS]
    return tuple(_layer(each, data, budget) for each in packet if each.get("name") not in _UNSHOWN)


def _layer(proto: Element, data: bytes, budget: list[int]) -> Layer:
    start, length = _place(proto, data)
    name = escape(shorten(proto.get("name") or "data", _LONGEST))
    title = escape(shorten(proto.get("showname") or proto.get("show") or name, _LONGEST))
    return Layer(name, title, start, length, tuple(_fields(proto, data, 0, budget)))


def _fields(parent: Element, data: bytes, depth: int, budget: list[int]) -> Iterator[Field]:
    for each in parent:
        if each.get("hide") == "yes":
            continue
        if budget[0] <= 0 or depth > _DEEPEST:
            return
        budget[0] -= 1
        start, length = _place(each, data)
        name, display = _words(each)
        yield Field(name, display, start, length, depth=depth)
        yield from _fields(each, data, depth + 1, budget)


def _words(field: Element) -> tuple[str, str]:
    """ "Source Port: 53" parted in two; the picture that tshark draws of bits is left out."""
    whole = field.get("showname") or field.get("show") or field.get("name") or ""
    bits = _BITS.match(whole)
    whole = whole[bits.end() :] if bits else whole
    name, colon, display = whole.partition(": ")
    if not colon:
        name, display = whole, ""
    return escape(shorten(name, _LONGEST)), escape(shorten(display, _LONGEST))


def _place(element: Element, data: bytes) -> tuple[int, int]:
    """Byte range in the packet; nothing where PDML's offset counts in bytes that tshark has made itself."""
    try:
        start, length = int(element.get("pos") or 0), int(element.get("size") or 0)
    except ValueError:
        return 0, 0
    if start < 0 or length <= 0 or start + length > len(data):
        return min(max(start, 0), len(data)), 0
    value = element.get("unmaskedvalue") or element.get("value")
    if value is not None and len(value) == 2 * length and value != data[start : start + length].hex():
        return 0, 0
    return start, length
