# SPDX-License-Identifier: Apache-2.0
"""The keys of wireless networks in EAPOL (IEEE 802.11 clause 12.7.2), and the older RC4 key (IEEE 802.1X-2004)."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex4, hex16, is_set, octets, plain
from ringscope.decode.walk import Walk

_RC4, _RSN, _WPA = 1, 2, 254
_DESCRIPTORS = {_RC4: "RC4", _RSN: "RSN", _WPA: "WPA"}
_PAIRWISE, _ACK, _MIC, _SECURE, _ENCRYPTED = 0x0008, 0x0080, 0x0100, 0x0200, 0x1000
_VERSIONS = {0: "set by the AKM", 1: "HMAC-MD5, RC4", 2: "HMAC-SHA1, AES", 3: "AES-CMAC, AES"}
_FLAGS = (
    ("Reserved", 2, plain),
    ("SMK message", 1, is_set),
    ("Encrypted data", 1, is_set),
    ("Request", 1, is_set),
    ("Error", 1, is_set),
    ("Secure", 1, is_set),
    ("MIC", 1, is_set),
    ("Acknowledgment", 1, is_set),
    ("Install", 1, is_set),
    ("Index", 2, plain),
    ("Type", 1, {0: "group", 1: "pairwise"}),
    ("Version", 3, _VERSIONS),
)
_ELEMENTS = {48: "RSN", 54: "Mobility domain", 55: "Fast transition", 221: "Vendor specific"}
_KEY_DATA = {1: "GTK", 3: "MAC address", 4: "PMKID", 7: "Nonce", 8: "Lifetime", 9: "IGTK"}
_OUI_RSN = b"\x00\x0f\xac"


def key_words(walk: Walk, at: int, end: int) -> str:
    """Which message of the four or of the two that make up an exchange."""
    walk.need(at, 1, end, "EAPOL key")
    if walk.data[at] not in (_RSN, _WPA):
        return "Key"
    walk.need(at, 3, end, "EAPOL key")
    flags = walk.data[at + 1] << 8 | walk.data[at + 2]
    if not flags & _PAIRWISE:
        return f"Key (Group Message {1 if flags & _ACK else 2} of 2)"
    if flags & _ACK:
        return f"Key (Message {3 if flags & _MIC else 1} of 4)"
    walk.need(at, 95, end, "EAPOL key")
    # The last message brings no data; WPA's has not always the secure flag.
    data = walk.data[at + 93] << 8 | walk.data[at + 94]
    last = not data or (flags & _SECURE and walk.data[at] == _RSN)
    return f"Key (Message {4 if last else 2} of 4)"


def key(draft: Draft) -> None:
    """A key descriptor."""
    kind = draft.uint("Descriptor", 1, _DESCRIPTORS)
    if kind == _RC4:
        size = draft.uint("Key length", 2)
        draft.uint("Replay counter", 8)
        draft.raw("Initialization vector", 16)
        draft.bits(1, ("Type", 1, {0: "broadcast", 1: "unicast"}), ("Index", 7, plain))
        draft.raw("Signature", 16)
        draft.raw("Key", min(size, draft.left))
        return
    if kind not in (_RSN, _WPA):
        return
    flags = draft.flags("Key information", 2, hex4, *_FLAGS)[0]
    draft.uint("Key length", 2)
    draft.uint("Replay counter", 8)
    draft.raw("Nonce", 32)
    draft.raw("Initialization vector", 16)
    draft.uint("Receive sequence counter", 8, hex16)
    draft.uint("Key ID", 8, hex16)
    draft.raw("MIC", 16)
    size = draft.uint("Key data length", 2)
    if flags & _ENCRYPTED or (kind == _WPA and not flags & _PAIRWISE):
        draft.raw("Key data, encrypted", size)
        return
    with draft.limited(size):
        while draft.left >= 2 and draft.peek(2, 1) >= 0:
            _element(draft)
        draft.rest("Rest")


def _element(draft: Draft) -> None:
    number = draft.peek()
    with draft.group(_ELEMENTS.get(number, f"Element {number}")) as group:
        draft.uint("Element", 1, _ELEMENTS)
        size = min(draft.uint("Length", 1), draft.left)
        with draft.limited(size):
            if number == 221 and size >= 4:
                organization = draft.raw("Organization", 3)
                kind = draft.uint("Data type", 1, _KEY_DATA if organization == _OUI_RSN else {})
                group.display = _KEY_DATA.get(kind, hex2(kind)) if organization == _OUI_RSN else octets(organization)
            draft.rest("Value")
