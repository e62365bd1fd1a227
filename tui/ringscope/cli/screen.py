# SPDX-License-Identifier: Apache-2.0
"""``ringscope`` and ``ringscope demo``: a session on the full screen."""

from __future__ import annotations

import argparse

from ringscope.capture.config import CaptureConfig
from ringscope.cli import garbage
from ringscope.cli.errors import Failure, say
from ringscope.cli.opening import chosen_interfaces, configuration, running
from ringscope.cli.report import closing_lines
from ringscope.cli.terminal import need_terminal, need_theme, user_columns, user_themes


def run_live(options: argparse.Namespace) -> int:
    """An interface of this host."""
    need_terminal()
    need_theme(options.theme)
    return _show(configuration(options, chosen_interfaces(options)), options, "live")


def run_demo(options: argparse.Namespace) -> int:
    """A private network with conversations of its own; nothing of the host's network is touched."""
    need_terminal()
    need_theme(options.theme)
    from ringscope.capture.demo import DemoError, DemoNetwork

    try:
        # Enters the private namespaces, which a process can do only while it has a single thread.
        network = DemoNetwork.start()
    except DemoError as error:
        raise Failure(str(error)) from error
    with network:
        return _show(configuration(options, (network.interface,)), options, "demo")


def _show(config: CaptureConfig, options: argparse.Namespace, kind: str) -> int:
    with running(config, options.filter, kind=kind) as (session, compiler):
        garbage.hold_back()
        # Imported when packets are already coming in: it is most of the start-up time.
        from ringscope.app import RingscopeApp

        app = RingscopeApp(
            session,
            compiler,
            theme=options.theme,
            user_themes=user_themes(),
            columns=user_columns(),
            started=garbage.collect,
        )
        app.run()
        session.stop()
        last = session.snapshot()
        if session.note:
            say(session.note)
        closing_lines(last.head, last)
    return app.return_code or 0
