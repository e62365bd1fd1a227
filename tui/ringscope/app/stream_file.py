# SPDX-License-Identifier: Apache-2.0
"""A followed stream as a file: the bytes of one side or of both as they were sent, or text that says whose they are.
No Textual here.

What is handed over is kept until ``flush``, which is for a thread: disks may be slow. The file appears under its name
when it is whole; until then what was there stays.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ringscope.app.readable import readable
from ringscope.app.units import group
from ringscope.decode.streams import CLIENT, SERVER, Event, Hole, Piece

PARTS = {
    "both": "the bytes of both sides, in the order in which they were sent",
    "client": "the bytes of the client",
    "server": "the bytes of the server",
    "text": "text: > before lines of the client, < before those of the server, # before what is missing",
}
"""What there is to choose from."""

_SIDES = {"both": (CLIENT, SERVER), "client": (CLIENT,), "server": (SERVER,), "text": (CLIENT, SERVER)}
_LONGEST = 4096
"""Bytes after which a line of text ends that does not end by itself."""
_ENDINGS = {"text": ".txt"}
_WHY = {
    Hole.CUT: "cut off by the capture",
    Hole.FRAGMENT: "in later IP fragments",
    Hole.UNSEEN: "not captured",
}


class CannotWrite(OSError):
    """There is no file to write: a sentence."""

    def __str__(self) -> str:
        return str(self.args[0])


def proposed_name(part: str, number: int) -> str:
    """A name for the file of a part of the stream of a packet."""
    word = "" if part in ("both", "text") else f"-{part}"
    return f"stream-{number}{word}{_ENDINGS.get(part, '.bin')}"


class StreamFile:
    """Takes a stream as :class:`ringscope.decode.streams.Sink` has it. ``missing`` bytes in ``holes`` are not in it."""

    def __init__(self, name: str, part: str) -> None:
        """Raises CannotWrite."""
        self.name = name
        self._part = part
        self._path = Path(os.path.expanduser(name))
        self._hidden = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        self.written = self.missing = self.holes = 0
        self._ready: list[bytes] = []
        self._anew = False
        self._open: tuple[int, bytes] | None = None
        if not name or self._path.is_dir():
            raise CannotWrite(f"{name} is a folder; add the name of a file" if name else "the file needs a name")
        try:
            descriptor = os.open(self._hidden, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CannotWrite(f"{name}: {error.strerror}") from error
        self._file = os.fdopen(descriptor, "wb", buffering=0)

    # -- what the stream hands over

    def restart(self) -> None:
        """What was taken so far is not wanted."""
        self._ready.clear()
        self._anew, self._open = True, None
        self.written = self.missing = self.holes = 0

    def piece(self, side: int, piece: Piece) -> None:
        """The next bytes, or a hole."""
        if side not in _SIDES[self._part]:
            return
        if piece.hole is not None:
            self.holes, self.missing = self.holes + 1, self.missing + piece.size
            self._say(f"{'server' if side else 'client'}: {group(piece.size)} bytes {_WHY[piece.hole]}")
            return
        self.written += len(piece.data)
        if self._part == "text":
            self._lines(side, piece.data)
        else:
            self._ready.append(piece.data)

    def event(self, event: Event) -> None:
        """What happened, in a file of text."""
        self._say(event.text)

    def _say(self, text: str) -> None:
        if self._part == "text":
            self._end_line()
            self._ready.append(f"# {readable(text.encode())}\n".encode())

    def _lines(self, side: int, data: bytes) -> None:
        begun = b""
        if self._open is not None:
            if self._open[0] == side:
                begun = self._open[1]
                self._open = None
            else:
                self._end_line()
        *lines, rest = (begun + data).split(b"\n")
        for line in lines:
            self._line(side, line + b"\n")
        while len(rest) > _LONGEST:
            self._line(side, rest[:_LONGEST])
            rest = rest[_LONGEST:]
        if rest:
            self._open = (side, rest)

    def _end_line(self) -> None:
        if self._open is not None:
            self._line(*self._open)
            self._open = None

    def _line(self, side: int, line: bytes) -> None:
        self._ready.append(f"{'<' if side else '>'} {readable(line)}\n".encode())

    # -- the file

    def flush(self) -> None:
        """Write what was handed over. Raises CannotWrite."""
        ready, self._ready = self._ready, []
        try:
            if self._anew:
                self._anew = False
                self._file.seek(0)
                self._file.truncate()
            data = memoryview(b"".join(ready))
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            raise CannotWrite(f"{self.name}: {error.strerror}") from error

    def close(self) -> None:
        """It is whole: it takes its name. Raises CannotWrite."""
        self._end_line()
        self.flush()
        self._file.close()
        try:
            os.replace(self._hidden, self._path)
        except OSError as error:
            raise CannotWrite(f"{self.name}: {error.strerror}") from error

    def abandon(self) -> None:
        """It is not wanted; what was there stays."""
        self._file.close()
        with contextlib.suppress(OSError):
            self._hidden.unlink()

    @property
    def said(self) -> str:
        """What it has in it."""
        told = f"{group(self.written)} byte{'' if self.written == 1 else 's'} written to {self.name}"
        if not self.holes:
            return told
        holes = "1 hole is" if self.holes == 1 else f"{group(self.holes)} holes are"
        return f"{told}; {holes} not in it, {group(self.missing)} bytes"
