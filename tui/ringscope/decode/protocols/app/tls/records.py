# SPDX-License-Identifier: Apache-2.0
"""The protocol and how its records are recognized, on any port."""

from __future__ import annotations

from ringscope.decode.protocols.app.tls.names import HANDSHAKES
from ringscope.decode.registry import TCP, protocol

TLS = protocol("tls", "TLS", role="tls")

CHANGE, ALERT, HANDSHAKE = 20, 21, 22


@TLS.magic(TCP, first=range(20, 25))
def is_record(data: bytes, at: int, stop: int) -> bool:
    """A record header stands at `at` (RFC 8446 section 5.1)."""
    if stop - at < 5 or data[at + 1] != 3 or data[at + 2] > 4 or not 20 <= data[at] <= 24:
        return False
    size = data[at + 3] << 8 | data[at + 4]
    return size == 1 if data[at] == CHANGE else 2 <= size <= 0x4800


def readable(kind: int, length: int) -> bool:
    """A handshake message may begin so. Nothing marks an encrypted one but that its bytes make no sense."""
    return kind in HANDSHAKES and length <= 0x1FFFF and not (kind in (0, 14) and length)
