# SPDX-License-Identifier: Apache-2.0
"""The command line: what it takes, what it refuses, and how it says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import fields, replace
from typing import cast

import pytest

from ringscope import __version__, native
from ringscope.capture.session import LiveSession, Snapshot
from ringscope.cli import arguments, geometry
from ringscope.cli.arguments import parse, size
from ringscope.cli.errors import WrongUsage, reported
from ringscope.cli.opening import configuration
from ringscope.cli.report import closing_lines, grouped, json_line, news_of, text_line
from ringscope.native import Change, Counters, Source


def test_the_screen_on_the_default_interface_is_the_default_command() -> None:
    options = parse([])
    assert options.command == "live" and options.interfaces is None and options.filter == ""


def test_filter_words_need_no_quotes_and_may_stand_between_options() -> None:
    options = parse(["-i", "eth0", "tcp", "port", "443", "-s", "96"])
    assert (options.interfaces, options.filter, options.snaplen) == (["eth0"], "tcp port 443", 96)
    assert parse(["-s", "0"]).snaplen == parse([]).snaplen == 262144
    assert parse(["record", "-i", "lo", "ip[6:2] & 0x1fff = 0"]).filter == "ip[6:2] & 0x1fff = 0"


def test_a_filter_that_begins_with_a_word_of_its_own_is_not_a_command() -> None:
    assert parse(["icmp"]).command == "live"
    assert parse(["live", "demo"]).filter == "demo"


def test_a_file_is_opened_by_its_command_or_by_the_letter_of_tcpdump() -> None:
    for words in (["open", "a.pcap", "tcp", "port", "443"], ["-r", "a.pcap", "tcp", "port", "443"]):
        options = parse(words)
        assert (options.command, options.file, options.filter) == ("open", "a.pcap", "tcp port 443")
    assert parse(["-ra.pcap"]).file == "a.pcap" and parse(["udp", "-r", "-"]).filter == "udp"
    assert parse(["open", "-"]).file == "-" and parse(["open", "-", "--store", "1M"]).store == 1 << 20


@pytest.mark.parametrize(
    ("text", "bytes_"), [("131072", 131072), ("128K", 131072), ("1M", 1 << 20), ("1.5MiB", 3 << 19), ("2g", 2 << 30)]
)
def test_sizes_may_have_a_unit(text: str, bytes_: int) -> None:
    assert size(text) == bytes_


@pytest.mark.parametrize(
    "arguments",
    [
        ["--block-size", "much"],
        ["--blocks", "-3"],
        ["--blocks", "0"],
        ["--store", "1e99"],
        ["-s", "x"],
        ["--nonsense"],
        ["record", "-c", "0"],
        ["interfaces", "surplus"],
        ["demo", "-i", "eth0"],
        ["open"],
        ["-r"],
        ["-r", "a.pcap", "-i", "eth0"],
        ["--queues", "0"],
        ["--queues", "many"],
        ["--fanout", "fair"],
        ["-Q", "up"],
        ["-B", "1.5"],
        ["-B", "64", "--blocks", "8"],
        ["--pin", "3-1"],
        ["--pin=all"],
        ["--pin", "0-99999999"],
        ["--exact-swap", "--fanout", "lb"],
        ["record", "--exact-swap", "--fanout", "rollover"],
        ["--block-size", "4G"],
        ["-i", "any", "-i", "eth0"],
        ["-i", "eth0", "-i", "lo", "-i", "eth0"],
    ],
)
def test_wrong_usage_ends_with_two_and_a_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("ringscope: ") and said.count("\n") == 1 and "--help" in said


# -- queues, rings, store ---------------------------------------------------------------------------------------------


def test_the_core_knows_every_fanout_direction_and_limit_that_can_be_asked_for() -> None:
    assert set(arguments.FANOUT) == native.FANOUT.keys()
    assert set(arguments.DIRECTIONS) == native.DIRECTIONS.keys()
    assert arguments.SNAPLEN_MAX == native.SNAPLEN_MAX


@pytest.mark.parametrize("command", ["live", "record"])
def test_without_options_there_is_one_queue_of_64_blocks_of_one_mib(command: str) -> None:
    config = configuration(parse([command]), ("eth0",))
    assert (config.interfaces, config.queues, config.blocks, config.block_size) == (("eth0",), 1, 64, 1 << 20)
    assert (config.cpus, config.exact_swap, config.direction, config.fanout) == ((), False, "inout", "hash")
    assert config.block_timeout_ms == {"live": 10, "record": 50}[command] and config.promiscuous
    assert config.store_bytes == (256 << 20 if command == "live" else 64 << 20)


def test_the_demo_has_a_ring_so_small_that_its_bursts_can_be_seen() -> None:
    config = configuration(parse(["demo"]), ("demo0",))
    assert config.blocks * config.block_size == 4 << 20


@pytest.mark.parametrize(
    ("words", "cpus", "expected"),
    [
        ([], 8, 4),
        ([], 2, 2),
        (["--fanout", "cbpf"], 16, 4),
        (["--fanout", "cpu"], 16, 16),
        (["--fanout", "qm"], 16, 12),
        (["--fanout", "cpu"], 1000, 256),
        (["--fanout", "cpu", "--exact-swap"], 1000, 128),
    ],
)
def test_auto_takes_as_many_queues_as_suit_the_fanout(
    words: list[str], cpus: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cpus)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cpus)))
    monkeypatch.setattr(geometry, "receive_queues", {"eth0": 12, "eth1": 3}.__getitem__)
    options = parse(["--queues", "auto", *words])
    assert configuration(options, ("eth0",)).queues == expected
    assert configuration(options, ("eth0", "eth1")).queues == min(expected, 128 if len(words) < 3 else 64)


def test_the_memory_of_all_rings_is_shared_out_among_them() -> None:
    def blocks(*words: str) -> int:
        return configuration(parse(["-B", "64", *words]), ("eth0", "eth1")).blocks

    assert [blocks(), blocks("--queues", "2"), blocks("--queues", "2", "--exact-swap")] == [32, 16, 8]
    assert blocks("--block-size", "384K") == 85


def test_too_little_memory_for_the_rings_is_refused_with_the_least_that_works(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["-i", "eth0", "--queues", "3", "--block-size", "384K", "-B"]
    options = parse([*words, "2"])
    with pytest.raises(WrongUsage, match="the least is -B 3"):
        configuration(options, ("eth0",))
    assert configuration(parse([*words, "3"]), ("eth0",)).blocks == 2
    assert reported(lambda _: configuration(options, ("eth0",)).blocks, options) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "store"),
    [
        (["--queues", "8"], 128 << 20),
        (["--queues", "2"], 64 << 20),
        (["--queues", "2", "--block-size", "64M"], 512 << 20),
        (["--queues", "8", "--store", "32M"], 32 << 20),
    ],
)
def test_the_store_grows_with_the_queues_unless_it_was_given(words: list[str], store: int) -> None:
    config = configuration(parse(["record", *words]), ("eth0",))
    assert config.store_bytes == store >= 4 * config.queues * config.block_size


@pytest.mark.parametrize(
    ("words", "cpus", "expression"),
    [
        (["--pin"], (1, 3), ""),
        (["--pin", "2,3"], (2, 3), ""),
        (["--pin", "2-5,0"], (2, 3, 4, 5, 0), ""),
        (["--pin", "tcp", "port", "443"], (1, 3), "tcp port 443"),
        (["--pin", "7", "udp"], (7,), "udp"),
        (["udp", "--pin"], (1, 3), "udp"),
    ],
)
def test_pin_takes_a_list_of_cpus_or_those_of_the_process(
    words: list[str], cpus: tuple[int, ...], expression: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 1})
    options = parse(words)
    assert configuration(options, ("eth0",)).cpus == cpus and options.filter == expression


# -- help -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [[], ["open"], ["demo"], ["record"], ["interfaces"]])
def test_help_fits_eighty_columns(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        parse([*command, "--help"])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_help_names_every_command_and_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert all(command in text for command in ("live", "demo", "record", "interfaces"))
    with pytest.raises(SystemExit):
        parse(["--version"])
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--help"], {"textual", "rich", "dpkt", "ringscope._core", "ctypes"}),
        (["interfaces"], {"textual", "rich", "dpkt", "ringscope._core"}),
        (["record", "-i", "nowhere0"], {"textual", "rich", "dpkt"}),
    ],
)
def test_a_command_imports_nothing_heavy_that_it_does_not_need(arguments: list[str], unwanted: set[str]) -> None:
    script = f"import sys\nfrom ringscope.cli import main\ntry: main({arguments!r})\nexcept SystemExit: pass\n"
    script += f"sys.exit(' '.join({unwanted!r} & sys.modules.keys()) or 0)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


def test_numbers_are_grouped_by_spaces() -> None:
    assert [grouped(number) for number in (0, 999, 1000, 1204331)] == ["0", "999", "1 000", "1 204 331"]


# -- reports ----------------------------------------------------------------------------------------------------------

_WORDS = {"str": "rs0", "bool": False, "float": 0.0, "int": 0}
QUIET = Counters(**{field.name: _WORDS[str(field.type)] for field in fields(Counters)})  # type: ignore[arg-type]


def _snapshot(total: Counters, *queues: Counters, state: str = "running") -> Snapshot:
    return Snapshot(1.0, state, "", total, queues or (total,), 7, 1, 0, 1, 0, 0.5)


def _last_words(snapshot: Snapshot, capsys: pytest.CaptureFixture[str]) -> list[str]:
    closing_lines(7, snapshot)
    return capsys.readouterr().err.splitlines()


def test_an_end_without_losses_is_tcpdumps_three_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert _last_words(_snapshot(replace(QUIET, stored=7)), capsys) == [
        "7 packets captured",
        "7 packets received by filter",
        "0 packets dropped by kernel",
    ]


def test_each_loss_has_a_line_of_its_own_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    total = replace(
        QUIET, stored=100, dropped=30, early_drops=4, frozen_drops=6, truncated=2, arena_drops=1, unaccounted=5
    )
    assert _last_words(_snapshot(total), capsys)[1:] == [
        "130 packets received by filter",
        "30 packets dropped by kernel",
        "of these 20 for a slow reader, 6 while still frozen, 4 early, above 75 % while blocks were free",
        "2 packets cut by the ring's block size",
        "1 packet lost between ring and store",
        "counters do not add up by 5 packets",
    ]


def test_several_queues_have_a_line_each_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    one = replace(QUIET, stored=6, dropped=3, truncated=1, cpu=-1, highest=0.5)
    other = replace(QUIET, stored=1, cpu=2)
    assert _last_words(_snapshot(replace(QUIET, stored=7, dropped=3), one, other), capsys)[-2:] == [
        "queue 0 (rs0): 6 stored, 3 dropped, 1 cut by the block size, ring at most 50% full",
        "queue 1 (rs0, CPU 2): 1 stored, 0 dropped, ring at most 0% full",
    ]


def test_a_line_a_second_names_the_worst_queue_only_when_something_is_lost() -> None:
    quiet = _snapshot(QUIET, QUIET, QUIET)
    assert "queue" not in text_line(quiet, quiet)
    lossy = _snapshot(
        replace(QUIET, dropped=1300),
        replace(QUIET, dropped=100, arena_drops=9),
        replace(QUIET, dropped=1200, interface="rs1"),
        state="no carrier",
    )
    line = text_line(quiet, lossy)
    assert "worst: queue 1 (rs1) 1 200 dropped" in line and line.endswith("NO CARRIER") and "\n" not in line


def _source(state: str = "running", since: float = 1.0, **more: object) -> Source:
    known: dict[str, object] = {"name": "rs0", "state_errno": 0, "ifindex": 2, "reopened": 0, "group": 0, "queues": 1}
    return Source(state=state, state_since=since, **{**known, **more})  # type: ignore[arg-type]


def test_what_happens_to_an_interface_is_said_once() -> None:
    running, down, gone = _source(), _source("down", 2.0, state_errno=100), _source("gone", 3.0, state_errno=19)
    assert news_of(None, running) == news_of(running, running) == news_of(down, down) == []
    assert news_of(_source("open"), running) == []
    for before, now, words in (
        (None, down, "rs0 is down since"),
        (running, down, "rs0 is down since"),
        (down, gone, "rs0 was removed at"),
        (down, _source(since=4.0), "rs0 is captured on again since"),
        (running, _source(since=4.0), "rs0 is captured on again since"),
        (gone, _source(since=4.0, reopened=1, ifindex=9), "rs0 is back, and opened again, since"),
        (running, _source(name="rs9"), "rs0 is called rs9 now"),
    ):
        (said,) = news_of(before, now)
        assert said.startswith(words)


class _Session:
    """As much of a session as a line of JSON asks for."""

    interface = "rs0+rs1"
    filter_expression = "udp"

    def sources(self) -> tuple[Source, ...]:
        return _source(), _source("gone", 3.0, name="rs1", state_errno=19)

    def changes(self) -> tuple[Change, ...]:
        return (Change(1, "first", False, True, 1, 1, 0, 0, 0, 1.0, 0.25, 0.5, 0.0, (3, 4), (1, 2)),)


def test_a_line_of_json_has_all_counters_and_the_same_keys_always() -> None:
    total = replace(QUIET, stored=9, dropped=5, early_drops=2, frozen_drops=2)
    line = json.loads(json_line(cast(LiveSession, _Session()), _snapshot(total, QUIET, total), None, final=False))
    assert line.keys() == {
        *("time", "interface", "interfaces", "state", "state_since", "state_text", "filter", "epoch", "change"),
        *("store", "total", "queues"),
    }
    names = {field.name for field in fields(Counters)} | {"late_drops", "slow_drops"}
    assert all(counters.keys() == names for counters in (line["total"], *line["queues"])) and len(line["queues"]) == 2
    classes = [line["total"][name] for name in ("dropped", "early_drops", "late_drops", "slow_drops", "frozen_drops")]
    assert classes == [5, 2, 3, 1, 2]
    assert line["store"] == {"newest": 7, "oldest": 1, "evicted": 0, "disordered": 0}
    assert line["interfaces"][1] == {
        "name": "rs1",
        "state": "gone",
        "since": 3.0,
        "errno": 19,
        "error": os.strerror(19),
        "reopened": 0,
        "ifindex": 2,
        "group": 0,
        "queues": 1,
    }
    assert line["change"] == {
        "epoch": 1,
        "mode": "first",
        "begun": 1.0,
        "first": 1,
        "clean_from": 1,
        "rechecked": 0,
        "matched": 0,
        "unknown": 0,
        "gap": 0.0,
        "attached": 0.25,
        "settling": 0.5,
        "stored": [3, 4],
        "dropped": [1, 2],
        "undone": False,
        "settled": True,
    }


def test_output_into_a_closed_pipe_is_not_a_traceback() -> None:
    command = f"{sys.executable} -m ringscope interfaces | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30)
    assert "Traceback" not in done.stderr
