# SPDX-License-Identifier: Apache-2.0
"""One packet to its layers, for the packet under the cursor."""

from __future__ import annotations

from ringscope.decode.memory import Memory
from ringscope.decode.model import Layer
from ringscope.decode.protocols import FOUND
from ringscope.decode.tree import Tree

assert FOUND


def dissect(data: bytes, link_type: int, length: int, memory: Memory | None = None) -> tuple[Layer, ...]:
    """Decode one packet; never raises.

    data: the captured bytes from the link header on (an outer VLAN tag included).
    link_type: LINKTYPE_* number as in capture files.
    length: bytes of the packet on the wire; more than len(data) when the capture cut it.
    memory: what is remembered of flows, as for `summarize`.
    Returns the layers from the outermost in; byte ranges lie inside `data`, layers do not overlap, and every captured
    byte belongs to one.
    """
    tree = Tree(data if type(data) is bytes else bytes(data), length, memory)
    try:
        tree.by_link_type(link_type, 0, tree.wire)
    except Exception as stopped:  # raw IP of no version; inside protocols `Tree.enter` sees to it
        tree.stop(stopped, tree.wire)
    return tree.finish()
