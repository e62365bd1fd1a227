# SPDX-License-Identifier: Apache-2.0
"""The room between C and Python: ``core`` touches cffi, ``records`` are the values that leave the room."""

from __future__ import annotations

from ringscope.native.capture import (
    BLOCK_MIN,
    DIRECTIONS,
    FANOUT,
    LINKTYPE_COOKED,
    QUEUES_MAX,
    SNAPLEN_MAX,
    Capture,
)
from ringscope.native.files import File
from ringscope.native.order import HEADERS, LAST, Order, Sorted
from ringscope.native.records import (
    Change,
    Counters,
    FileInfo,
    FileInterface,
    FileName,
    Loss,
    NativeError,
    Packet,
    SavedInterface,
    SavedStatistics,
    Source,
    State,
)
from ringscope.native.savefile import FORMATS, Savefile
from ringscope.native.store import Losses, Store, runs
from ringscope.native.views import Batch, Search, View, ViewState

__all__ = [
    "BLOCK_MIN",
    "DIRECTIONS",
    "FANOUT",
    "FORMATS",
    "HEADERS",
    "LAST",
    "LINKTYPE_COOKED",
    "QUEUES_MAX",
    "SNAPLEN_MAX",
    "Batch",
    "Capture",
    "Change",
    "Counters",
    "File",
    "FileInfo",
    "FileInterface",
    "FileName",
    "Loss",
    "Losses",
    "NativeError",
    "Order",
    "Packet",
    "SavedInterface",
    "SavedStatistics",
    "Savefile",
    "Search",
    "Sorted",
    "Source",
    "State",
    "Store",
    "View",
    "ViewState",
    "runs",
]
