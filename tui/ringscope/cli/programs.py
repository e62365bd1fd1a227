# SPDX-License-Identifier: Apache-2.0
"""The filter of a command that reads a file: compiled for each link type that is met in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ringscope.cli.arguments import SNAPLEN_MAX
from ringscope.cli.errors import say
from ringscope.filter import Compiler, FilterError, Program

if TYPE_CHECKING:
    from ringscope.capture.files import FileSession
    from ringscope.capture.session import Loading

STORE: Final = 1 << 30
"""Bytes that are kept of a pipe until they were looked at: in a file, and given back."""
PAUSE: Final = 0.005
"""Seconds between two looks at a file that is being read."""
_PATIENCE: Final = 20.0
"""Seconds for one compilation; an expression with hundreds of hosts needs five."""


def compiled(
    compiler: Compiler, expression: str, link_type: int, *, snaplen: int, live: bool = False, swapped: bool = False
) -> Program:
    """The program of the expression. Raises FilterError."""
    return compiler.compile(
        expression, link_type=link_type, snaplen=snaplen, timeout=_PATIENCE, live=live, loops=not live, swapped=swapped
    )


@dataclass
class Programs:
    """The expression for each link type of a file, as they are met, or why it has no program for one."""

    expression: str
    session: FileSession
    compiler: Compiler
    made: dict[int, Program] = field(default_factory=dict)
    faults: dict[int, FilterError] = field(default_factory=dict)

    def grow(self) -> bool:
        """Compiles for what was met since; false: nothing."""
        new = [one for one in self.session.link_types if one not in self.made and one not in self.faults]
        for link_type in new:
            self._add(link_type)
        return bool(new)

    def finish(self) -> None:
        """To be called at the end: raises FilterError when it is not right for any packet."""
        if not self.made and not self.faults:  # there was no packet
            self._add(self.session.link_type)
        if not self.made:
            raise next(iter(self.faults.values()))

    def codes(self) -> dict[int, bytes]:
        """Packed ``struct sock_filter`` by link type, as a view wants them."""
        return {link_type: program.code for link_type, program in self.made.items()}

    def say_faults(self) -> None:
        """Which packets cannot pass, and why."""
        for link_type, error in self.faults.items():
            say(f"no {self.compiler.link_type_name(link_type)} packet passes: {error}")

    def _add(self, link_type: int) -> None:
        snaplen = self.session.snaplen or SNAPLEN_MAX
        swapped = self.session.swapped
        try:
            self.made[link_type] = compiled(self.compiler, self.expression, link_type, snaplen=snaplen, swapped=swapped)
        except FilterError as error:
            self.faults[link_type] = error


def is_read(loading: Loading | None) -> bool:
    """Whether all that will come of a file has come."""
    return loading is None or loading.state not in ("reading", "waiting")
