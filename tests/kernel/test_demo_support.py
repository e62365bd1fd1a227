# SPDX-License-Identifier: Apache-2.0
"""What the private network promises to the tests that run in it."""

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from support.frames import number
from support.namespaces import Net, in_namespace, run_in_namespace

PSEUDO_FAILURE = "the left side was 1"


@in_namespace
def test_frames_arrive_exactly_once_and_in_order(net: Net) -> None:
    with _tap() as tap:
        net.send_frames(200, size=64)
        frames = [tap.recv(2048) for _ in range(200)]
        with pytest.raises(BlockingIOError):
            tap.recv(2048)
    assert [number(frame) for frame in frames] == list(range(1, 201))
    assert {len(frame) for frame in frames} == {64}


@in_namespace
def test_the_interface_counts_every_frame_at_a_hundred_thousand_a_second(net: Net) -> None:
    net.send_frames(100_000, rate=100_000)
    assert net.received() == 100_000
    net.send_frames(100_000)
    assert net.received() == 200_000


@in_namespace
def test_a_silent_link_stays_silent(net: Net) -> None:
    with _tap() as tap:
        time.sleep(0.5)
        with pytest.raises(BlockingIOError):
            tap.recv(2048)
    assert net.received() == 0


@in_namespace
def test_promiscuity_and_packet_sockets_are_those_of_the_namespace(net: Net) -> None:
    assert (net.promiscuity(), net.packet_sockets()) == (0, [])
    with _tap() as tap:
        membership = socket.if_nametoindex(net.interface).to_bytes(4, sys.byteorder) + b"\x01\x00" + bytes(10)
        tap.setsockopt(263, 1, membership)  # SOL_PACKET, PACKET_ADD_MEMBERSHIP: PACKET_MR_PROMISC
        assert net.promiscuity() == 1
        assert [row["Proto"] for row in net.packet_sockets()] == ["0003"]
    assert (net.promiscuity(), net.packet_sockets()) == (0, [])


@in_namespace
def test_a_command_has_every_right_in_the_namespace(net: Net) -> None:
    opening = "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3); print(socket.if_nameindex())"
    done = net.run([sys.executable, "-c", opening])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "[(1, 'lo'), (2, 'rs0')]\n"


@in_namespace
async def test_a_coroutine_and_a_fixture_work_too(net: Net, tmp_path: Path) -> None:
    (tmp_path / "interface").write_text(net.interface)
    assert net.in_peer(lambda: [name for _, name in socket.if_nameindex()]) == ["lo", "rs1"]


@pytest.mark.parametrize("value", [1, 2])
@in_namespace
def test_a_parameter_works_too(value: int, net: Net) -> None:
    assert value in (1, 2)


def test_a_failure_inside_is_a_failure_with_its_traceback() -> None:
    def body(net: Net) -> None:
        raise AssertionError(PSEUDO_FAILURE)

    with pytest.raises(pytest.fail.Exception, match=PSEUDO_FAILURE) as caught:
        run_in_namespace(body)
    assert "in body" in str(caught.value)


def test_a_body_that_hangs_is_killed() -> None:
    with pytest.raises(pytest.fail.Exception, match="not done"):
        run_in_namespace(lambda net: time.sleep(60), limit=0.5)


def test_a_body_that_dies_is_a_failure() -> None:
    with pytest.raises(pytest.fail.Exception, match="died"):
        run_in_namespace(lambda net: os._exit(3))


def test_the_result_of_a_body_comes_back() -> None:
    assert run_in_namespace(lambda net: net.interface) == "rs0"


def _tap() -> socket.socket:
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    tap.bind(("rs0", 3))
    tap.setblocking(False)
    return tap
