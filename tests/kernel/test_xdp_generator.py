# SPDX-License-Identifier: Apache-2.0
"""The generator behind the measurements: as many frames as it says, whole, numbered, in as many flows."""

from __future__ import annotations

import os
import socket
import struct
from collections import Counter
from collections.abc import Iterator

import pytest

from support.frames import number
from support.namespaces import Net, in_namespace
from support.oracles import missing
from support.ring_twin import RingTwin
from support.xdp import FIRST_PORT, XdpGenerator, XdpUnavailable

_ETH_P_ALL = 3


@pytest.fixture
def small() -> Iterator[XdpGenerator]:
    with _generator(60) as generator:
        yield generator


@pytest.fixture
def large() -> Iterator[XdpGenerator]:
    with _generator(1500) as generator:
        yield generator


def _generator(size: int) -> XdpGenerator:
    try:
        return XdpGenerator(size, flows=64)
    except XdpUnavailable as unavailable:
        if os.geteuid() == 0:
            missing(str(unavailable))
        pytest.skip(str(unavailable))


@in_namespace
def test_the_tap_sees_exactly_as_many_frames_as_were_asked_for(net: Net, small: XdpGenerator) -> None:
    twin = RingTwin(net.interface, block_size=1 << 20, blocks=64, block_timeout_ms=60_000)
    for count, rate in ((1, None), (63, None), (200_000, None), (20_001, 500_000.0), (100, 5_000.0)):
        small.send(net.interface, count, rate)
        assert twin.statistics() == (count, 0, 0)
    assert small.sent == 1 + 63 + 200_000 + 20_001 + 100


@in_namespace
def test_every_frame_is_whole_and_has_the_next_number_and_its_flow(net: Net, small: XdpGenerator) -> None:
    _check_contents(net, small, 60)


@in_namespace
def test_large_frames_are_whole_too(net: Net, large: XdpGenerator) -> None:
    _check_contents(net, large, 1500)


def _check_contents(net: Net, generator: XdpGenerator, size: int) -> None:
    flows: Counter[int] = Counter()
    with _tap(net) as tap:
        for round_ in range(20):
            # In small rounds: the socket queues no more than net.core.rmem_max.
            generator.send(net.interface, 40, 20_000.0 if round_ % 2 else None)
            for expected in range(40 * round_ + 1, 40 * round_ + 41):
                frame = tap.recv(4096)
                assert (len(frame), number(frame)) == (size, expected)
                source, destination, length, checksum = struct.unpack_from("!4H", frame, 34)
                assert (destination, length, checksum) == (9, size - 34, 0)
                assert source == FIRST_PORT + expected % 64
                assert not any(frame[42:-8])
                flows[source] += 1
        with pytest.raises(BlockingIOError):
            tap.recv(4096)
    assert set(flows.values()) == {12, 13}


def _tap(net: Net) -> socket.socket:
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    tap.bind((net.interface, _ETH_P_ALL))
    tap.setblocking(False)
    return tap


@in_namespace
def test_without_the_right_it_says_so_in_one_sentence(net: Net) -> None:
    with pytest.raises(XdpUnavailable, match=r"^XDP live frames need root .* run it as root, or send by AF_PACKET\.$"):
        XdpGenerator()
