# SPDX-License-Identifier: Apache-2.0
"""MACsec key agreement in EAPOL (IEEE 802.1X-2010 clause 11.11): parameter sets, the first without a type."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex2, hex8, is_set, mac, plain
from ringscope.decode.walk import Walk

_SETS = {
    1: "Live Peer List",
    2: "Potential Peer List",
    3: "MACsec SAK Use",
    4: "Distributed SAK",
    5: "Distributed CAK",
    6: "KMD",
    7: "Announcement",
    8: "XPN",
    255: "ICV indicator",
}
_PEERS = (1, 2)
_ICV = 16


def agreement_words(walk: Walk, at: int, end: int) -> str:
    """Whether the sender is the key server, and the names of the parameter sets behind the basic one."""
    walk.need(at, 4, end, "MKA")
    data = walk.data
    words = ["Key Server"] if data[at + 2] & 0x80 else []
    at += 4 + _padded((data[at + 2] << 8 | data[at + 3]) & 0x0FFF)
    while end - at > _ICV:
        walk.need(at, 4, end, "MKA parameter set")
        words.append(_SETS.get(data[at], f"parameter set {data[at]}"))
        at += 4 + _padded((data[at + 2] << 8 | data[at + 3]) & 0x0FFF)
    return ", ".join(words)


def _padded(size: int) -> int:
    return size + -size % 4


def agreement(draft: Draft) -> None:
    """All parameter sets; each is padded to four bytes. The integrity check value is what is left."""
    with draft.group("Basic parameter set"):
        draft.uint("Version", 1)
        draft.uint("Key server priority", 1)
        size = draft.bits(
            2,
            ("Key server", 1, is_set),
            ("MACsec desired", 1, is_set),
            ("MACsec capability", 2, plain),
            ("Length", 12, plain),
        )[3]
        if size < 28:
            raise Malformed(f"basic parameter set of {size} bytes")
        with draft.limited(size):
            draft.raw("Address", 6, mac)
            draft.uint("Port", 2)
            draft.raw("Member identifier", 12)
            draft.uint("Message number", 4)
            draft.uint("Algorithm", 4, hex8)
            draft.rest("Name of the key")
        _pad(draft, size)
    while draft.left > _ICV:
        kind = draft.peek()
        with draft.group(_SETS.get(kind, f"Parameter set {kind}")):
            draft.uint("Type", 1, _SETS)
            draft.uint("Content", 1, hex2)
            size = draft.bits(2, ("Flags", 4, plain), ("Length", 12, plain))[1]
            with draft.limited(size):
                while kind in _PEERS and draft.left >= 16:
                    draft.raw("Member identifier", 12)
                    draft.uint("Message number", 4)
                draft.rest("Value")
            _pad(draft, size)
    draft.rest("Integrity check value")


def _pad(draft: Draft, size: int) -> None:
    draft.raw("Padding", min(-size % 4, draft.left))
