# SPDX-License-Identifier: Apache-2.0
"""Expected faults as one sentence on stderr and an exit code; unexpected ones keep their traceback."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable


class Failure(Exception):
    """A fault that the user can understand: its text is one sentence with cause and cure."""

    code = 1


class WrongUsage(Failure):
    """Options that cannot be meant, as only the host's interfaces and CPUs could tell."""

    code = 2


def say(sentence: str) -> None:
    """One sentence on stderr, as every Unix tool does it."""
    print(f"ringscope: {sentence}", file=sys.stderr, flush=True)


def is_lost_output(error: OSError) -> bool:
    """Is it that nobody reads a pipe any more, or that a terminal is gone?"""
    return error.errno in (errno.EPIPE, errno.EIO)


def reported(run: Callable[[argparse.Namespace], int], options: argparse.Namespace) -> int:
    """Runs a command; a Failure becomes its sentence and its code, ctrl+c becomes 130."""
    try:
        return run(options)
    except Failure as failure:
        say(str(failure))
        return failure.code
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if not is_lost_output(error):
            raise
        # Whoever read our output has gone; keep the interpreter from complaining about it at its end.
        for stream in (sys.stdout, sys.stderr):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return 1
