# SPDX-License-Identifier: Apache-2.0
"""The process of ``matching``: one regular expression over the packets that its parent puts into shared memory.

Descriptor 0 is one end of a socket pair on which JSON lines travel: first ``{"pattern", "ignore_case"}`` (the pattern
in hexadecimal), then ``{"ends", "last"}``, each answered by an index or null. Imports little: it starts anew for every
search.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import signal
import sys

_LOOK_SECONDS = 1


def _end_with_parent() -> None:
    """Look now and then whether the parent is gone, also in the midst of a match, which asks for signals as it goes."""
    parent = os.getppid()

    def look(_number: int, _frame: object) -> None:
        if os.getppid() != parent:
            os._exit(0)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _LOOK_SECONDS, _LOOK_SECONDS)


def main(memory: str) -> None:
    """Serves until the other end is closed. ``memory`` is the number of a descriptor."""
    _end_with_parent()
    lines = open(0, "rb")  # noqa: SIM115 - as long as this process
    answers = open(0, "wb", buffering=0, closefd=False)  # noqa: SIM115
    shared = memoryview(mmap.mmap(int(memory), 0, prot=mmap.PROT_READ))
    first = json.loads(lines.readline() or b"null") or sys.exit()
    flags = re.DOTALL | (re.IGNORECASE if first["ignore_case"] else 0)
    search = re.compile(bytes.fromhex(first["pattern"]), flags).search
    for line in lines:
        request = json.loads(line)
        ends = request["ends"]
        pieces = list(zip([0, *ends], ends, range(len(ends)), strict=False))
        found = None
        for begin, end, index in reversed(pieces) if request["last"] else pieces:
            if search(shared[begin:end]):
                found = index
                break
        answers.write(json.dumps(found).encode() + b"\n")
