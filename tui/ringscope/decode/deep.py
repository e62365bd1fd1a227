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
import shutil
import signal
import subprocess
from contextlib import suppress
from struct import pack
from tempfile import TemporaryFile
from threading import Event
from time import monotonic
from typing import IO

from ringscope.decode.model import Layer
from ringscope.decode.pdml import DeepError, layers
from ringscope.decode.text import escape, shorten

__all__ = ["SECONDS", "TOOL", "DeepError", "available", "deep"]

TOOL = "tshark"
SECONDS = 10.0
"""The longest that a packet may take; the first one on a machine takes a second or two."""

_MOST_OUTPUT = 16 << 20  # bytes of PDML
_LOOK = 0.02  # seconds between two looks whether it has ended
_MEMORY = 2 << 30  # bytes of address space that tshark may have
_SNAPLEN = 262144
_HOME = "/nonexistent"
_LIMITED = 'ulimit -c 0 && ulimit -t "$1" && ulimit -v "$2" && ulimit -f "$3" && shift 3 && exec "$@"'
"""Limits a program before it begins: by itself, by sh(1). Root may run it as somebody else and yet not be allowed to
limit it then from outside."""


def available() -> bool:
    """Is tshark there?"""
    return shutil.which(TOOL) is not None


def deep(
    data: bytes,
    link_type: int,
    length: int,
    *,
    time_ns: int = 0,
    seconds: float = SECONDS,
    tool: str = TOOL,
    cancelled: Event | None = None,
) -> tuple[Layer, ...]:
    """tshark's layers of one packet. Waits for it: for a thread, never for the event loop.

    data: the captured bytes from the link header on; link_type: their LINKTYPE_* number; length: bytes on the wire;
    time_ns: Unix time, which some protocols put their own times beside; seconds: how long it may take; tool: a path, or
    a name to look for; cancelled: set by another thread, ends tshark at once. A field whose bytes are not in the packet
    (of what was decompressed or decrypted) has length 0. Raises DeepError when tshark is missing, fails, takes too
    long, says too much or was cancelled.
    """
    path = shutil.which(tool)
    if path is None:
        raise DeepError("tshark is not installed; on Debian and Ubuntu: apt install tshark")
    with TemporaryFile() as told:
        _ask(path, _pcap(data, link_type, length, time_ns), told, seconds, cancelled or Event())
        told.seek(0)
        return layers(told, data)


def _pcap(data: bytes, link_type: int, length: int, time_ns: int) -> bytes:
    """A capture file of one packet (draft-ietf-opsawg-pcap), with nanoseconds."""
    data = data[:_SNAPLEN]
    whole, part = divmod(time_ns, 1_000_000_000)
    header = pack("<IHHIIII", 0xA1B23C4D, 2, 4, 0, 0, _SNAPLEN, link_type & 0xFFFF)
    return header + pack("<IIII", whole & 0xFFFFFFFF, part, len(data), max(length, len(data))) + data


def _ask(path: str, capture: bytes, told: IO[bytes], seconds: float, cancelled: Event) -> None:
    """Have the answer written to ``told``."""
    nobody = _nobody()
    # Into a file, not a pipe: whoever writes too much meets the limit of a file, and nobody has to read beside it.
    with TemporaryFile() as given, TemporaryFile() as said:
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
            code = _ended(process, seconds, cancelled)
        finally:
            _end(process)
        if os.fstat(told.fileno()).st_size > _MOST_OUTPUT or code == -signal.SIGXFSZ:
            raise DeepError(f"tshark says more of this packet than {_MOST_OUTPUT >> 20} MiB, which nobody reads")
        if code != 0:
            said.seek(0)
            raise DeepError(f"tshark failed: {_reason(said.read(4096), code)}")


def _ended(process: subprocess.Popen[bytes], seconds: float, cancelled: Event) -> int:
    """Wait; the exit code."""
    until = monotonic() + seconds
    while (code := process.poll()) is None:
        if cancelled.wait(_LOOK):
            raise DeepError("tshark was ended")
        if monotonic() > until:
            raise DeepError(f"tshark took longer than {seconds:g} s for this packet and was ended")
    return code


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and whatever it has started; it leads a group of its own."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


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
