#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""``picture.py FILE.svg``: the README's picture, taken of the demo as it runs, nothing staged but the moment."""

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


async def take(session: LiveSession, compiler: Compiler, file: Path) -> None:
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
        picture = app.export_screenshot(title="ringscope demo")
        # The font faces point to a server; any monospaced font does.
        file.write_text(re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL), encoding="utf-8")


def main() -> None:
    with DemoNetwork.start() as network, Compiler() as compiler:
        config = CaptureConfig((network.interface,), block_size=256 << 10, blocks=16)
        with LiveSession.prepare(config, kind="demo") as session:
            program = compiler.compile("", link_type=session.link_type, snaplen=session.snaplen)
            session.start("", program.code)
            asyncio.run(take(session, compiler, Path(sys.argv[1])))


if __name__ == "__main__":
    main()
