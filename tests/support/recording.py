# SPDX-License-Identifier: Apache-2.0
"""``ringscope record`` as a running process: started, awaited, ended, and what it said."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

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

    def __init__(self, net: Net, *arguments: str, interface: str = "rs0") -> None:
        self.process = net.spawn([*RINGSCOPE, "record", "-i", interface, *arguments])
        assert self.process.stderr is not None
        first = self.process.stderr.readline()
        assert "listening on" in first, first + self.process.stderr.read()

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


def nothing_is_left(net: Net) -> None:
    """No packet socket in the namespace, no promiscuity on the interface."""
    assert wait_until(lambda: not net.packet_sockets()), net.packet_sockets()
    assert net.promiscuity() == 0
