#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""``first_contact.py FOLDER COMMAND``: does the command, typed in that folder, end with packets on the screen?

Tried in terminals of 80x24 and 200x50 with nothing but the standard library, so that it can look at an installation
from outside. Prints the two screens; exit code 1 and the screen as it stood when it does not work.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.terminal import PROMPT, Terminal

INSTALLING = 600
"""Seconds: the command may have to download and build first."""


def newest(screen: str) -> int:
    """The highest packet number in the list."""
    return max(
        (int(found) for found in re.findall(r"^[▌ ]*(\d+) +(?:\d{4}-\d\d-\d\d )?\d\d:\d\d", screen, re.MULTILINE)),
        default=0,
    )


def ended(screen: str) -> bool:
    """Is the shell's prompt back below the command?"""
    return screen.count(PROMPT) > 1 and screen.rstrip().endswith(PROMPT)


def look(folder: str, command: str, width: int, height: int) -> None:
    with Terminal(width, height, folder=folder) as terminal:
        terminal.type(command)
        started = terminal.wait_for(lambda screen: newest(screen) > 0 or ended(screen), INSTALLING)
        assert not ended(started), started
        first = newest(started)
        screen = terminal.wait_for(lambda screen: newest(screen) > first + 20, 30)
        print(f"--- {width}x{height} ---\n{screen}", flush=True)
        terminal.press("q")
        terminal.wait_for(lambda screen: screen.rstrip().endswith(PROMPT))
        for _ in range(20):
            if terminal.given_back():
                return
            time.sleep(0.1)
        raise AssertionError("the terminal was not given back")


def main() -> int:
    folder, command = sys.argv[1:]
    try:
        for width, height in ((80, 24), (200, 50)):
            look(folder, command, width, height)
    except AssertionError as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
