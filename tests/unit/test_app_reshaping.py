# SPDX-License-Identifier: Apache-2.0
"""Other rings for a running capture: what may be typed, and what is said of a change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringscope.app.reshaping import Change, Reshaping, Shape, parse, shares
from ringscope.app.whatif_words import footnote, headline, row
from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import CaptureError
from ringscope.weather.whatif import Geometry, Outcome, WhatIf
from support.fake_session import BEGAN, QUIET, FakeSession

MIB = 1 << 20
NOW = Shape(64, MIB, "hash", 10)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("128 x 1M", Shape(128, MIB, "hash", 10)),
        ("128x512K", Shape(128, MIB // 2, "hash", 10)),
        (" 32 × 4 MiB ", Shape(32, 4 * MIB, "hash", 10)),
        ("128", Shape(128, MIB, "hash", 10)),
        ("fanout cpu", Shape(64, MIB, "cpu", 10)),
        ("CPU", Shape(64, MIB, "cpu", 10)),
        ("128 x 1M, fanout lb", Shape(128, MIB, "lb", 10)),
        ("128 x 1M lb", Shape(128, MIB, "lb", 10)),
        ("fanout lb 128", Shape(128, MIB, "lb", 10)),
        ("timeout 50", Shape(64, MIB, "hash", 50)),
        ("50 ms", Shape(64, MIB, "hash", 50)),
        ("128 timeout=50ms", Shape(128, MIB, "hash", 50)),
        ("cpu, 5ms, 32 x 2M", Shape(32, 2 * MIB, "cpu", 5)),
    ],
)
def test_a_geometry_a_fanout_mode_or_both_may_be_typed(typed: str, meant: Shape) -> None:
    assert parse(typed, NOW) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "x",
        "128 x",
        "128 x 1T",
        "128 x 1M fanout",
        "fanout 7",
        "12 34",
        "128 x 1M lb lb",
        "timeout",
        "5 ms 6 ms",
        "timeout lb",
    ],
)
def test_what_means_nothing_says_how_to_write_it(typed: str) -> None:
    said = parse(typed, NOW)
    assert isinstance(said, str) and ("write it like" in said or "there is no fanout" in said)


@pytest.mark.parametrize("typed", ["queues 4", "4 queues", "128 x 1M, queue 2"])
def test_more_queues_are_refused_with_the_reason(typed: str) -> None:
    assert parse(typed, NOW) == "how many queues there are cannot change while the capture runs: that is for --queues"


def test_a_change_tells_what_it_was_and_how_even_the_queues_are_since() -> None:
    change = Change(BEGAN * 10**9, NOW, Shape(64, MIB, "lb", 10), (0.97, 0.03), (9700, 300))
    session = FakeSession()
    queues = (replace(QUIET, stored=9700 + 51, dropped=0), replace(QUIET, stored=300 + 40, dropped=9))
    now = replace(session.snapshot(), queues=queues)
    assert change.told(now).endswith("fanout hash → lb; packets by queue: 97 % 3 % before, 51 % 49 % since")
    quiet = replace(now, queues=(replace(QUIET, stored=9700), replace(QUIET, stored=300)))
    assert change.balance(quiet).endswith("before, nothing has come yet since")
    alone = replace(change, shares=(1.0,), counts=(10_000,))
    assert alone.balance(now) == ""
    assert shares([0, 0]) == (0.0, 0.0)


async def test_the_rings_are_changed_once_and_what_was_lost_meanwhile_is_told() -> None:
    session = FakeSession()
    session.config = CaptureConfig(("eth0",), queues=1)
    reshaping = Reshaping(session)
    assert await reshaping.to(Shape(128, MIB, "hash", 10)) == ("nothing lost; ring 64 x 1 MiB → 128 x 1 MiB")
    assert await reshaping.to(Shape(128, MIB, "hash", 10)) == (
        "the rings are like that already: 128 x 1 MiB, fanout hash, timeout 10 ms"
    )
    assert await reshaping.to(Shape(128, MIB, "hash", 50)) == "nothing lost; timeout 10 → 50 ms"
    assert session.config.block_timeout_ms == 50
    assert (await reshaping.to(Shape(128, MIB, "lb", 50))).startswith("with one queue there is nothing to share out")
    assert reshaping.last is not None and reshaping.last.before == replace(NOW, blocks=128)
    session.refusal = "there is no memory for rings"
    with pytest.raises(CaptureError, match="no memory"):
        await reshaping.to(Shape(4096, MIB, "hash", 10))
    assert reshaping.shape.blocks == 128


# -- the table


def _outcome(blocks: int, lost: int) -> Outcome:
    return Outcome(Geometry(blocks, MIB), lost, (blocks - 64) * MIB, blocks == 64)


TABLE = WhatIf(84_210, 1204, (_outcome(32, 3100), _outcome(64, 1190), _outcome(128, 0)))


def _text(outcome: Outcome, now: int = 64) -> str:
    return "".join(text for text, _ in row(outcome, TABLE, Geometry(now, MIB), 1))


def _words(outcome: Outcome) -> str:
    return " ".join(_text(outcome).split())


def test_each_row_says_what_a_ring_would_have_lost_and_which_is_enough() -> None:
    assert headline(TABLE) == "84 210 packets came in the last 60 s, 1 204 were lost; 128 x 1 MiB would have lost none."
    smaller, present, larger = TABLE.rows
    assert _words(smaller) == "32 x 1 MiB 32 MiB -32 MiB ~3 100 3.7 %"
    assert _words(present) == "64 x 1 MiB 64 MiB ~1 190 really 1 204 in force"
    assert _words(larger) == "128 x 1 MiB 128 MiB +64 MiB 0 ◀ enough"
    assert _text(larger, now=128).endswith("in force") and "in force" not in _text(present, now=128)


def test_a_model_that_is_far_off_for_the_present_ring_says_so() -> None:
    assert footnote(TABLE).startswith("~ the same packets")
    assert footnote(replace(TABLE, lost=1500)).startswith("Of the ring as it was the model is 21 % off")


def test_without_a_loss_or_without_packets_the_headline_says_so() -> None:
    assert headline(WhatIf(0, 0, ())) == "Nothing has come in the last 60 s: there is nothing to try other rings on."
    assert "and none was lost" in headline(replace(TABLE, lost=0))
    assert headline(replace(TABLE, rows=TABLE.rows[:2])).endswith("1 204 were lost; a larger ring was not tried.")
    useless = replace(TABLE, rows=(*TABLE.rows[:2], _outcome(128, 1150), _outcome(256, 1100)))
    assert headline(useless).endswith("a larger ring would not have helped: the reader is slow.")


def test_where_no_ring_keeps_all_the_smallest_that_saves_about_as_much_as_any_is_advised() -> None:
    table = replace(TABLE, rows=(*TABLE.rows[:2], _outcome(128, 400), _outcome(256, 300), _outcome(512, 295)))
    assert table.best is not None and table.best.geometry.blocks == 128
    assert headline(table).endswith("128 x 1 MiB would have saved ~804, and a larger one hardly more.")
    said = "".join(text for text, _ in row(table.best, table, Geometry(64, MIB), 1))
    assert said.endswith("◀ best") and table.enough is None
