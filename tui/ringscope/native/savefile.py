# SPDX-License-Identifier: Apache-2.0
"""Capture files, pcap and pcapng, written from a store."""

from __future__ import annotations

import errno
import os
from array import array
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

from ringscope.native.core import ffi, lib, raise_for
from ringscope.native.files import File
from ringscope.native.records import NativeError, SavedInterface, SavedStatistics
from ringscope.native.store import Losses, Store

FORMATS: Final = {"pcap": lib.RS_FORMAT_PCAP, "pcapng": lib.RS_FORMAT_PCAPNG}
"""Formats of capture files."""

_LAST: Final = 2**64 - 1


class Savefile:
    """A capture file, under a hidden name in its folder until it is closed. A context manager, for one thread at a
    time.

    What is no regular file, and ``-``, standard output, is written directly. After an error the file ends with a whole
    packet and takes no more of them.
    """

    def __init__(
        self,
        path: str,
        *,
        link_type: int,
        snaplen: int,
        format: str = "pcap",
        first: int = 1,
        size_limit: int = 0,
        names: bool = False,
        made_of: tuple[str, str, str] = ("", "", ""),
        filter: str = "",
        losses: Losses | None = None,
        origin: File | None = None,
    ) -> None:
        """Creates the file. Raises NativeError.

        ``format`` is a key of FORMATS, ``first`` the number that :meth:`follow` begins with. Beyond ``size_limit``
        bytes (0: no limit) no packet is appended. Of a pcapng file: ``made_of`` are hardware, operating system and
        application; ``names`` allows to ask this host for the names of interfaces that were not described, whose
        ``filter`` is that; ``losses`` tell how many packets were lost before one that is the first behind a loss;
        ``origin`` is the file that the packets are of, whose comments go with them.
        """
        texts = [_text(text) for text in (*made_of, filter)]
        options = ffi.new(
            "rs_savefile_options *",
            {
                "format": FORMATS[format],
                "link_type": link_type,
                "snaplen": snaplen,
                "names": names,
                "first": first,
                "size_limit": size_limit,
                "hardware": texts[0],
                "os": texts[1],
                "application": texts[2],
                "filter": texts[3],
                "losses": losses.handle if losses else ffi.NULL,
                "origin": origin.handle if origin else ffi.NULL,
            },
        )
        out, words = ffi.new("rs_savefile **"), ffi.new("rs_error *")
        raise_for(lib.rs_savefile_create(os.fsencode(path), options, out, words), words)
        self._handle: Any = out[0]
        self._told_by = (losses, origin)  # kept alive
        self._info = ffi.new("rs_savefile_info *")
        self._note_state()

    def add_interface(self, interface: SavedInterface) -> None:
        """Describes an interface, unless it was; of a pcap file nothing is written. Raises NativeError."""
        texts = [_text(text) for text in (interface.name, interface.description, interface.filter)]
        one = ffi.new(
            "rs_savefile_interface *",
            (interface.ifindex, interface.link_type, interface.snaplen, *texts),
        )
        words = ffi.new("rs_error *")
        self._done(lib.rs_savefile_interface_add(self._open(), one, words), words)

    def add_epoch(self, epoch: int, comment: str) -> None:
        """A comment for the first packet of this epoch. Raises NativeError."""
        words = ffi.new("rs_error *")
        raise_for(lib.rs_savefile_epoch_add(self._open(), epoch, _text(comment), words), words)

    def add_statistics(self, statistics: SavedStatistics) -> None:
        """What was counted of an interface, if it has been described. Raises NativeError."""
        s = statistics
        counts = (s.received, s.dropped, s.accepted, s.os_dropped, s.delivered)
        told = (lib.RS_NOT_KNOWN if count is None else count for count in counts)
        one = ffi.new("rs_savefile_statistics *", (s.ifindex, s.start_ns, s.end_ns, *told))
        words = ffi.new("rs_error *")
        self._done(lib.rs_savefile_statistics_add(self._open(), one, words), words)

    def follow(self, store: Store, last: int = _LAST, *, may_wait: bool = True) -> None:
        """Appends the packets that are new, up to number ``last``. Raises NativeError, e.g. for a full disk.

        If it may wait, it ends before a packet that is the first behind a loss of which the size is not known yet, for
        half a second.
        """
        words = ffi.new("rs_error *")
        self._done(lib.rs_savefile_follow(self._open(store), store.handle, last, may_wait, words), words)

    def append(self, store: Store, first: int, last: int) -> int:
        """Appends packets ``first`` to ``last``. Returns the number to go on with: less than ``last + 1`` if the file
        is full, or the store does not go so far. Raises NativeError.
        """
        words, following = ffi.new("rs_error *"), ffi.new("uint64_t *")
        self._done(lib.rs_savefile_append(self._open(store), store.handle, first, last, following, words), words)
        return int(following[0])

    def pick(self, store: Store, numbers: Sequence[int]) -> int:
        """Appends the packets with these numbers, which rise. Returns how many of them were looked at: fewer than all
        if the file is full. Raises NativeError.
        """
        words, done = ffi.new("rs_error *"), ffi.new("size_t *")
        packed = numbers if isinstance(numbers, array) and numbers.typecode == "Q" else array("Q", numbers)
        listed = ffi.from_buffer("uint64_t[]", packed)
        self._done(lib.rs_savefile_pick(self._open(store), store.handle, listed, len(listed), done, words), words)
        return int(done[0])

    def publish(self) -> None:
        """Hands what was written to the disk and gives the file its name; it can be written on. Raises NativeError."""
        words = ffi.new("rs_error *")
        raise_for(lib.rs_savefile_publish(self._open(), words), words)

    @property
    def moved(self) -> bool:
        """Was the file, after it had its name, moved away or removed?"""
        return self._handle is not None and bool(lib.rs_savefile_was_moved(self._handle))

    @property
    def written(self) -> int:
        """Packets in the file."""
        return int(self._info.written)

    @property
    def missed(self) -> int:
        """Packets that were evicted before they could be written, or lost to an error of the file."""
        return int(self._info.missed)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return int(self._info.bytes)

    @property
    def next(self) -> int:
        """The number that :meth:`follow` goes on with."""
        return int(self._info.next)

    @property
    def full(self) -> bool:
        """Did the last call end because the file is larger than its limit?"""
        return bool(self._info.full)

    def close(self) -> None:
        """Gives the file its name and closes it, also if that raises NativeError. Idempotent."""
        handle, self._handle = self._handle, None
        if handle is not None:
            words = ffi.new("rs_error *")
            raise_for(lib.rs_savefile_close(handle, words), words)

    def discard(self) -> None:
        """Closes the file and removes it, if it has not its name yet. Idempotent."""
        handle, self._handle = self._handle, None
        if handle is not None:
            lib.rs_savefile_discard(handle)

    def _open(self, store: Store | None = None) -> Any:
        if self._handle is None or (store is not None and store.owner.closed):
            raise NativeError(errno.EBADF, "the file or the capture is closed")
        return self._handle

    def _note_state(self) -> None:
        lib.rs_savefile_state(self._handle, self._info)

    def _done(self, result: int, words: Any) -> None:
        self._note_state()
        raise_for(result, words)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _text(text: str) -> Any:
    return ffi.new("char[]", text.encode("utf-8", "replace").replace(b"\0", b""))
