# SPDX-License-Identifier: Apache-2.0
"""The terminal's clipboard, reached by an escape sequence (OSC 52 of xterm), over ssh as well as here. No Textual here.

The terminal never says whether it took the text. What can be known of one that does not is found out here, once.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

LONGEST = 74_994
"""Bytes of text that go into a sequence: 99 992 of base64, as several terminals take no more than 100 000."""

_PATIENCE = 1.0  # seconds that tmux may take to answer

_UNSURE = "if nothing arrives, the terminal takes no OSC 52"
_TMUX = "tmux passes it on after: set -g set-clipboard on"


def fitting(text: str) -> str:
    """As much of the beginning of a text as a terminal takes."""
    octets = text.encode("utf-8", "replace")
    return text if len(octets) <= LONGEST else octets[:LONGEST].decode("utf-8", "ignore")


def doubt(environment: Mapping[str, str]) -> str:
    """Why the terminal may not take it, or the cure; empty where it is known to. May wait a second: for a thread."""
    term = environment.get("TERM", "")
    if environment.get("TMUX"):
        return _of_tmux(environment)
    if environment.get("STY"):
        return "GNU screen passes nothing on to the clipboard"
    if term.startswith(("tmux", "screen")):  # sudo takes away by what either could be asked
        return _TMUX
    if term == "linux":
        return "the Linux console has no clipboard"
    if environment.get("TERM_PROGRAM") == "Apple_Terminal":
        return "macOS Terminal takes no text from programs"
    return _UNSURE


def _of_tmux(environment: Mapping[str, str]) -> str:
    try:
        asked = subprocess.run(
            ["tmux", "show-options", "-sv", "set-clipboard"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired):
        return _TMUX
    return "" if asked.stdout.strip() == b"on" else _TMUX
