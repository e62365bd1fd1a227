# SPDX-License-Identifier: Apache-2.0
"""Writes the fuzzer's corpus: one small capture file of each kind that the reader knows, made from nothing.

python tests/native/make_corpus.py [FOLDER]
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from struct import pack


def frame(number: int, size: int) -> bytes:
    """An Ethernet frame with an ethertype, and bytes that tell it from others."""
    return (bytes(6) + bytes((2, 0, 0, 0, 0, number & 255)) + b"\x08\x00" + bytes(range(256)) * 8)[:size]


def pcap(order: str, magic: int, minor: int = 4, link_type: int = 1, more: bytes = b"", snaplen: int = 65535) -> bytes:
    """A pcap file of four packets, with ``more`` bytes behind each record's lengths."""
    out = pack(f"{order}IHHiIII", magic, 2, minor, 0, 0, snaplen, link_type)
    for number, size in enumerate((14, 60, 0, 133)):
        lengths = (size + number, size) if minor < 3 else (size, size + number)
        out += pack(f"{order}IIII", 1_700_000_000 + number, 999_999, *lengths) + more + frame(number, size)
    return out


def filled(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def block(order: str, kind: int, body: bytes) -> bytes:
    size = 12 + len(filled(body))
    return pack(f"{order}II", kind, size) + filled(body) + pack(f"{order}I", size)


def option(order: str, code: int, value: bytes) -> bytes:
    return pack(f"{order}HH", code, len(value)) + filled(value)


def section(order: str, options: bytes = b"") -> bytes:
    return block(order, 0x0A0D0D0A, pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1) + options)


def interface(order: str, link_type: int = 1, snaplen: int = 0, options: bytes = b"") -> bytes:
    return block(order, 1, pack(f"{order}HHI", link_type, 0, snaplen) + options)


def packet(order: str, number: int, size: int, interface: int = 0, options: bytes = b"") -> bytes:
    head = pack(f"{order}IIIII", interface, 0x60A, number * 1000, size, size + 4)
    return block(order, 6, head + filled(frame(number, size)) + options)


def obsolete(order: str, number: int, size: int) -> bytes:
    return block(order, 2, pack(f"{order}HHIIII", 0, 0xFFFF, 0x60A, number, size, size) + frame(number, size))


def simple(order: str, number: int, size: int) -> bytes:
    return block(order, 3, pack(f"{order}I", size) + frame(number, size))


def statistics(order: str) -> bytes:
    counts = b"".join(option(order, code, pack(f"{order}Q", code * 100)) for code in (2, 3, 4, 5, 6, 7, 8))
    return block(order, 5, pack(f"{order}III", 0, 0x60A, 5) + counts + bytes(4))


def names(order: str) -> bytes:
    records = option(order, 1, b"\x0a\0\0\1db1\0db1.internal\0") + option(order, 2, bytes(15) + b"\1localhost\0")
    return block(order, 4, records + option(order, 3, b"\2\0\0\0\0\1host\0") + bytes(4))


def everything(order: str) -> bytes:
    """A section with a block of every kind."""
    described = option(order, 2, b"eth0") + option(order, 3, b"uplink") + option(order, 9, b"\x09")
    described += option(order, 11, b"\0tcp port 443") + option(order, 14, pack(f"{order}q", 3600)) + bytes(4)
    return b"".join(
        (
            section(order, option(order, 1, b"a comment on the file") + option(order, 4, b"make_corpus") + bytes(4)),
            interface(order, 1, 96, described),
            interface(order, 276, 0, option(order, 9, b"\xa0")),
            names(order),
            packet(order, 1, 60, 0, option(order, 1, b"a comment") + option(order, 2, bytes(4)) + bytes(4)),
            packet(order, 2, 33, 1),
            block(order, 10, pack(f"{order}II", 0x544C534B, 13) + b"CLIENT_RANDOM"),
            simple(order, 3, 44),
            block(order, 0xBAD, pack(f"{order}I", 32473) + b"custom"),
            obsolete(order, 4, 21),
            block(order, 0x7777, b"of no known kind"),
            packet(order, 5, 0),
            statistics(order),
        )
    )


def zstd(data: bytes) -> bytes:
    """A frame of RFC 8878 with one block that is not compressed."""
    header = pack("<IB", 0xFD2FB528, 0x60) + pack("<H", len(data) - 256)
    return header + pack("<I", len(data) << 3 | 1)[:3] + data


def files() -> dict[str, bytes]:
    """The corpus: names and bytes."""
    micro, nano, kuznetsov = 0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34
    good = pcap("<", micro)
    found: dict[str, bytes] = {}
    for order, word in (("<", "little"), (">", "big")):
        found |= {
            f"micro-{word}.pcap": pcap(order, micro),
            f"nano-{word}.pcap": pcap(order, nano, link_type=113),
            f"kuznetsov-{word}.pcap": pcap(order, kuznetsov, more=bytes(8)),
            f"everything-{word}.pcapng": everything(order),
            f"simple-{word}.pcapng": section(order) + interface(order, 101, 20) + simple(order, 1, 20),
        }
    return found | {
        "version-2.2.pcap": pcap("<", micro, minor=2),
        "version-2.3.pcap": pcap(">", micro, minor=3),
        "snaplen.pcap": pcap("<", micro, snaplen=40),
        "usb.pcap": pcap("<", nano, link_type=220),
        "frame-check.pcap": pcap("<", micro, link_type=0xF4000001),
        "sections.pcapng": everything("<") + everything(">") + section("<") + everything("<"),
        "header.pcapng": section("<"),
        "unfilled.pcapng": section("<") + interface("<") + pack("<IIII", 3, 17, 1, 0x41) + pack("<I", 17),
        "cut.pcap": good[:-7],
        "cut.pcapng": everything(">")[:-9],
        "garbage.pcap": good[:90] + b"\xff" * 64 + good[90:],
        "long.pcap": good + pack("<IIII", 1, 2, 0xFFFFFFFF, 60) + bytes(60),
        "pcap.gz": gzip.compress(good, mtime=0),
        "pcapng.gz": gzip.compress(everything("<"), mtime=0) + gzip.compress(everything(">"), mtime=0),
        "pcap.zst": zstd(good),
        "empty": b"",
        "text": b"not a capture\n",
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("corpus")
    folder.mkdir(exist_ok=True)
    for name, data in files().items():
        (folder / name).write_bytes(data)
