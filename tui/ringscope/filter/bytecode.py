# SPDX-License-Identifier: Apache-2.0
"""The few things that are asked of classic BPF code here: its layout, its metadata loads, its return value.

Layout and constants: linux/filter.h and linux/bpf_common.h. Imported by the child, hence by nothing heavy.
"""

from __future__ import annotations

import struct

INSTRUCTION = struct.Struct("=HBBI")  # struct sock_filter: code, jt, jf, k
MAX_INSTRUCTIONS = 4096  # BPF_MAXINSNS

_LOAD_ABSOLUTE = frozenset({0x20, 0x28, 0x30})  # BPF_LD | BPF_ABS with BPF_W, BPF_H, BPF_B
_RETURN = 0x06  # BPF_RET | BPF_K
_JUMP = 0x05  # BPF_JMP | BPF_JA, the one jump whose offset has 32 bits
METADATA = 0xFFFFF000  # SKF_AD_OFF: loads from here up read the packet's metadata, not its bytes


def accept_all(snaplen: int) -> bytes:
    """The program ``ret #snaplen``: what the empty expression means."""
    return INSTRUCTION.pack(_RETURN, 0, 0, snaplen)


def reads_metadata(code: bytes) -> bool:
    """True when the program loads packet metadata (VLAN tag, direction, interface) by absolute offset."""
    return any(op in _LOAD_ABSOLUTE and k >= METADATA for op, _, _, k in INSTRUCTION.iter_unpack(code))


def jumps_back(code: bytes) -> bool:
    """True when the program has a loop: libpcap's own interpreter runs those, the kernel does not."""
    return any(op == _JUMP and k >= 1 << 31 for op, _, _, k in INSTRUCTION.iter_unpack(code))


def with_snaplen(code: bytes, snaplen: int) -> bytes:
    """The same program, keeping ``snaplen`` bytes of each packet it accepts.

    libpcap takes the value from the handle, where it cannot be changed any more once the handle is live.
    """
    return b"".join(
        INSTRUCTION.pack(op, jt, jf, snaplen if op == _RETURN and k else k)
        for op, jt, jf, k in INSTRUCTION.iter_unpack(code)
    )
