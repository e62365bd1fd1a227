# SPDX-License-Identifier: Apache-2.0
"""A large pcap file with a mix of sizes and conversations such as a busy server sees, for measurements."""

from __future__ import annotations

import random
from pathlib import Path
from struct import pack, pack_into

from support.packets import IPV4, IPV6, ethernet, ipv4, ipv6, tcp, udp

_BLOCK = 5000
_BEGAN = 1_700_000_000
_SIZES = ((66, 50), (90, 12), (150, 10), (576, 10), (1000, 5), (1514, 13))
"""Bytes of a frame, and how many of a hundred have about that many: some 360 on average, half of it full segments."""


def _frame(dice: random.Random) -> bytes:
    size = dice.choices([size for size, _ in _SIZES], [share for _, share in _SIZES])[0]
    size = size if size in (66, 1514) else size + dice.randrange(-20, 20)
    client, server = dice.randrange(20_000, 60_000), dice.choice((443, 443, 443, 443, 80, 22, 5432, 8080))
    ports = (client, server) if dice.random() < 0.5 else (server, client)
    near, far = (
        f"10.0.{dice.randrange(4)}.{dice.randrange(1, 250)}",
        f"10.1.{dice.randrange(8)}.{dice.randrange(1, 250)}",
    )
    datagram = dice.random() < 0.12
    if datagram:
        ports = (client, dice.choice((53, 123, 4789)))
    if dice.random() < 0.15:
        room = max(size - 14 - 40 - (8 if datagram else 20), 0)
        body = udp(bytes(room), ports) if datagram else tcp(bytes(room), ports=ports)
        return ethernet(ipv6(body, 17 if datagram else 6, source="fd00::1", destination="fd00::2"), IPV6)
    room = max(size - 14 - 20 - (8 if datagram else 20), 0)
    body = udp(bytes(room), ports) if datagram else tcp(bytes(room), ports=ports)
    frame = ethernet(ipv4(body, 17 if datagram else 6, source=near, destination=far), IPV4)
    return frame if dice.random() < 0.95 else frame[:12] + pack(">HH", 0x8100, 5) + frame[12:]


def frames(count: int) -> list[bytes]:
    """So many frames of the mix; the same at every run."""
    dice = random.Random(1)
    return [_frame(dice) for _ in range(count)]


def write_big_pcap(path: Path, packets: int, *, largest: int = 262144) -> int:
    """Writes so many packets, of each at most ``largest`` bytes; returns the file's size. The same at every run."""
    block, places = bytearray(), []
    for number, frame in enumerate(frames(_BLOCK)):
        places.append(len(block))
        kept = frame[:largest]
        block += pack("<IIII", 0, number * 200, len(kept), len(frame)) + kept
    with path.open("wb") as file:
        file.write(pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for second in range(-(-packets // _BLOCK)):
            for place in places:
                pack_into("<I", block, place, _BEGAN + second)
            left = packets - second * _BLOCK
            file.write(block if left >= _BLOCK else block[: places[left]])
        return file.tell()
