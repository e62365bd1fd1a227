# SPDX-License-Identifier: Apache-2.0
"""From options to a running session: the steps that the screen and ``record`` share."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import CaptureError, LiveSession, WrongSettings
from ringscope.cli import geometry
from ringscope.cli.errors import Failure, WrongUsage, say
from ringscope.filter import Compiler, FilterError
from ringscope.host.interfaces import ANY, default_interface, interface_detail

_PATIENCE = 20.0
"""Seconds for a filter of the command line; one with hundreds of hosts needs five."""


def chosen_interfaces(options: argparse.Namespace) -> tuple[str, ...]:
    """The interfaces of ``-i``, else that of the default route."""
    if options.interfaces:
        return tuple(options.interfaces)
    name = default_interface()
    if name is None:
        raise Failure("there is no default route to take the interface from; name one with -i (ringscope interfaces)")
    return (name,)


def configuration(options: argparse.Namespace, interfaces: tuple[str, ...]) -> CaptureConfig:
    """The settings that the options mean on these interfaces. Raises WrongUsage."""
    each = geometry.queues(options, interfaces)
    count = each * len(interfaces)
    return CaptureConfig(
        interfaces=interfaces,
        snaplen=options.snaplen,
        promiscuous=options.promiscuous,
        direction=options.direction,
        queues=each,
        fanout=options.fanout,
        cpus=geometry.cpus(options),
        exact_swap=options.exact_swap,
        block_size=options.block_size,
        blocks=geometry.blocks(options, geometry.rings(options, count)),
        block_timeout_ms=options.block_timeout,
        store_bytes=geometry.store(options, count),
    )


def _detail(interfaces: Sequence[str]) -> str:
    """What stands beside the names: one word where it is true of all, else one for each."""
    if list(interfaces) == [ANY]:
        return "all interfaces"
    found = [interface_detail(name) or "?" for name in interfaces]
    told = found[0] if len(set(found)) == 1 else "+".join(found)
    return "" if told == "?" else told


@contextmanager
def running(config: CaptureConfig, expression: str, *, kind: str = "live") -> Iterator[tuple[LiveSession, Compiler]]:
    """A session that captures with this filter, and the compiler for further ones; both end with the block.

    What was done otherwise than asked, such as smaller rings where memory is short, stands in its ``detail``, too.
    """
    with Compiler() as compiler:
        try:
            session = LiveSession.prepare(config, kind=kind, detail=_detail(config.interfaces))
        except WrongSettings as error:
            raise WrongUsage(str(error)) from error
        except CaptureError as error:
            raise Failure(str(error)) from error
        with session:
            if session.note:
                session.detail = "; ".join(part for part in (session.detail, session.note) if part)
            try:
                program = compiler.compile(
                    expression, link_type=session.link_type, snaplen=config.snaplen, timeout=_PATIENCE
                )
                if program.reason:
                    say(f"the filter does not see VLAN tags that the kernel takes out: {program.reason}")
                session.start(expression, program.code)
            except FilterError as error:
                raise Failure(f"the filter {expression!r} is not understood: {error}") from error
            except CaptureError as error:
                raise Failure(str(error)) from error
            yield session, compiler
