# SPDX-License-Identifier: Apache-2.0
"""EAPOL (IEEE 802.1X): authentication on a port, and the key exchange of WPA and RSN (IEEE 802.11 clause 12.7)."""

from __future__ import annotations

from ringscope.decode.protocols.control.eapol.keys import key, key_words
from ringscope.decode.protocols.control.eapol.mka import agreement, agreement_words
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

EAPOL = protocol("eapol", "EAPOL", role="routing", ethertype=(0x888E, 0x88C7))

_EAP, _KEY, _MKA = 0, 3, 5
_TYPES = {
    _EAP: "EAP",
    1: "Start",
    2: "Logoff",
    _KEY: "Key",
    4: "Encapsulated ASF alert",
    _MKA: "MKA",
    6: "Announcement (generic)",
    7: "Announcement (specific)",
    8: "Announcement request",
}
_VERSIONS = {1: "802.1X-2001", 2: "802.1X-2004", 3: "802.1X-2010"}


@EAPOL.row
def row(row: Row, at: int, end: int) -> None:
    """The kind of packet; of keys which message of the exchange."""
    row.need(at, 4, end, "EAPOL header")
    kind, size = row.data[at + 1], row.data[at + 2] << 8 | row.data[at + 3]
    row.info = _TYPES.get(kind, f"type {kind}")
    end = min(end, at + 4 + size)
    if kind == _EAP:
        row.enter(PROTOCOLS["eap"], at + 4, end)
    elif kind == _KEY and end - at > 4:
        row.info = key_words(row, at + 4, end)
    elif kind == _MKA:
        row.protocol = "EAPOL-MKA"
        row.info = agreement_words(row, at + 4, end)


@EAPOL.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Header, and what the type announces."""
    draft = tree.open(EAPOL, at, end)
    draft.say()
    draft.uint("Version", 1, _VERSIONS)
    kind = draft.uint("Type", 1, _TYPES)
    size = draft.uint("Length", 2)
    draft.end = min(end, draft.at + size)
    tree.narrow(draft.end)
    if kind == _EAP:
        draft.title = "EAPOL  EAP"
        tree.enter(PROTOCOLS["eap"], draft.at, draft.end)
        return
    if kind == _KEY and draft.left:
        key(draft)
    elif kind == _MKA:
        agreement(draft)
    draft.rest("Body")
