# SPDX-License-Identifier: Apache-2.0
"""Programs for cooked captures: what is written for the header of a file, as the kernel has to run it.

A packet socket of type SOCK_DGRAM gives packets without their link-layer header; the 20 bytes of LINKTYPE_LINUX_SLL2
before them are built in user space, after the kernel's filter has run. libpcap's compiler counts its offsets from
those 20 bytes, so they are moved: into the packet, or to the kernel's metadata where it has the same value. libpcap
does this when it attaches a filter (fix_offset() in pcap-linux.c). Imported by the child, hence by nothing heavy.

``len`` stays as it is, as in libpcap: the kernel's length of the packet, without the 20 bytes.
"""

from __future__ import annotations

from ringscope.filter.bytecode import INSTRUCTION, METADATA

HEADER_LENGTH = 20  # SLL2_HDR_LEN

_CLASS, _LD, _LDX = 0x07, 0x00, 0x01  # linux/bpf_common.h
_SIZE, _WORD, _HALF, _BYTE = 0x18, 0x00, 0x08, 0x10
_MODE, _ABSOLUTE, _INDIRECT, _HEADER_LENGTH_OF_IP = 0xE0, 0x20, 0x40, 0xA0
_NEGATIVE = 0x80000000
# Offset in the header and width of the field, and where the kernel has it: SKF_AD_PROTOCOL, _IFINDEX, _PKTTYPE.
_SAME = {(0, _HALF): METADATA, (4, _WORD): METADATA + 8, (10, _BYTE): METADATA + 4}


class NotForKernel(ValueError):
    """The program reads what a kernel filter on a cooked capture cannot see; ``str()`` is a sentence."""


def for_kernel(code: bytes) -> bytes:
    """The same program for a SOCK_DGRAM socket, from one for the bytes of LINKTYPE_LINUX_SLL2. Raises NotForKernel."""
    return b"".join(_moved(*instruction) for instruction in INSTRUCTION.iter_unpack(code))


def _moved(op: int, jt: int, jf: int, k: int) -> bytes:
    mode = op & _MODE
    if op & _CLASS in (_LD, _LDX) and mode in (_ABSOLUTE, _INDIRECT, _HEADER_LENGTH_OF_IP):
        k = _offset(mode, op & _SIZE, k)
    return INSTRUCTION.pack(op, jt, jf, k)


def _offset(mode: int, size: int, k: int) -> int:
    if HEADER_LENGTH <= k < _NEGATIVE:
        return k - HEADER_LENGTH
    if mode == _ABSOLUTE:
        if k >= METADATA:  # it is the kernel's already
            return k
        if (k, size) in _SAME:
            return _SAME[k, size]
        what = f"reads byte {k} of the cooked header"
    else:
        what = "computes an offset that may lie in the cooked header"
    raise NotForKernel(
        f"the filter {what}, and the kernel filters before there is one (it knows the protocol, the interface and the"
        " packet type); capture on one interface, or leave that test out"
    )
