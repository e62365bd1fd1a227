# SPDX-License-Identifier: Apache-2.0
"""Screen 4: the verdict, the stage that loses, what is in it, why, and where each number is from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ringscope.app.commands import screens
from ringscope.app.ring_columns import COLUMNS
from ringscope.app.ring_numbers import SOURCES
from ringscope.weather.moment import Moment, Setup
from ringscope.weather.provenance import PROVENANCE
from support.fake_moments import FakeMoments
from support.fake_session import FakeSession
from support.losses import STAGED, Staged
from support.moments import device, moment
from support.screen import Driven, driven


class Given(FakeMoments):
    """These moments, one a look; the last of them again and again."""

    def __init__(self, session: FakeSession, moments: Sequence[Moment], setup: Setup) -> None:
        super().__init__(session)
        self._given, self._setup = list(moments), setup

    def take(self, *, hidden: int | None) -> Moment:
        self.taken += 1
        return replace(self._given[min(self.taken, len(self._given)) - 1], hidden=hidden)

    def setup(self) -> Setup:
        return self._setup

    def later(self, **stats: int) -> None:
        """A second later the interface has these counters."""
        last = self._given[-1]
        then = moment(last.time + 1, devices=[device(kind="veth", **stats)], cpus=last.host.cpus)
        self._given.append(replace(then, capture=replace(last.capture, time=last.time + 1)))


def _given(staged: Staged) -> tuple[FakeSession, Given]:
    session = FakeSession()
    return session, Given(session, (staged.before, staged.now), staged.setup)


async def _shown(d: Driven) -> None:
    """Packets have come, the host was looked at twice, and the path is in front."""
    await d.grow(10)
    await d.press("4")
    await d.look()
    await d.look()


def _told(d: Driven) -> str:
    """What is on the screen, as one line of words."""
    return " ".join(d.text.split())


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
@pytest.mark.parametrize("name", list(STAGED))
async def test_each_staged_loss_is_named_and_marked_without_a_colour(
    name: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    staged = STAGED[name]
    session, moments = _given(staged)
    async with driven(session, size=size, moments=moments, theme=None) as d:
        await _shown(d)
        said = d.app.lookout.sight
        assert said is not None and (said.verdict.stage, said.verdict.cause) == (staged.stage, staged.cause)
        assert said.verdict.sentence in _told(d).replace(f"{staged.mark} ", "")
        title = said.path().stage(staged.stage).title
        marked = [line for line in d.lines[5:] if staged.mark in line]
        if size == (200, 50):
            assert f"┏▌{staged.mark} {title} ━" in d.text and d.text.count("┏") == 1
        else:
            assert f"▌{staged.mark}{title} " in marked[0]
        styles = [segment.style for line in d.segments() for segment in line]
        assert {style.color.name for style in styles if style and style.color} <= {"default"}


async def test_the_losing_stage_is_opened_on_a_small_screen_and_entered_by_enter() -> None:
    session, moments = _given(STAGED["slow reader"])
    async with driven(session, moments=moments) as d:
        await _shown(d)
        at = next(y for y, line in enumerate(d.lines) if line.startswith("▌▲rings"))
        assert "queue 0" in d.lines[at + 1] and "1 204/s" in d.lines[at + 1]
        await d.press("enter")
        assert "no room in the ring" in d.text and "wire" not in d.text and "freezes" in d.text
        await d.press("escape")
        assert "wire" in d.text
        await d.press("escape")
        assert "nothing is opened" in d.lines[-1]


async def test_the_cursor_follows_the_verdict_until_somebody_moves_it() -> None:
    staged = STAGED["slow reader"]
    session = FakeSession()
    quiet = replace(staged.before, capture=replace(staged.before.capture, time=0.0))
    moments = Given(session, (quiet, staged.before, staged.now), staged.setup)
    async with driven(session, size=(200, 50), moments=moments) as d:
        await _shown(d)
        assert "Nothing is lost" in d.text and "┌▌rings" in d.text
        await d.press("home")
        assert "┌▌wire" in d.text and "damaged" in d.text
        await d.look()
        assert "┌▌wire" in d.text and "┏ ▲ rings" in d.text


async def test_arrows_walk_through_all_stages_and_what_stands_beside_them() -> None:
    session, moments = _given(STAGED["slow reader"])
    async with driven(session, size=(120, 40), moments=moments) as d:
        await _shown(d)
        await d.press("home")
        seen = []
        for _ in range(12):
            seen.append(d.app.screen.chosen)  # type: ignore[attr-defined]
            await d.press("right")
        assert seen[:9] == ["wire", "nic", "softirq", "tap", "filter", "ring", "worker", "merge", "store"]
        assert seen[9:11] == ["unaccounted", "later"] and "conntrack" in d.text
        await d.press("home", "down")
        assert d.app.screen.chosen in ("filter", "ring")  # type: ignore[attr-defined]


async def test_e_shows_the_evidence_and_c_the_cures_which_enter_copies() -> None:
    session, moments = _given(STAGED["slow reader"])
    async with driven(session, moments=moments) as d:
        await _shown(d)
        await d.press("e")
        assert "▶ yes" in d.text and "it came 310 ms late (yes from 100 ms on)" in _told(d)
        await d.press("c")
        assert "--blocks 128" in d.text and "would have saved ~all 1 204" in d.text
        await d.press("down", "enter")
        assert d.app.clipboard.startswith("--blocks") and "copied" in d.lines[-1]
        await d.press("c")
        assert "wire" in d.text, "c again goes back to the stages"


async def test_i_tells_of_the_figure_under_the_cursor_and_goes_on_to_the_others() -> None:
    session, moments = _given(STAGED["backlog"])
    async with driven(session, moments=moments) as d:
        await _shown(d)
        await d.press("enter")
        page = d.app.screen.opened  # type: ignore[attr-defined]
        row = next(
            row for row, line in enumerate(page.lines) if line.number and line.number.source == "link.rx_dropped"
        )
        await d.press(*["down"] * (row - page.cursor), "i")
        assert "as the interface says" in d.text and "IFLA_STATS64" in d.text
        assert "capturing makes it stop" in _told(d), "case 33: a tap that is open changes it"
        await d.press("down")
        assert "wanted" in d.text
        moments.later(rx_packets=5000, rx_dropped=7777)
        await d.look()
        assert "7 777" in d.text, "the values go on below"
        await d.press("escape")
        assert d.app.screen is d.app.frames["path"]


async def test_i_on_the_packets_walks_through_the_status_lines_and_the_packet() -> None:
    async with driven(size=(60, 12)) as d:
        await d.grow(1000)
        d.session.lose(3)
        await d.press("i")
        seen = set()
        for _ in range(13):
            numbers, _ = d.app.packets.numbers()
            seen.add(next(one.title for one in numbers if d.lines[2].startswith(f" {one.title}   ")))
            await d.press("down")
        assert {"stored", "dropped", "packets a second", "ring", "freezes", "kept"} <= seen
        assert len(seen) == len(d.app.packets.numbers()[0])


async def test_every_column_of_the_rings_has_its_provenance() -> None:
    assert {column.title for column in COLUMNS} <= SOURCES.keys()
    session = FakeSession()
    async with driven(session, size=(200, 50), moments=FakeMoments(session)) as d:
        await d.grow(1000)
        await d.press("2")
        await d.look()
        await d.look()
        await d.press("i")
        assert "queue 0: fill now" in d.lines[2] and "status words of its blocks" in d.text
        await d.press("down", "down", "down")
        assert "queue 0: time to full" in d.lines[2]
        await d.press("i")
        assert d.app.screen is d.app.frames["rings"]


@pytest.mark.parametrize("kind", ["live", "file", "pipe"])
async def test_every_number_of_every_screen_has_its_provenance(kind: str) -> None:
    session = FakeSession(capacity=500, kind=kind)
    async with driven(session, moments=FakeMoments(session) if kind == "live" else None) as d:
        session.counters = replace(session.counters, arena_drops=3, truncated=4, unaccounted=5, snapped=6)
        session.lose(3)
        await d.grow(1000)
        await d.look()
        for command in screens():
            await d.press(command.keys)
            numbers, at = d.app.front.numbers()
            assert numbers and 0 <= at < len(numbers)
            assert {one.source for one in numbers} <= PROVENANCE.keys()
            assert all(one.title and one.value.isprintable() for one in numbers)


async def test_a_file_tells_what_it_knows_and_which_stages_it_cannot_know() -> None:
    async with driven(FakeSession(kind="file"), size=(120, 40)) as d:
        await d.grow(1000)
        await d.press("4")
        assert (
            "? Of these" in d.lines[2]
            and "the file does not tell what was lost" in _told(d)
            and "cannot be told" in d.text
        )
        await d.press("home")
        assert "not read: what came in damaged: a file does not tell" in d.text
        await d.press("c")
        assert "No command is known" in d.text


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_keys_pressed_before_the_first_look_are_answered(size: tuple[int, int]) -> None:
    async with driven(size=size) as d:
        await d.press("4", "down", "end", "home", "pagedown", "right")
        for key in ("enter", "e", "c"):
            await d.press("escape", key)
            assert "there is no verdict yet" in d.lines[-1]


async def test_before_the_first_look_and_where_the_host_cannot_be_read_the_screen_says_so() -> None:
    session = FakeSession()
    moments = FakeMoments(session)
    moments.refusal = OSError(1, "Operation not permitted")
    async with driven(session, size=(120, 30), moments=moments) as d:
        await d.press("4")
        assert "for the first time" in d.text
        await d.press("e")
        assert "no verdict yet" in d.lines[-1]
        await d.look()
        assert "cannot be read" in d.text
        moments.refusal = None
        await d.look()
        assert "Nothing is lost" in d.text
        moments.refusal = OSError(1, "Operation not permitted")
        await d.look()
        assert "Nothing is lost" in d.text and "what is shown is older" in d.lines[-1]


async def test_a_tick_without_news_draws_nothing_of_the_path() -> None:
    session, moments = _given(STAGED["slow reader"])
    async with driven(session, size=(200, 50), moments=moments) as d:
        await _shown(d)
        screen = d.app.frames["path"]
        drawn: list[object] = []
        screen._draw = lambda: drawn.append(1)  # type: ignore[attr-defined]
        for _ in range(5):
            await d.grow(1000)
        assert not drawn


async def test_at_every_size_every_page_fits_and_nothing_breaks() -> None:
    session, moments = _given(STAGED["slow reader"])
    async with driven(session, moments=moments) as d:
        await _shown(d)
        for size in [(1, 1), (40, 8), (99, 50), (300, 90)]:
            await d.pilot.resize_terminal(*size)
            for key in ("e", "i", "escape", "c", "escape"):
                await d.press(key)
                lines = d.segments()
                assert len(lines) == size[1], (size, key)
                assert {sum(segment.cell_length for segment in line) for line in lines} == {size[0]}, (size, key)


async def test_a_click_chooses_a_stage() -> None:
    session, moments = _given(STAGED["slow reader"])
    async with driven(session, size=(200, 50), moments=moments) as d:
        await _shown(d)
        at = next(y for y, line in enumerate(d.lines) if "┌ store" in line)
        await d.pilot.click(offset=(d.lines[at].index("┌ store") + 3, at + 2))
        await d.tick()
        assert "┌▌store" in d.text and "let go for newer ones" in d.text
