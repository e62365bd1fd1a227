# SPDX-License-Identifier: Apache-2.0
"""An expression compiled for every link type that a session has packets of. No Textual here."""

from __future__ import annotations

from collections.abc import Mapping

from ringscope.capture.session import Session
from ringscope.filter import Compiler, FilterError, Program, UnresolvedName
from ringscope.frozen import frozen


@frozen
class Programs:
    """Programs by link type (LINKTYPE_*), and why there is none for the others: packets of those never match."""

    expression: str
    programs: Mapping[int, Program]
    faults: Mapping[int, str]

    @property
    def codes(self) -> dict[int, bytes]:
        """What a view is started with."""
        return {link_type: program.code for link_type, program in self.programs.items()}

    @property
    def link_types(self) -> frozenset[int]:
        """The link types that were compiled for."""
        return frozenset(self.programs) | frozenset(self.faults)


def link_types(session: Session) -> tuple[int, ...]:
    """Those of a session, the most used first; as long as there is no packet, that of its first interface."""
    return session.link_types or (session.link_type,)


def compile_all(
    compiler: Compiler, session: Session, expression: str, *, timeout: float, look_up: bool = True
) -> Programs:
    """Compile for all link types met so far. Waits. FilterError: there is a program for none of them."""
    programs: dict[int, Program] = {}
    faults: dict[int, str] = {}
    for link_type in link_types(session):
        try:
            programs[link_type] = compiler.compile(
                expression,
                link_type=link_type,
                snaplen=max(1, session.snaplen),
                timeout=timeout,
                live=session.live_code,
                look_up=look_up,
                loops=not session.live_code,
                swapped=session.swapped,
            )
        except UnresolvedName:
            raise
        except FilterError as error:
            faults[link_type] = str(error)
    if not programs:
        raise FilterError(next(iter(faults.values())))
    return Programs(expression, programs, faults)
