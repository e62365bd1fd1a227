# SPDX-License-Identifier: Apache-2.0
"""What is said of rings in words, and of the numbers of a packet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringscope.app.packet_numbers import packet_numbers
from ringscope.app.ring_words import flow_words
from ringscope.weather.feeders import Flow
from support.fake_session import FakeSession


@pytest.mark.parametrize(
    ("protocol", "ports", "said"),
    [
        ("tcp", (80, 40000), "tcp 10.0.0.1:80 ↔ 10.0.0.2:40000"),
        ("1", (None, None), "icmp 10.0.0.1 ↔ 10.0.0.2"),
        ("253", (None, None), "protocol 253 10.0.0.1 ↔ 10.0.0.2"),
    ],
)
def test_flows_are_named_as_people_write_them(protocol: str, ports: tuple[int | None, int | None], said: str) -> None:
    assert flow_words(Flow(protocol, "10.0.0.1", ports[0], "10.0.0.2", ports[1])) == said


def test_a_packet_of_a_file_is_of_no_queue() -> None:
    session = FakeSession()
    session.grow(1)
    (packet,) = session.read(1, 1)
    assert "queue" in {number.title for number in packet_numbers(packet)}
    assert "queue" not in {number.title for number in packet_numbers(replace(packet, clock="file"))}
