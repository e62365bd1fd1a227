# SPDX-License-Identifier: Apache-2.0
"""Programs as text, as ``tcpdump -d``, ``-dd`` and ``-ddd`` print them (bpf_image() and bpf_dump() of libpcap)."""

from __future__ import annotations

from ringscope.filter.bytecode import INSTRUCTION

_METADATA = 0xFFFFF000  # SKF_AD_OFF of linux/filter.h
_NAMES = {
    0: "proto",
    4: "type",
    8: "ifidx",
    12: "nla",
    16: "nlan",
    20: "mark",
    24: "queue",
    28: "hatype",
    32: "rxhash",
    36: "cpu",
    40: "xor_x",
    44: "vlan_tci",
    48: "vlanp",
    52: "poff",
    56: "random",
    60: "vlan_tpid",
}
# Operation and operand by code; {k} is signed decimal, {x} hexadecimal, {place} a place in the packet or its metadata.
_FORMS = {
    0x00: ("ld", "#{x}"),
    0x01: ("ldx", "#{x}"),
    0x02: ("st", "M[{k}]"),
    0x03: ("stx", "M[{k}]"),
    0x06: ("ret", "#{k}"),
    0x07: ("tax", ""),
    0x16: ("ret", ""),
    0x20: ("ld", "[{place}]"),
    0x28: ("ldh", "[{place}]"),
    0x30: ("ldb", "[{place}]"),
    0x40: ("ld", "[x + {k}]"),
    0x48: ("ldh", "[x + {k}]"),
    0x50: ("ldb", "[x + {k}]"),
    0x60: ("ld", "M[{k}]"),
    0x61: ("ldx", "M[{k}]"),
    0x80: ("ld", "#pktlen"),
    0x84: ("neg", ""),
    0x87: ("txa", ""),
    0xB1: ("ldxb", "4*([{k}]&0xf)"),
    **{op: (name, "#{k}") for op, name in ((0x04, "add"), (0x14, "sub"), (0x24, "mul"), (0x34, "div"))},
    **{op: (name, "#{k}") for op, name in ((0x94, "mod"), (0x64, "lsh"), (0x74, "rsh"))},
    **{op: (name, "#{x}") for op, name in ((0x44, "or"), (0x54, "and"), (0xA4, "xor"))},
    **{
        op: (name, "x")
        for op, name in (
            *((0x0C, "add"), (0x1C, "sub"), (0x2C, "mul"), (0x3C, "div"), (0x9C, "mod")),
            *((0x4C, "or"), (0x5C, "and"), (0xAC, "xor"), (0x6C, "lsh"), (0x7C, "rsh")),
        )
    },
}
_BRANCHES = {0x10: "jeq", 0x20: "jgt", 0x30: "jge", 0x40: "jset"}
_JUMP, _X = 0x05, 0x08


def listing(code: bytes) -> list[str]:
    """One line an instruction, for people: ``(000) ldh      [12]``."""
    return [_line(number, *one) for number, one in enumerate(INSTRUCTION.iter_unpack(code))]


def c_listing(code: bytes) -> list[str]:
    """As the inside of an array of ``struct sock_filter`` in C."""
    return [f"{{ {op:#x}, {jt}, {jf}, 0x{k:08x} }}," for op, jt, jf, k in INSTRUCTION.iter_unpack(code)]


def decimal_listing(code: bytes) -> list[str]:
    """The number of instructions, then the four numbers of each: what iptables' bpf match and tc take."""
    instructions = list(INSTRUCTION.iter_unpack(code))
    return [str(len(instructions)), *(" ".join(map(str, one)) for one in instructions)]


def _line(number: int, op: int, jt: int, jf: int, k: int) -> str:
    signed = k - (1 << 32) if k >= 1 << 31 else k
    if op == _JUMP:
        return f"({number:03}) {'ja':<8} {(number + 1 + signed + (1 << 31)) % (1 << 32) - (1 << 31)}"
    if op & 0x07 == _JUMP and op & 0xF0:
        operation = _BRANCHES.get(op & ~(0x07 | _X), "unimp")
        operand = f"{op:#x}" if operation == "unimp" else "x" if op & _X else f"#{k:#x}"
        return f"({number:03}) {operation:<8} {operand:<16} jt {number + 1 + jt}\tjf {number + 1 + jf}"
    operation, form = _FORMS.get(op, ("unimp", f"{op:#x}"))
    return f"({number:03}) {operation:<8} {form.format(k=signed, x=f'{k:#x}', place=_place(k, signed))}"


def _place(k: int, signed: int) -> str:
    return _NAMES.get(k - _METADATA, str(signed))
