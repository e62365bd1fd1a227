# SPDX-License-Identifier: Apache-2.0
"""Deep decode: tshark's layers in the place of ours, marked as such, and gone with the packet."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ringscope.app.screens import deepening
from ringscope.decode import Field, Layer
from ringscope.decode.deep import DeepError
from support.screen import Driven, driven

TOLD = (Layer("tcp", "Transmission Control Protocol", 34, 20, (Field("Acknowledgment", "Set", 47, 1, (3, 1), 0, 1),)),)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """tshark is there, and answers when this is set."""
    answer = threading.Event()

    def deep(data: bytes, link_type: int, length: int, *, time_ns: int, cancelled: threading.Event) -> Any:
        while not answer.wait(0.01):
            if cancelled.is_set():
                raise DeepError("tshark was ended")
        return TOLD

    monkeypatch.setattr(deepening, "deep", deep)
    monkeypatch.setattr(deepening, "available", lambda: True)
    return answer


async def _on(d: Driven, number: int) -> None:
    await d.grow(40)
    d.app.packets.list.move_to(number)
    await d.rest()


async def test_tsharks_layers_take_the_place_of_ours_and_go_again(asked: threading.Event) -> None:
    async with driven(size=(120, 40)) as d:
        await _on(d, 1)
        await d.press("D")
        assert "asking tshark" in d.text
        asked.set()
        await d.app.workers.wait_for_complete()
        await d.tick()
        assert "Layers of 1  by tshark" in d.text and "Decoded by tshark" in d.text
        assert "...1 .... = Acknowledgment: Set" in d.text
        await d.press("enter", "end")
        assert d.app.packets.hex.lit == range(47, 48)
        await d.press("D")
        assert "tshark" not in d.text and "Destination port" in d.text


async def test_another_packet_ends_the_question_and_shows_our_layers(asked: threading.Event) -> None:
    async with driven(size=(120, 40)) as d:
        await _on(d, 1)
        await d.press("D")
        d.app.packets.list.move_to(2)
        await d.rest()
        await d.app.workers.wait_for_complete()
        assert "tshark" not in d.text and "Layers of 2" in d.text


async def test_without_tshark_the_cure_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deepening, "available", lambda: False)
    async with driven() as d:
        await _on(d, 1)
        await d.press("D")
        assert "apt install tshark" in d.lines[-1]
