# SPDX-License-Identifier: Apache-2.0
"""A terminal as a person sits at it: tmux with a shell in it, keys in, screen out. Standard library only."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

PROMPT = "ready$"
_numbers = itertools.count()


def _run(command: list[str], timeout: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout)


class Terminal:
    """A shell in a terminal of ``width`` by ``height``, in the network namespace of the caller.

    ``run`` starts it: by default ``subprocess.run``; in a test's private network ``net.run``, so that the programs of
    the shell have the rights of the test there.
    """

    def __init__(
        self,
        width: int = 80,
        height: int = 24,
        *,
        folder: str | os.PathLike[str] = ".",
        run: Callable[..., subprocess.CompletedProcess[str]] | None = None,
    ) -> None:
        self._server = f"ringscope-test-{os.getpid()}-{next(_numbers)}"
        shell = f"env PS1='{PROMPT} ' TERM=tmux-256color bash --norc --noprofile"
        size = ("-x", str(width), "-y", str(height))
        # tmux gives its commands to $SHELL, and an account for services may have none that works.
        bash = ("env", "SHELL=/bin/bash")
        self._tmux("new-session", "-d", *size, "-c", os.fspath(folder), shell, run=run or _run, before=bash)
        self.wait_for(PROMPT)

    def _tmux(
        self,
        *arguments: str,
        run: Callable[..., subprocess.CompletedProcess[str]] = _run,
        before: tuple[str, ...] = (),
    ) -> str:
        command = [*before, "tmux", "-u", "-L", self._server, "-f", "/dev/null", *arguments]
        done = run(command, timeout=20)
        if done.returncode:
            raise AssertionError(f"tmux {arguments[0]}: {done.stderr}")
        return done.stdout

    def write(self, text: str) -> None:
        """Types text."""
        self._tmux("send-keys", "-l", text)

    def type(self, line: str) -> None:
        """Types a line and presses Enter."""
        self.write(line)
        self.press("Enter")

    def press(self, *keys: str) -> None:
        """Presses keys by tmux's names: ``q``, ``Down``, ``C-c``."""
        self._tmux("send-keys", *keys)

    def resize(self, width: int, height: int) -> None:
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def screen(self) -> str:
        """What stands on the screen, line by line."""
        return self._tmux("capture-pane", "-p")

    def wait_for(self, wanted: str | Callable[[str], bool], seconds: float = 15) -> str:
        """Waits until a pattern (or a condition) is met by the screen, and returns that screen."""
        met = wanted if callable(wanted) else lambda screen: re.search(wanted.replace("$", r"\$"), screen) is not None
        deadline = time.monotonic() + seconds
        while not met(screen := self.screen()):
            if time.monotonic() > deadline:
                raise AssertionError(f"never on the screen: {wanted}\n{screen}")
            time.sleep(0.05)
        return screen

    def given_back(self) -> bool:
        """Is the terminal as a program should leave it: main screen, cursor shown, no mouse reports?"""
        flags = self._tmux("display-message", "-p", "#{alternate_on}#{?cursor_flag,0,1}#{mouse_any_flag}#{keypad_flag}")
        return flags.strip() == "0000"

    def take_copies(self) -> None:
        """What programs copy is taken from now on."""
        self._tmux("set-option", "-s", "set-clipboard", "on")

    def copied(self) -> str:
        """What was copied last; empty as long as nothing was."""
        return self._tmux("show-buffer") if self._tmux("list-buffers") else ""

    def program(self) -> int:
        """Process id of what runs in the shell now."""
        shell = self._tmux("display-message", "-p", "#{pane_pid}").strip()
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", shell], capture_output=True, text=True).stdout.split()
        return int(children[0])

    def close(self) -> None:
        subprocess.run(["tmux", "-L", self._server, "kill-server"], capture_output=True, timeout=20)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
