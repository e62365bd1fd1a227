# SPDX-License-Identifier: Apache-2.0
"""Sockets between host and guest as a vsockmon device shows them (linux/vsockmon.h, linux/virtio_vsock.h)."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import hex4, hex8
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

VSOCK = protocol("vsock", "VSOCK", link=(271,))

_OPERATIONS = {0: "Unknown", 1: "Connect", 2: "Disconnect", 3: "Control", 4: "Payload"}
_TRANSPORTS = {0: "unknown", 1: "no information", 2: "virtio"}
_VIRTIO = {1: "request", 2: "response", 3: "reset", 4: "shutdown", 5: "data", 6: "credit update", 7: "credit request"}


@VSOCK.row
def row(row: Row, at: int, end: int) -> None:
    """Ports and operation; the ends are context identifiers."""
    row.need(at, 32, end, "vsock header")
    source, destination, near, far, operation = unpack_from("<QQIIH", row.data, at)
    row.source, row.destination = str(source), str(destination)
    row.info = f"{near} → {far} [{_OPERATIONS.get(operation, f'operation {operation}')}]"


@VSOCK.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The monitor's header and the transport's."""
    draft = tree.open(VSOCK, at, end)
    draft.say()
    for label, size in (("Source", 8), ("Destination", 8), ("Source port", 4), ("Destination port", 4)):
        draft.uint(label, size, order="little")
    draft.uint("Operation", 2, _OPERATIONS, order="little")
    transport = draft.uint("Transport", 2, _TRANSPORTS, order="little")
    size = draft.uint("Transport header length", 2, order="little")
    draft.uint("Reserved", 2, hex4, order="little")
    if transport != 2 or size < 44:
        draft.raw("Transport header", size)
        return
    for label, width in (("Source", 8), ("Destination", 8), ("Source port", 4), ("Destination port", 4), ("Length", 4)):
        draft.uint(f"virtio {label.lower()}", width, order="little")
    draft.uint("virtio type", 2, {1: "stream", 2: "sequenced packets"}, order="little")
    draft.uint("virtio operation", 2, _VIRTIO, order="little")
    draft.uint("virtio flags", 4, hex8, order="little")
    draft.uint("virtio buffer allocation", 4, order="little")
    draft.uint("virtio forward count", 4, order="little")
    draft.raw("More", size - 44)
