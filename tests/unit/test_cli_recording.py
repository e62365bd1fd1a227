# SPDX-License-Identifier: Apache-2.0
"""The options of a recording's files, ends and recorder; and the signals it hears."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ringscope.capture.config import CaptureConfig
from ringscope.cli.arguments import parse
from ringscope.cli.geometry import store
from ringscope.cli.record import _memory, _plan
from ringscope.cli.signals import END, FLUSH, TRIGGER, Signals
from ringscope.cli.values import duration, file_size


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5m", 300), ("1h", 3600), ("7", 7), ("0.5s", 0.5), ("1.5m", 90)]
)
def test_a_time_has_seconds_or_a_unit(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "0", "-3", "3d", "1e3", "nan", "inf", "5 m", "99999999999h"])
def test_what_is_no_time_is_said_with_an_example(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="30s, 5m or 1h"):
        duration(text)


@pytest.mark.parametrize(
    ("text", "size"), [("1", 1_000_000), ("100", 100_000_000), ("512K", 512 << 10), ("64M", 64 << 20), ("2G", 2 << 30)]
)
def test_the_size_of_a_file_is_in_tcpdumps_millions_or_has_a_unit(text: str, size: int) -> None:
    assert file_size(text) == size


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-C", "1"], "-C says when the next file begins: name the first one with -w"),
        (["-G", "60"], "-G says when"),
        (["-w", "-", "-C", "1"], "-w - is standard output"),
        (["-w", "x", "-W", "3"], "-W counts files: give it with -C or with -G"),
        (["-w", "x", "-C", "1", "-G", "9", "-W", "3"], "not with both"),
        (["-w", ""], "a file needs a name"),
        (["--on-drop", "-"], "--on-drop needs a file"),
        (["--before", "9s"], "--before says what --on-drop FILE writes: give that, too"),
        (["--after", "9s"], "--after says what"),
        (["-w", "x", "--format", "erf"], "invalid choice"),
        (["--for", "soon"], "write it like 30s, 5m or 1h"),
        (["-w", "x", "-C", "0"], "not a size"),
    ],
)
def test_options_that_contradict_each_other_are_one_sentence(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["record", *words])
    errors = capsys.readouterr().err
    assert ended.value.code == 2 and said in errors and errors.count("\n") == 1


def test_options_become_a_plan() -> None:
    plan = _plan(parse(["record", "-w", "x.pcapng", "-C", "5", "-W", "9"]))
    assert (plan.pattern, plan.format, plan.size_limit, plan.seconds, plan.count) == (
        "x.pcapng",
        "pcapng",
        5_000_000,
        0,
        9,
    )
    plan = _plan(parse(["record", "-w", "x", "-G", "2m", "--format", "pcapng", "--block-timeout", "10000"]))
    assert (plan.format, plan.size_limit, plan.seconds, plan.count, plan.lateness) == ("pcapng", 0, 120, 0, 1.0)


def test_options_become_a_memory() -> None:
    memory = _memory(parse(["record", "--on-drop", "%F.pcapng"]))
    assert (memory.pattern, memory.format, memory.before, memory.after) == ("%F.pcapng", "pcapng", 60, 10)
    memory = _memory(parse(["record", "--on-drop", "x", "--before", "2m", "--after", "0"]))
    assert (memory.format, memory.before, memory.after) == ("pcap", 120, 0)


def test_a_recorder_has_the_store_of_a_screen() -> None:
    assert store(parse(["record", "--on-drop", "x"]), 1) == CaptureConfig(("eth0",)).store_bytes
    assert store(parse(["record", "-w", "x"]), 1) == 64 << 20


# -- signals ----------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _handlers_as_before() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def _heard(signals: Signals, *numbers: signal.Signals) -> set[str]:
    for number in numbers:
        os.kill(os.getpid(), number)
    return set(signals.wait(1.0))


def test_signals_mean_what_a_recording_with_files_makes_of_them() -> None:
    signals = Signals(files=True, trigger=True)
    assert signals.wait(0) == frozenset()
    assert _heard(signals, signal.SIGHUP) == {FLUSH}
    assert _heard(signals, signal.SIGUSR1, signal.SIGHUP, signal.SIGHUP) == {TRIGGER, FLUSH}
    assert _heard(signals, signal.SIGTERM) == {END}
    assert _heard(signals, signal.SIGINT) == {END}


def test_without_files_a_hangup_is_the_end() -> None:
    assert _heard(Signals(files=False, trigger=False), signal.SIGHUP) == {END}


@pytest.mark.parametrize("files", [False, True])
def test_a_recording_that_nohup_started_does_not_end_by_a_hangup(files: bool) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signals = Signals(files=files, trigger=False)
    signals._had_terminal = True  # and it is gone by now
    expected = {FLUSH} if files else set()
    os.kill(os.getpid(), signal.SIGHUP)
    assert set(signals.wait(0.05)) == expected


HANGUP = """
import os, pty, signal, sys, time
from ringscope.cli.signals import Signals
process, master = pty.fork()  # the child leads a session of its own, with the terminal
if process == 0:
    signals = Signals(files=True, trigger=False)
    os.kill(os.getpid(), signal.SIGHUP)
    first = signals.wait(2)
    os.write(1, b"ready")
    second = signals.wait(5)
    os._exit(0 if (set(first), set(second)) == ({"flush"}, {"end"}) else 1)
got = b""
while b"ready" not in got:
    got += os.read(master, 100)
os.close(master)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
"""


def test_a_hangup_of_the_terminal_is_the_end_and_one_that_somebody_sent_is_not() -> None:
    done = subprocess.run([sys.executable, "-c", HANGUP], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
