# SPDX-License-Identifier: Apache-2.0
"""Views and searches over a live capture: what passes is there, while packets come and when they go."""

from __future__ import annotations

import os
import threading
import time

import pytest

from ringscope.capture.config import CaptureConfig
from ringscope.capture.pattern import Pattern
from ringscope.capture.session import LiveSession
from ringscope.capture.views import Search, View, ViewError
from ringscope.filter import Compiler
from ringscope.native import ViewState
from support.namespaces import Net, in_namespace, run_forked, wait_until


def _session(store: int = 64 << 20) -> LiveSession:
    session = LiveSession.prepare(CaptureConfig(("rs0",), store_bytes=store, block_size=128 << 10))
    with Compiler() as compiler:
        session.start("", compiler.compile("", link_type=1, snaplen=262144).code)
    return session


def _programs(expression: str) -> dict[int, bytes]:
    with Compiler() as compiler:
        return {1: compiler.compile(expression, link_type=1, snaplen=262144).code}


def _examined(view: View, number: int) -> ViewState:
    return wait_until(lambda: (state := view.state()).examined >= number and state)  # type: ignore[return-value]


@in_namespace
def test_a_view_has_what_passes_and_reads_it_by_its_own_index(net: Net) -> None:
    with _session() as session:
        view = session.view()
        view.start(_programs("vlan 7"))
        for _ in range(3):
            net.send_frames(50, size=90)
            net.send_frames(5, size=200, vlans=[(0x8100, 7)])
        wait_until(lambda: session.snapshot().head == 165)
        state = _examined(view, 165)
        assert (state.matched, state.judged, state.unknown, state.low, state.high) == (15, 165, 0, 1, 15)
        expected = [*range(51, 56), *range(106, 111), *range(161, 166)]
        assert view.numbers(1, 100) == expected
        assert [view.number(index) for index in (1, 6, 15, 16, 0)] == [51, 106, 165, 0, 0]
        assert [view.index(number) for number in (50, 51, 53, 105, 165)] == [0, 1, 3, 5, 15]
        assert view.has(51) and not view.has(50)
        rows = view.read(4, 4, 64)
        assert [(index, packet.number) for index, packet in rows] == [(4, 54), (5, 55), (6, 106), (7, 107)]
        assert all(packet.data[12:16] == bytes.fromhex("81000007") for _, packet in rows)


@in_namespace
def test_the_view_filter_sees_what_the_capture_filter_saw(net: Net) -> None:
    with _session() as session:
        net.send_frames(20, size=100)
        net.send_frames(20, size=100, vlans=[(0x8100, 5)])
        net.send_frames(20, size=100, vlans=[(0x88A8, 6), (0x8100, 7)])
        wait_until(lambda: session.snapshot().head == 60)
        view = session.view()
        for expression, count in {
            "vlan": 40,
            "vlan 5": 20,
            "vlan 6 and vlan 7": 20,
            "udp": 40,
            "vlan 5 and udp": 20,
            "inbound": 60,
            "outbound": 0,
            "": 60,
        }.items():
            view.start(_programs(expression))
            assert _examined(view, 60).matched == count, expression


@in_namespace
def test_a_view_follows_a_capture_that_evicts(net: Net) -> None:
    with _session(store=1 << 20) as session:
        view = session.view()
        view.start(_programs("greater 200"))
        lows = []
        for _ in range(10):
            net.send_frames(2000, size=300, rate=50_000)
            state = view.state()
            lows.append(state.low)
        head = wait_until(lambda: (now := session.snapshot()).head == 20_000 and now.head)
        state = _examined(view, head)
        assert lows == sorted(lows) and state.low > 10_000 and state.high == state.matched
        assert view.number(state.high) == 20_000
        assert [packet.number for _, packet in view.read(state.high - 2, 3)] == [19_998, 19_999, 20_000]
        assert view.number(1) in (0, 1)


