# SPDX-License-Identifier: Apache-2.0
"""What compiling gives: a program, or an error; and what compiled it.

Values only, shared by everybody who asks for a filter. Uses nothing but the standard library.
"""

from __future__ import annotations

from typing import Literal

from ringscope.filter.bytecode import INSTRUCTION
from ringscope.frozen import frozen

Mode = Literal["live", "offline"]


class FilterError(ValueError):
    """An expression that gives no program; ``str()`` is libpcap's own message, or a sentence of the compiler.

    The text may quote the expression, so whoever shows it has to escape it.
    """


class UnresolvedName(FilterError):
    """An expression that is right as far as can be said without looking up the hosts that it names: ``names``."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"not looked up yet: {', '.join(names)}")
        self.names = names


@frozen
class Program:
    """One expression as a classic BPF program.

    ``link_type`` is the LINKTYPE_ number of the packets it reads, ``snaplen`` the bytes of an accepted packet that
    are kept, ``code`` packed ``struct sock_filter`` records in native byte order, as SO_ATTACH_FILTER takes them.

    ``mode`` says which packets it is right for. "live": packets as the kernel shows them to a packet socket, with
    the outer VLAN tag in the metadata (SKF_AD_VLAN_TAG and friends), and without their link-layer header where the
    capture is cooked (LINKTYPE_LINUX_SLL2: a SOCK_DGRAM socket). "offline": the bytes alone, as in a file. ``reason``
    says why code is "offline" although "live" was asked for, else it is empty.

    ``resolved`` has each host name of the expression with the addresses that stand for it in the code, in the order
    of the expression.
    """

    expression: str
    link_type: int
    snaplen: int
    code: bytes
    mode: Mode
    reason: str = ""
    resolved: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def instructions(self) -> int:
        """Number of instructions; the kernel takes at most 4096 (BPF_MAXINSNS)."""
        return len(self.code) // INSTRUCTION.size


@frozen
class Engine:
    """The libpcap that compiles.

    ``version`` is pcap_lib_version(3pcap)'s text, ``library`` the file or name that was loaded, ``live`` whether
    code for a running capture can be generated, ``reason`` why not ("" when it can).
    """

    version: str
    library: str
    live: bool
    reason: str
