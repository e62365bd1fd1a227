# SPDX-License-Identifier: Apache-2.0
"""The room that turns pcap-filter(7) expressions into classic BPF programs.

``compiler`` is what the application uses; libpcap itself runs only in a small child process (``worker``), so that a
crash, a hang or a flood of memory while compiling cannot touch a running capture. The room imports neither the
screen nor the capture core.

The public names are loaded when they are first asked for: the child imports this package too, and has to be up
within the time of a key press.
"""

from __future__ import annotations

TYPE_CHECKING = False  # the name type checkers know; importing typing would cost the child several milliseconds

if TYPE_CHECKING:
    from ringscope.filter.compiler import Compiler
    from ringscope.filter.program import Engine, FilterError, Program, UnresolvedName

__all__ = ["Compiler", "Engine", "FilterError", "Program", "UnresolvedName"]


def __getattr__(name: str) -> object:
    if name == "Compiler":
        from ringscope.filter.compiler import Compiler

        return Compiler
    if name in __all__:
        from ringscope.filter import program

        return getattr(program, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
