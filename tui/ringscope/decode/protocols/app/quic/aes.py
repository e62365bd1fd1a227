# SPDX-License-Identifier: Apache-2.0
"""AES-128 (FIPS 197) of many blocks at once: enough to read QUIC's Initial packets, whose keys are known to everybody.

The blocks are kept as the four rows of all their states, so that every step is one operation on long bytes. It takes no
care of side channels and must not be used for secrets.
"""

from __future__ import annotations

from functools import lru_cache

_ROUNDS = 10


def _double(value: int) -> int:
    """Twice the value in AES's field."""
    return (value << 1 ^ (0x11B if value & 0x80 else 0)) & 0xFF


def _substitutions() -> bytes:
    """FIPS 197 section 5.1.1: the inverse in the field, and an affine transformation."""
    powers, value = [], 1
    for _ in range(255):
        powers.append(value)
        value ^= _double(value)  # times three, which generates the field
    logarithm = {power: place for place, power in enumerate(powers)}
    table = []
    for value in range(256):
        inverse = powers[-logarithm[value] % 255] if value else 0
        turned = inverse | inverse << 8
        table.append((inverse ^ turned >> 7 ^ turned >> 6 ^ turned >> 5 ^ turned >> 4) & 0xFF ^ 0x63)
    return bytes(table)


_SUBSTITUTE = _substitutions()
_DOUBLE = bytes(map(_double, range(256)))


@lru_cache(256)
def schedule(key: bytes) -> tuple[bytes, ...]:
    """The round keys (FIPS 197 section 5.2) of a key of 16 bytes."""
    words = [key[place : place + 4] for place in range(0, 16, 4)]
    constant = 1
    for place in range(4, 4 * (_ROUNDS + 1)):
        word = words[-1]
        if place % 4 == 0:
            word = (word[1:] + word[:1]).translate(_SUBSTITUTE)
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = _double(constant)
        words.append(bytes(one ^ other for one, other in zip(words[-4], word, strict=True)))
    return tuple(b"".join(words[place : place + 4]) for place in range(0, len(words), 4))


def encrypt(key: bytes, blocks: bytes) -> bytes:
    """Every 16 bytes of `blocks` encrypted by themselves."""
    count = len(blocks) // 16
    size = count * 4
    rows = [b"".join(blocks[row + column :: 16] for column in (0, 4, 8, 12)) for row in range(4)]
    keys = schedule(key)
    state = [_added(row, _row_key(keys[0], place, count), size) for place, row in enumerate(rows)]
    for number in range(1, _ROUNDS + 1):
        shifted = []
        for place, row in enumerate(state):
            substituted = row.translate(_SUBSTITUTE)
            shifted.append(substituted[place * count :] + substituted[: place * count])
        numbers = _mixed(shifted) if number < _ROUNDS else [int.from_bytes(row, "big") for row in shifted]
        state = [
            (value ^ _row_key(keys[number], place, count)).to_bytes(size, "big") for place, value in enumerate(numbers)
        ]
    out = bytearray(16 * count)
    for place, row in enumerate(state):
        for column in range(4):
            out[place + 4 * column :: 16] = row[column * count : (column + 1) * count]
    return bytes(out)


def _row_key(key: bytes, row: int, count: int) -> int:
    return int.from_bytes(b"".join(key[row + column : row + column + 1] * count for column in (0, 4, 8, 12)), "big")


def _added(row: bytes, key: int, size: int) -> bytes:
    return (int.from_bytes(row, "big") ^ key).to_bytes(size, "big")


def _mixed(rows: list[bytes]) -> list[int]:
    """FIPS 197 section 5.1.3."""
    once = [int.from_bytes(row, "big") for row in rows]
    twice = [int.from_bytes(row.translate(_DOUBLE), "big") for row in rows]
    whole = once[0] ^ once[1] ^ once[2] ^ once[3]
    return [whole ^ once[place] ^ twice[place] ^ twice[(place + 1) % 4] for place in range(4)]


def counted(key: bytes, nonce: bytes, data: bytes) -> bytes:
    """Decrypt what AES-128-GCM (NIST SP 800-38D) has encrypted, without looking at its tag.

    nonce: 12 bytes.
    """
    count = -(-len(data) // 16)
    stream = encrypt(key, b"".join(nonce + number.to_bytes(4, "big") for number in range(2, count + 2)))
    size = len(data)
    return (int.from_bytes(data, "big") ^ int.from_bytes(stream[:size], "big")).to_bytes(size, "big")