@in_namespace
def test_a_session_that_ends_ends_its_views_and_searches(net: Net) -> None:
    session = _session()
    net.send_frames(100)
    wait_until(lambda: session.snapshot().head == 100)
    view, search = session.view(), session.search()
    view.start(_programs("udp"))
    session.view().start(_programs("udp"))  # of which nobody knows any more
    _examined(view, 100)
    session.close()
    assert view.state().high == 0 and view.numbers(1, 10) == [] and view.read(1, 10) == []
    assert search.find(Pattern.parse("x"), 1) is None
    with pytest.raises(ViewError, match="closed"):
        view.start({})
    with pytest.raises(Exception, match="gone"):
        session.view()
    view.close()
    search.close()


@in_namespace
def test_a_forked_child_has_an_empty_view_and_its_parent_a_whole_one(net: Net) -> None:
    with _session() as session:
        net.send_frames(100)
        wait_until(lambda: session.snapshot().head == 100)
        view, search = session.view(), session.search()
        view.start(_programs("udp"))
        _examined(view, 100)

        def in_child() -> list[object]:
            found = [view.state().high, search.find(Pattern.parse("x"), 1)]
            view.close()
            search.close()
            return found

        assert run_forked(in_child) == [0, None]
        assert view.state().high == 100


@in_namespace
def test_text_bytes_and_regular_expressions_are_found_both_ways(net: Net) -> None:
    with _session() as session:
        net.send_frames(1000, size=100)
        wait_until(lambda: session.snapshot().head == 1000)
        # The last bytes of a frame are its number.
        for pattern in (
            Pattern.parse("hex:00 00 00 00 00 00 01 2c"),
            Pattern.parse(r"re:\x00{6}\x01\x2c$"),
            Pattern.parse(r"re:\x01,\Z"),
        ):
            search = session.search()
            hits = [search.find(pattern, 1), search.find(pattern, 300), search.find(pattern, 301)]
            backwards = [search.find(pattern, start, forward=False) for start in (1000, 300, 299, 10**9)]
            assert (hits, backwards) == ([300, 300, None], [300, 300, None, 300]), pattern
            assert search.progress > 0
            search.close()


@in_namespace
def test_a_search_in_a_view_finds_only_what_passes(net: Net) -> None:
    with _session() as session:
        net.send_frames(100, size=100)
        net.send_frames(100, size=100, vlans=[(0x8100, 7)])
        wait_until(lambda: session.snapshot().head == 200)
        view = session.view()
        view.start(_programs("vlan 7"))
        for pattern in (Pattern.parse("hex:00 00 00 2a"), Pattern.parse(r"re:\x00\x2a\Z")):
            search = session.search()
            assert search.find(pattern, 1) == 42
            assert search.find(pattern, 1, view=view) == 142
            assert search.find(pattern, 200, forward=False, view=view) == 142
            assert search.find(pattern, 141, forward=False, view=view) is None


@in_namespace
def test_an_expression_that_takes_for_ever_is_cancelled_and_nothing_stands_still(net: Net) -> None:
    with _session() as session:
        net.send_frames(10, size=1000)
        wait_until(lambda: session.snapshot().head == 10)
        search, found = session.search(), []
        pattern = Pattern.parse(r"re:(\x00|\x00\x00)+\xff$")
        thread = threading.Thread(target=lambda: found.append(search.find(pattern, 1)))
        thread.start()
        wait_until(lambda: search.progress > 0)
        begun, turns = time.monotonic(), 0
        while time.monotonic() - begun < 0.3:
            turns += 1
            time.sleep(0.001)
        assert turns > 30  # this thread goes on meanwhile
        assert thread.is_alive()
        search.cancel()
        thread.join(10)
        assert found == [None]
        assert not [child for child in _children() if "matcher" in child]


def _children() -> list[str]:
    """Command lines of this process's children."""
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as listed:
        pids = listed.read().split()
    found = []
    for pid in pids:
        with open(f"/proc/{pid}/cmdline", "rb") as words:
            found.append(words.read().decode())
    return found


@in_namespace
def test_closing_a_view_ends_the_search_in_it(net: Net) -> None:
    with _session() as session:
        net.send_frames(10, size=1000)
        wait_until(lambda: session.snapshot().head == 10)
        view, search = session.view(), session.search()
        view.start(_programs("udp"))
        _examined(view, 10)
        view.close()
        assert search.find(Pattern.parse("hex:00"), 1, view=view) is None
        assert isinstance(session.search(), Search)
