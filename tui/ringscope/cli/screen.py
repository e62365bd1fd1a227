# SPDX-License-Identifier: Apache-2.0
"""``ringscope`` and ``ringscope demo``: a session on the full screen."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from ringscope.capture.config import CaptureConfig
from ringscope.cli.errors import Failure, say
from ringscope.cli.opening import chosen_interfaces, configuration, running
from ringscope.cli.report import closing_lines


def run_live(options: argparse.Namespace) -> int:
    """An interface of this host."""
    _need_terminal()
    _need_theme(options.theme)
    return _show(configuration(options, chosen_interfaces(options)), options, "live")


def run_demo(options: argparse.Namespace) -> int:
    """A private network with conversations of its own; nothing of the host's network is touched."""
    _need_terminal()
    _need_theme(options.theme)
    from ringscope.capture.demo import DemoError, DemoNetwork

    try:
        # Enters the private namespaces, which a process can do only while it has a single thread.
        network = DemoNetwork.start()
    except DemoError as error:
        raise Failure(str(error)) from error
    with network:
        return _show(configuration(options, (network.interface,)), options, "demo")


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.__stderr__ is not None and sys.__stderr__.isatty()):
        raise Failure("the screen needs a terminal; without one use: ringscope record")
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise Failure("this terminal cannot show a full screen (TERM is not set, or dumb); use: ringscope record")


def _need_theme(name: str | None) -> None:
    if name is None:
        return
    from ringscope.app import themes

    known, faults = themes.load(themes.shipped(), _user_themes())
    if name in known:
        return
    mine = [fault for fault in faults if fault.startswith(f"{name}.toml")]
    raise Failure(mine[0] if mine else f"there is no theme {name!r}; there are: {', '.join(sorted(known))}")


def _show(config: CaptureConfig, options: argparse.Namespace, kind: str) -> int:
    with running(config, options.filter, kind=kind) as (session, compiler):
        # Imported when packets are already coming in: it is most of the start-up time.
        from ringscope.app import RingscopeApp

        app = RingscopeApp(session, compiler, theme=options.theme, user_themes=_user_themes())
        app.run()
        session.stop()
        last = session.snapshot()
        if session.note:
            say(session.note)
        closing_lines(last.head, last)
    return app.return_code or 0


def _user_themes() -> Path:
    """Where a person keeps themes of their own (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "ringscope" / "themes"
