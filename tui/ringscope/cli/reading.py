# SPDX-License-Identifier: Apache-2.0
"""``ringscope open``: a capture file or a pipe on the full screen."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from typing import TYPE_CHECKING

from ringscope.cli import garbage
from ringscope.cli.errors import Failure, say
from ringscope.cli.terminal import need_terminal, need_theme, user_columns, user_themes

if TYPE_CHECKING:
    from ringscope.capture.files import FileSession
    from ringscope.filter import Compiler

_PATIENCE = 20.0
"""Seconds for the filter of the command line."""


def run(options: argparse.Namespace) -> int:
    """Shows it until it is left. 1: the file is damaged, which has been said."""
    garbage.hold_back()
    descriptor = _keyboard_from_terminal() if options.file == "-" else -1
    need_terminal("without one use: ringscope filter -r FILE")
    from ringscope.capture.files import FileSession
    from ringscope.capture.session import CaptureError

    try:
        # Opened, and read by a thread of the core, before the screen is imported: that is most of the start-up time.
        session = FileSession.open(options.file, store_bytes=options.store, descriptor=descriptor)
    except CaptureError as error:
        raise Failure(str(error)) from error
    with session:
        return _show(session, options)


def _show(session: FileSession, options: argparse.Namespace) -> int:
    from ringscope.filter import Compiler

    with Compiler() as compiler:
        checked = _Check(compiler, session, options.filter)
        need_theme(options.theme)
        from ringscope.app import RingscopeApp

        checked.raise_fault()
        app = RingscopeApp(
            session,
            compiler,
            theme=options.theme,
            user_themes=user_themes(),
            columns=user_columns(),
            view=options.filter.strip(),
            started=garbage.collect,
        )
        app.run()
        return _closing(session) or app.return_code or 0


class _Check:
    """Compiles the filter of the command line while the screen is being imported."""

    def __init__(self, compiler: Compiler, session: FileSession, expression: str) -> None:
        self._expression = expression
        self._fault = ""
        self._thread = threading.Thread(target=self._compile, args=(compiler, session), daemon=True)
        if expression.strip():
            self._thread.start()

    def _compile(self, compiler: Compiler, session: FileSession) -> None:
        from ringscope.filter import FilterError

        try:
            compiler.compile(
                self._expression,
                link_type=session.link_type,
                snaplen=max(1, session.snaplen),
                timeout=_PATIENCE,
                live=False,
                loops=True,
                swapped=session.swapped,
            )
        except FilterError as error:
            self._fault = str(error)

    def raise_fault(self) -> None:
        """Waits for the end of it."""
        if self._thread.ident is not None:
            self._thread.join()
        if self._fault:
            raise Failure(f"the filter {self._expression!r} is not understood: {self._fault}")


def _closing(session: FileSession) -> int:
    """What was read, and what was wrong with it, on stderr."""
    head, loading = session.snapshot().head, session.loading()
    state = loading.state if loading else "done"
    rest = {"cancelled": "; the rest was not looked at", "reading": "; the rest was not looked at"}.get(state, "")
    print(f"{head} packet{'' if head == 1 else 's'} read from {session.interface}{rest}", file=sys.stderr, flush=True)
    if loading and loading.fault:
        say(loading.fault)
        return 1
    return 0


def _keyboard_from_terminal() -> int:
    """Standard input becomes the terminal, for the keys; returns a descriptor of what it was."""
    if sys.stdin.isatty():
        raise Failure("standard input is the terminal: - wants packets there, as in: tcpdump -w - | ringscope open -")
    packets = os.dup(0)
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise Failure(
            f"the keys cannot be read from /dev/tty ({error.strerror}); the screen needs a terminal"
        ) from error
    os.dup2(terminal, 0)
    os.close(terminal)
    return packets
