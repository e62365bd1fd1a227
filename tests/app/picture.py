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


def interesting(session: LiveSession) -> int | None:
    """The number of the newest wanted packet with a screenful before it."""
    now = session.snapshot()
    for packet in reversed(session.read(max(now.head - 200, 20), 201)):
        if WANTED in summarize(packet.data, session.link_type, packet.length).info:
            return packet.number
    return None


async def take(session: LiveSession, compiler: Compiler, file: Path) -> None:
    app = RingscopeApp(session, compiler, theme="midnight")
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        while (number := interesting(session)) is None or session.snapshot().head < 400:
            await pilot.pause(0.1)
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
