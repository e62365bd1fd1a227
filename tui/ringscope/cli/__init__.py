# SPDX-License-Identifier: Apache-2.0
"""The command line: arguments to one of the rooms below. Imports nothing heavy before it must.

Exit codes: 0 done, 1 failed (one sentence on stderr), 2 wrong usage.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs ``ringscope`` with these arguments (default: the process's) and returns the exit code."""
    from ringscope.cli.arguments import parse

    options = parse(sys.argv[1:] if arguments is None else list(arguments))
    match options.command:
        case "interfaces":
            from ringscope.cli.interfaces import run
        case "filter":
            from ringscope.cli.filter import run
        case "dissect":
            from ringscope.cli.dissect import run
        case "record":
            from ringscope.cli.record import run
        case "open":
            from ringscope.cli.reading import run
        case "demo":
            from ringscope.cli.screen import run_demo as run
        case _:
            from ringscope.cli.screen import run_live as run
    from ringscope.cli.errors import reported

    return reported(run, options)
