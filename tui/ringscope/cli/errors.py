# SPDX-License-Identifier: Apache-2.0
"""Expected faults as one sentence on stderr and exit code 1; unexpected ones keep their traceback."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable


class Failure(Exception):
    """A fault that the user can understand: its text is one sentence with cause and cure."""


def say(sentence: str) -> None:
    """One sentence on stderr, as every Unix tool does it."""
    print(f"ringscope: {sentence}", file=sys.stderr, flush=True)


def reported(run: Callable[[argparse.Namespace], int], options: argparse.Namespace) -> int:
    """Runs a command; a Failure becomes its sentence and 1, ctrl+c becomes 130."""
    try:
        return run(options)
    except Failure as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; keep the interpreter from complaining about it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
