# SPDX-License-Identifier: Apache-2.0
"""Capture files, and pipes that deliver one."""

from __future__ import annotations

import errno
import os
import weakref
from types import TracebackType
from typing import Any, Final, Self

from ringscope.native.core import ffi, lib, loss, raise_for
from ringscope.native.records import FileInfo, FileInterface, FileName, Loss, NativeError
from ringscope.native.store import Store

_STATES: Final = {
    lib.RS_FILE_READING: "reading",
    lib.RS_FILE_WAITING: "waiting",
    lib.RS_FILE_DONE: "done",
    lib.RS_FILE_CANCELLED: "cancelled",
    lib.RS_FILE_FAILED: "failed",
}

_FORMATS: Final = {lib.RS_FILE_UNKNOWN: "", lib.RS_FILE_PCAP: "pcap", lib.RS_FILE_PCAPNG: "pcapng"}

_AT_ONCE: Final = 64
"""Names, link types or losses that are asked for in one call."""

_COMMENT_BYTES: Final = 64 * 1024


def _text(field: Any) -> str:
    return str(ffi.string(field).decode("utf-8", "replace"))


class File:
    """A capture file that is read by a thread, and the store of its packets. A context manager.

    All but ``close`` returns at once; it belongs to one thread, the one that closes.
    """

    def __init__(self, path: str, *, descriptor: int = -1, store_bytes: int, follow: bool = False) -> None:
        """Opens ``path``, or what ``descriptor`` reads, which is duplicated; ``path`` is then only its name. Of a pipe
        the newest ``store_bytes`` are kept; with ``follow`` a file is read on as it grows. Raises NativeError, also
        for a file that is no capture (EBADMSG).
        """
        out, words = ffi.new("rs_file **"), ffi.new("rs_error *")
        options = ffi.new("rs_file_options *", {"store_bytes": store_bytes, "follow": follow})
        if "\0" in path:
            raise NativeError(errno.EINVAL, "a path has no NUL in it")
        raise_for(lib.rs_file_open(os.fsencode(path), descriptor, options, out, words), words)
        self._handle: Any = out[0]
        self._comment: Any = None
        _files.add(self)
        self.store: Final[Store] = Store(self, lib.rs_file_store(self._handle))

    @property
    def closed(self) -> bool:
        return self._handle is None

    @property
    def handle(self) -> Any:
        """For the others of this room. Raises NativeError."""
        return self._live()

    def info(self) -> FileInfo:
        """How far it has been read, and what was found."""
        i = ffi.new("rs_file_info *")  # of its own: who writes a file asks from a thread of its own
        lib.rs_file_state(self._live(), i)
        return FileInfo(
            state=_STATES[i.state],
            format=_FORMATS[i.format],
            compression=_text(i.compression),
            pipe=bool(i.pipe),
            size=i.size,
            read=i.read,
            swapped=bool(i.swapped),
            packets=i.packets,
            evicted=i.evicted,
            bytes=i.bytes,
            snapped=i.snapped,
            disordered=i.disordered,
            first_ns=i.first_ns,
            last_ns=i.last_ns,
            received=i.received,
            dropped=i.dropped,
            os_dropped=i.os_dropped,
            interfaces=i.interfaces,
            sections=i.sections,
            names=i.names,
            blocks=i.blocks,
            unknown=i.unknown,
            secrets=i.secrets,
            ignored=i.ignored,
            fault=_text(i.fault),
            fault_offset=i.fault_offset,
        )

    def cancel(self) -> None:
        """Reads no further; what was found stays."""
        lib.rs_file_cancel(self._live())

    def interfaces(self, first: int, count: int) -> tuple[FileInterface, ...]:
        """The interfaces met so far, from the one of index ``first`` on, at most ``count``."""
        some = ffi.new("rs_file_interface[]", max(count, 1))
        got = lib.rs_file_interfaces(self._live(), first, some, count)
        return tuple(
            FileInterface(
                name=_text(one.name),
                description=_text(one.description),
                filter=_text(one.filter),
                link_type=one.link_type,
                snaplen=one.snaplen,
                packets=one.packets,
                has_statistics=bool(one.has_statistics),
                received=one.received,
                dropped=one.dropped,
                os_dropped=one.os_dropped,
            )
            for one in some[0:got]
        )

    def names(self, first: int = 0) -> tuple[FileName, ...]:
        """The names of addresses that the file tells, from the one of index ``first`` on."""
        some = ffi.new("rs_file_name[]", _AT_ONCE)
        found: list[FileName] = []
        while got := lib.rs_file_names(self._live(), first + len(found), some, _AT_ONCE):
            found += [FileName(bytes(one.address[0 : one.bits // 8]), _text(one.name)) for one in some[0:got]]
        return tuple(found)

    def link_types(self) -> tuple[int, ...]:
        """LINKTYPE_* of the packets so far, those of most packets first."""
        some = ffi.new("uint32_t[]", _AT_ONCE)
        return tuple(some[0 : lib.rs_file_link_types(self._live(), some, _AT_ONCE)])

    def comment(self, number: int) -> str:
        """The comments on a packet, one a line; of number 0 those on sections and interfaces."""
        if self._comment is None:  # asked for with every row that comes into sight: one room for all
            self._comment = ffi.new("char[]", _COMMENT_BYTES)
        return _text(self._comment) if lib.rs_file_comment(self._live(), number, self._comment, _COMMENT_BYTES) else ""

    def losses(self, first: int, last: int) -> list[Loss]:
        """What the file says is missing before packets ``first`` to ``last``, in their order, the first 64."""
        some = ffi.new("rs_loss_info[]", _AT_ONCE)
        return [loss(one) for one in some[0 : lib.rs_file_losses(self._live(), first, last, some, _AT_ONCE)]]

    def next_loss(self, number: int, *, forward: bool) -> int:
        """The nearest packet behind ``number``, or before it, before which some are missing; 0: none is known."""
        return int(lib.rs_file_next_loss(self._live(), number, forward))

    def close(self) -> None:
        """Ends reading and frees all, and closes the views and searches of its store. Idempotent."""
        self.store.release()
        handle, self._handle = self._handle, None
        if handle is not None:
            lib.rs_file_close(handle)

    def disown(self) -> None:
        """For a forked child, which does not have the thread: as if it were closed, and nothing is freed."""
        self._handle = None

    def _live(self) -> Any:
        if self._handle is None:
            raise NativeError(errno.EBADF, "this file is closed")
        return self._handle

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_files: Final[weakref.WeakSet[File]] = weakref.WeakSet()


def _disown() -> None:
    for file in list(_files):
        file.disown()


os.register_at_fork(after_in_child=_disown)
