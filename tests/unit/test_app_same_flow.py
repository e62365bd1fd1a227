# SPDX-License-Identifier: Apache-2.0
"""The same flow, found by the core in a file: both ways, among what is shown, and never a packet of another."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from pathlib import Path
from struct import pack
from typing import Any
from unittest.mock import patch

import pytest

from ringscope.app.same_flow import NoFlow, SameFlow, Step
from ringscope.capture.files import FileSession
from ringscope.filter import Compiler
from support.fake_session import arp, ipv4, tcp, udp
from support.reading import read_through

FLOWS = (tcp(7), udp(7), tcp(8), tcp(7), ipv4(1, b"\x08\x00" + bytes(6), 7), b"\xff" * 7, udp(7), tcp(7), arp(7))
"""Packets 1, 4 and 8 are one flow, 2 and 7 another; what ping sent has the addresses of both."""


@pytest.fixture
def session(tmp_path: Path) -> Iterator[FileSession]:
    path = tmp_path / "flows.pcap"
    records = (pack("<IIII", 1, 0, len(data), len(data)) + data for data in FLOWS)
    path.write_bytes(pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + b"".join(records))
    with read_through(path) as made:
        yield made


async def test_the_flow_is_gone_through_in_either_direction_and_round_the_ends(session: FileSession) -> None:
    with Compiler() as compiler:
        flow = SameFlow(session, compiler)

        async def step(number: int, *, forward: bool = True, without: tuple[int, ...] = ()) -> Step:
            found = await flow.find(number, lambda each: each not in without, len(FLOWS), forward=forward)
            assert found is not None
            return found

        assert await step(1) == Step(4, 2, 3)
        assert await step(4) == Step(8, 3, 3)
        assert await step(8) == Step(1, 1, 3, around=True)
        assert await step(1, forward=False) == Step(8, 3, 3, around=True)
        assert await step(8, forward=False) == Step(4, 2, 3)
        assert await step(2) == Step(7, 2, 2)
        assert (await step(5)).number == 7, "a ping belongs to all that its hosts say to each other"
        assert await step(4, without=(8,)) == Step(1, 1, 3, around=True)
        assert await step(4, forward=False, without=(1, 8)) == Step(0)
        assert await step(3) == Step(0) and await step(9) == Step(0)
        flow.close()


async def test_who_asks_anew_while_the_flow_is_being_compiled_gets_the_answer(session: FileSession) -> None:
    """However the compilations end, one view is made, and nobody waits for one that was closed."""
    with Compiler() as compiler:
        flow = SameFlow(session, compiler)

        def asked(number: int) -> Coroutine[Any, Any, Step | None]:
            return flow.find(number, lambda each: True, len(FLOWS), forward=True)

        with patch.object(session, "view", wraps=session.view) as view:
            first, second, third = await asyncio.wait_for(asyncio.gather(asked(1), asked(2), asked(3)), 10)
            assert (first, second, third) == (None, None, Step(0)) and view.call_count == 1
        flow.close()


async def test_what_has_no_flow_is_said(session: FileSession) -> None:
    with Compiler() as compiler:
        flow = SameFlow(session, compiler)
        with pytest.raises(NoFlow, match="packet 6 has no addresses"):
            await flow.find(6, lambda each: True, len(FLOWS), forward=True)
        flow.close()
