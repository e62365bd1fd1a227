# SPDX-License-Identifier: Apache-2.0
"""What could not be read, and why: a value like any other, so that a gap is never shown as a zero."""

from __future__ import annotations

import errno
import os

from ringscope.frozen import frozen


@frozen
class Unread:
    """``what`` is a noun, ``why`` the rest of a sentence; together "ring size of eth0: this driver does not tell"."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


def because(what: str, error: OSError) -> Unread:
    """In words a person understands."""
    match error.errno:
        case errno.EOPNOTSUPP | errno.ENOTTY:
            why = "this driver does not tell"
        case errno.EPERM | errno.EACCES:
            why = "needs a privilege that this process has not"
        case errno.ENOENT:
            why = "this kernel has no such thing"
        case errno.ENODEV:
            why = "there is no such interface"
        case number:
            why = os.strerror(number or 0)
    return Unread(what, why)
