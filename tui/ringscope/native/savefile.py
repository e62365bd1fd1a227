# SPDX-License-Identifier: Apache-2.0
"""Capture files that follow a store."""

from __future__ import annotations

import errno
import os
from types import TracebackType
from typing import Any, Self

from ringscope.native.core import ffi, lib, raise_for
from ringscope.native.records import NativeError
from ringscope.native.store import Store


class Savefile:
    """A pcap file that follows a store. A context manager."""

    def __init__(self, path: str, *, link_type: int, snaplen: int) -> None:
        """Creates the file (``-``: standard output). Raises NativeError."""
        out, words = ffi.new("rs_savefile **"), ffi.new("rs_error *")
        raise_for(lib.rs_savefile_create(os.fsencode(path), link_type, snaplen, out, words), words)
        self._handle: Any = out[0]
        self._counts: tuple[int, int] = (0, 0)

    def follow(self, store: Store, last: int = 2**64 - 1) -> None:
        """Appends the packets that are new, up to number ``last``. Raises NativeError, e.g. for a full disk; the file
        then
        ends with a whole packet."""
        if self._handle is None or store.owner.closed:
            raise NativeError(errno.EBADF, "the file or the capture is closed")
        words = ffi.new("rs_error *")
        result = lib.rs_savefile_follow(self._handle, store.handle, last, words)
        written, missed = ffi.new("uint64_t *"), ffi.new("uint64_t *")
        lib.rs_savefile_counts(self._handle, written, missed)
        self._counts = (written[0], missed[0])
        raise_for(result, words)

    @property
    def written(self) -> int:
        """Packets in the file."""
        return self._counts[0]

    @property
    def missed(self) -> int:
        """Packets that were evicted before they could be written, or lost to an error of the file."""
        return self._counts[1]

    def close(self) -> None:
        """Idempotent. Raises NativeError when the system reports a late write error."""
        handle, self._handle = self._handle, None
        if handle is not None:
            words = ffi.new("rs_error *")
            raise_for(lib.rs_savefile_close(handle, words), words)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
