# SPDX-License-Identifier: Apache-2.0
"""What every screen needs of the terminal and of the person's own files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ringscope.cli.errors import Failure


def need_terminal(instead: str = "without one use: ringscope record") -> None:
    """Raises Failure where no full screen can be shown; ``instead`` says what can be done there."""
    if not (sys.stdin.isatty() and sys.__stderr__ is not None and sys.__stderr__.isatty()):
        raise Failure(f"the screen needs a terminal; {instead}")
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise Failure(f"this terminal cannot show a full screen (TERM is not set, or dumb); {instead}")


def need_theme(name: str | None) -> None:
    """Raises Failure where there is no such theme."""
    if name is None:
        return
    from ringscope.app import themes

    known, faults = themes.load(themes.shipped(), user_themes())
    if name in known:
        return
    mine = [fault for fault in faults if fault.startswith(f"{name}.toml")]
    raise Failure(mine[0] if mine else f"there is no theme {name!r}; there are: {', '.join(sorted(known))}")


def user_themes() -> Path:
    """Where a person keeps themes of their own."""
    return _configuration() / "themes"


def user_columns() -> Path:
    """The file that the columns of the packet list are kept in."""
    return _configuration() / "columns.toml"


def _configuration() -> Path:
    """XDG Base Directory Specification."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "ringscope"
