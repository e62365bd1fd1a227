# SPDX-License-Identifier: Apache-2.0
"""``ringscope record`` as a running process: started, awaited, ended, and what it said."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from support.namespaces import Net, wait_until

RINGSCOPE = [sys.executable, "-m", "ringscope"]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a recording ended."""

    code: int
    output: str
    errors: str

    @property
    def final(self) -> dict[str, Any]:
        """The last JSON line."""
        last: dict[str, Any] = json.loads(self.output.splitlines()[-1])
        assert last["final"] is True
        return last


class Recording:
    """A recording in the namespace of ``rs0``; ready, with its filter attached, when the constructor returns."""

    def __init__(self, net: Net, *arguments: str, interface: str | None = "rs0") -> None:
        where = [] if interface is None else ["-i", interface]
        self.process = net.spawn([*RINGSCOPE, "record", *where, *arguments])
        assert self.process.stderr is not None
        self.listening = self.process.stderr.readline()
        assert "listening on" in self.listening, self.listening + self.process.stderr.read()

    def said(self, text: str) -> str:
        """Reads what it says on stderr until a line has this text, and returns that line."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if text in line:
                return line
        raise AssertionError(f"it ended without having said {text!r}")

    def line_when(self, condition: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Reads its JSON lines, one a second, until one fulfils the condition, and returns that one."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if condition(found := json.loads(line)):
                return cast(dict[str, Any], found)
        raise AssertionError("it ended without such a line")

    def cpu_seconds(self) -> float:
        """Time that its threads have spent on a processor so far (proc(5), /proc/PID/stat)."""
        user, system = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def end(self, number: signal.Signals = signal.SIGINT) -> Ended:
        """Sends the signal and waits."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> Ended:
        """Waits for an end that comes by itself."""
        try:
            output, errors = self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return Ended(self.process.returncode, output, errors)


def unfinished(file: Path) -> Path:
    """Where a recording writes this file until it is closed: a hidden name beside it."""
    (found,) = file.parent.glob(f".{file.name}.*")
    return found


def nothing_is_left(net: Net) -> None:
    """No packet socket in the namespace, no hook for one, no promiscuity on the interface."""
    assert wait_until(lambda: not net.packet_sockets()), net.packet_sockets()
    assert net.packet_hooks() == []
    assert net.promiscuity() == 0
