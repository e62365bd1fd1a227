#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""``picture.py packets|rings FILE.svg``: the README's pictures, taken of the demo as it runs.

Nothing is staged of the packets but the moment. The readers of the rings are held for two seconds, as a machine that is
busy would.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from ringscope.app import RingscopeApp
from ringscope.capture.config import CaptureConfig
from ringscope.capture.demo import DemoNetwork
from ringscope.capture.session import LiveSession
from ringscope.decode import summarize
from ringscope.filter import Compiler

COLUMNS, ROWS = 132, 36
WANTED = "Client Hello"
"""Info of the packet under the cursor."""
FILTER = "tcp or udp port 53"
"""The filter that is put in force on the way, for the line that it draws in the list."""


def interesting(session: LiveSession) -> int | None:
    """The number of the newest wanted packet that has the line of the filter a few rows above it."""
    line = session.epochs()[-1].clean_from
    for packet in reversed(session.read(line + 2, 8)):
        if line and WANTED in summarize(packet.data, session.link_type, packet.length).info:
            return packet.number
    return None


async def take_packets(session: LiveSession, compiler: Compiler, file: Path) -> None:
    app = RingscopeApp(session, compiler, theme="midnight")
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        code = compiler.compile(FILTER, link_type=session.link_type, snaplen=session.snaplen).code
        while session.snapshot().head < 300:
            await pilot.pause(0.1)
        while (number := interesting(session)) is None:
            if session.snapshot().head - session.epochs()[-1].clean_from > 10:
                session.set_filter(FILTER, code)
            await pilot.pause(0.1)
        before_the_line = session.epochs()[-1].clean_from - 6
        await pilot.press("g", *str(before_the_line), "enter")
        await pilot.pause(0.2)
        await pilot.press("g", *str(number), "enter")
        await pilot.pause(0.5)
        await pilot.press("enter")
        await pilot.pause(0.5)
        save(app, file)


async def take_rings(session: LiveSession, compiler: Compiler, file: Path) -> None:
    app = RingscopeApp(session, compiler, theme="midnight")
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        await pilot.press("2", "z", "z")
        await pilot.pause(9)
        session.hold(True)
        while session.snapshot().total.fill < 1:
            await pilot.pause(0.1)
        await pilot.pause(0.5)
        session.hold(False)
        await pilot.pause(1.0)
        session.hold(True)
        await pilot.pause(1.1)
        save(app, file)
        session.hold(False)


def save(app: RingscopeApp, file: Path) -> None:
    """The screen as it stands."""
    picture = app.export_screenshot(title="ringscope demo")
    # The font faces point to a server; any monospaced font does.
    file.write_text(re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL), encoding="utf-8")


def main() -> None:
    what, file = sys.argv[1], Path(sys.argv[2])
    rings = what == "rings"
    with DemoNetwork.start() as network, Compiler() as compiler:
        config = CaptureConfig(
            (network.interface,), block_size=256 << 10, blocks=16, queues=4 if rings else 1, fanout="hash"
        )
        with LiveSession.prepare(config, kind="demo") as session:
            program = compiler.compile("", link_type=session.link_type, snaplen=session.snaplen)
            session.start("", program.code)
            asyncio.run((take_rings if rings else take_packets)(session, compiler, file))


if __name__ == "__main__":
    main()
