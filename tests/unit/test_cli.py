# SPDX-License-Identifier: Apache-2.0
"""The command line: what it takes, what it refuses, and how it says so."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ringscope import __version__
from ringscope.cli.arguments import parse, size
from ringscope.cli.report import grouped


def test_the_screen_on_the_default_interface_is_the_default_command() -> None:
    options = parse([])
    assert options.command == "live" and options.interface is None and options.filter == ""


def test_filter_words_need_no_quotes_and_may_stand_between_options() -> None:
    options = parse(["-i", "eth0", "tcp", "port", "443", "-s", "96"])
    assert (options.interface, options.filter, options.snaplen) == ("eth0", "tcp port 443", 96)
    assert parse(["-s", "0"]).snaplen == parse([]).snaplen == 262144
    assert parse(["record", "-i", "lo", "ip[6:2] & 0x1fff = 0"]).filter == "ip[6:2] & 0x1fff = 0"


def test_a_filter_that_begins_with_a_word_of_its_own_is_not_a_command() -> None:
    assert parse(["icmp"]).command == "live"
    assert parse(["live", "demo"]).filter == "demo"


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
    ],
)
def test_wrong_usage_ends_with_two_and_a_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.strip()


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


def test_output_into_a_closed_pipe_is_not_a_traceback() -> None:
    command = f"{sys.executable} -m ringscope interfaces | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30)
    assert "Traceback" not in done.stderr
