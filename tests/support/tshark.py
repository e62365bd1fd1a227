# SPDX-License-Identifier: Apache-2.0
"""What tshark says of every packet of a file, in one pass, remembered in a temporary folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

FIELDS = ("frame.number", "frame.cap_len", "frame.protocols", "_ws.col.Protocol", "_ws.col.Info")
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Said:
    """tshark's words for one packet."""

    captured: int
    protocols: tuple[str, ...]
    protocol: str
    info: str


ALONE = (
    "tcp.desegment_tcp_streams:FALSE",
    "tcp.analyze_sequence_numbers:FALSE",
    "ip.defragment:FALSE",
    "ipv6.defragment:FALSE",
    "sctp.reassembly:FALSE",
)
"""Preferences with which each packet speaks for itself."""


def said(tool: str, path: Path, preferences: tuple[str, ...] = ()) -> dict[int, Said]:
    """By packet number, with default preferences but for those given, and no name resolution; empty for a file that
    tshark does not read."""
    found = {}
    for line in _lines(tool, path, preferences):
        columns = line.split("\t")
        if len(columns) == len(FIELDS):
            number, captured, protocols, protocol, info = columns
            found[int(number)] = Said(int(captured), tuple(protocols.split(":")), protocol, info)
    return found


Named = dict[int, tuple[int, tuple[str, ...]]]
"""By packet number: the bytes that were captured, and the protocols from outside to inside."""


def named(tool: str, path: Path) -> Named:
    """The protocols alone, as `support.sharkd` has them."""
    return {number: (one.captured, one.protocols) for number, one in said(tool, path).items()}


def _lines(tool: str, path: Path, preferences: tuple[str, ...]) -> list[str]:
    words = [tool, "-n", "-r", str(path), "-T", "fields", "-E", "separator=/t"]
    for name in FIELDS:
        words += ["-e", name]
    for preference in preferences:
        words += ["-o", preference]

    def ask() -> bytes:
        return subprocess.run(words, capture_output=True, check=False, timeout=SECONDS).stdout

    return remembered(words, path, ask).split("\n")


def remembered(words: Sequence[str], path: Path, ask: Callable[[], bytes]) -> str:
    """What was answered to these words about a file, asked only once as long as the file is the same."""
    state = path.stat()
    key = hashlib.sha256(repr((list(words), str(path), state.st_size, state.st_mtime_ns)).encode()).hexdigest()[:32]
    folder = Path(tempfile.gettempdir()) / f"ringscope-tshark-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    known = folder / f"{key}.tsv"
    if not known.is_file():
        fresh = folder / f"{key}.{os.getpid()}"
        fresh.write_bytes(ask())
        fresh.replace(known)
    return known.read_text(errors="replace")
