# SPDX-License-Identifier: Apache-2.0
"""From options to a running session: the steps that the screen and ``record`` share."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import CaptureError, LiveSession
from ringscope.cli.errors import Failure, say
from ringscope.filter import Compiler, FilterError
from ringscope.host.interfaces import default_interface, interface_detail

_ETHERNET = 1
"""LINKTYPE_ETHERNET (pcap-linktype(7))."""

_PATIENCE = 20.0
"""Seconds for a filter of the command line; one with hundreds of hosts needs five."""


def chosen_interface(options: argparse.Namespace) -> str:
    """The interface of ``-i``, else that of the default route."""
    name: str | None = options.interface or default_interface()
    if name is None:
        raise Failure("there is no default route to take the interface from; name one with -i (ringscope interfaces)")
    return name


def configuration(options: argparse.Namespace, interface: str) -> CaptureConfig:
    """The settings that the options mean."""
    return CaptureConfig(
        interface=interface,
        snaplen=options.snaplen,
        promiscuous=options.promiscuous,
        block_size=options.block_size,
        blocks=options.blocks,
        block_timeout_ms=options.block_timeout,
        store_bytes=options.store,
    )


@contextmanager
def running(config: CaptureConfig, expression: str, *, kind: str = "live") -> Iterator[tuple[LiveSession, Compiler]]:
    """A session that captures with this filter, and the compiler for further ones; both end with the block."""
    with Compiler() as compiler:
        try:
            session = LiveSession.prepare(config, kind=kind, detail=interface_detail(config.interface))
        except CaptureError as error:
            raise Failure(str(error)) from error
        with session:
            try:
                program = compiler.compile(
                    expression, link_type=session.link_type, snaplen=config.snaplen, timeout=_PATIENCE
                )
                if program.mode == "offline" and session.link_type == _ETHERNET:
                    say(
                        "the filter does not see VLAN tags that the kernel takes out: no live handle to compile it with"
                    )
                session.start(expression, program.code)
            except FilterError as error:
                raise Failure(f"the filter {expression!r} is not understood: {error}") from error
            except CaptureError as error:
                raise Failure(str(error)) from error
            yield session, compiler
