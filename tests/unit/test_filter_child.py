# SPDX-License-Identifier: Apache-2.0
"""The compiling child as a process: it may die or hang at any time, and never outlives or disturbs its parent."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import ringscope
from ringscope.filter import Compiler, FilterError, Program
from support.oracles import missing

ROOT = Path(ringscope.__file__).parents[1]


@pytest.fixture
def compiler() -> Iterator[Compiler]:
    with Compiler() as one:
        one.start()
        yield one


def compiled(compiler: Compiler, expression: str, timeout: float = 10.0) -> Program:
    return compiler.compile(expression, link_type=1, snaplen=96, timeout=timeout)


def child_of(compiler: Compiler) -> int:
    assert compiler.pid is not None
    return compiler.pid


def exists(pid: int) -> bool:
    """False for a zombie too: what is asked is whether it still does something."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def test_nothing_is_started_before_it_is_needed() -> None:
    with Compiler() as compiler:
        assert compiler.pid is None
        compiled(compiler, "tcp")
        assert exists(child_of(compiler))


def test_one_child_serves_all_requests(compiler: Compiler) -> None:
    child = child_of(compiler)
    compiled(compiler, "tcp")
    with pytest.raises(FilterError):
        compiled(compiler, "tcp port")
    compiled(compiler, "udp")
    assert child_of(compiler) == child


def test_a_killed_child_is_replaced_without_a_word(compiler: Compiler) -> None:
    killed = child_of(compiler)
    os.kill(killed, signal.SIGKILL)
    assert compiled(compiler, "tcp").instructions > 1
    assert child_of(compiler) != killed


def test_a_child_killed_at_work_is_replaced_without_a_word(compiler: Compiler) -> None:
    stopped = child_of(compiler)
    os.kill(stopped, signal.SIGSTOP)
    threading.Timer(0.1, os.kill, (stopped, signal.SIGKILL)).start()
    assert compiled(compiler, "tcp").instructions > 1


def test_a_child_that_does_not_answer_is_killed_and_replaced(compiler: Compiler) -> None:
    hung = child_of(compiler)
    os.kill(hung, signal.SIGSTOP)
    with pytest.raises(FilterError, match=r"the compiler did not finish within 0\.05 s"):
        compiled(compiler, "tcp", timeout=0.05)
    assert not exists(hung)
    assert compiled(compiler, "tcp").instructions > 1


def test_what_was_compiled_once_needs_no_child(compiler: Compiler) -> None:
    before = compiled(compiler, "tcp")
    os.kill(child_of(compiler), signal.SIGSTOP)
    assert compiled(compiler, "tcp", timeout=0.05) is before


def test_what_did_not_finish_is_tried_again(compiler: Compiler) -> None:
    os.kill(child_of(compiler), signal.SIGSTOP)
    with pytest.raises(FilterError):
        compiled(compiler, "udp", timeout=0.05)
    assert compiled(compiler, "udp").instructions > 1


def test_close_leaves_no_process_and_no_descriptor() -> None:
    before = sorted(os.listdir("/proc/self/fd"))
    compiler = Compiler()
    compiler.start()
    child = child_of(compiler)
    compiler.close()
    assert not Path(f"/proc/{child}").exists()  # reaped as well
    assert compiler.pid is None
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_close_may_be_repeated_and_ends_a_hung_child() -> None:
    compiler = Compiler()
    compiler.start()
    child = child_of(compiler)
    os.kill(child, signal.SIGSTOP)
    compiler.close()
    compiler.close()
    assert not Path(f"/proc/{child}").exists()


def test_a_closed_compiler_starts_nothing_any_more(compiler: Compiler) -> None:
    compiler.close()
    with pytest.raises(FilterError, match="the filter compiler is closed"):
        compiled(compiler, "tcp")
    with pytest.raises(FilterError, match="the filter compiler is closed"):
        compiler.start()
    assert compiler.pid is None


def test_close_ends_a_request_in_progress(compiler: Compiler) -> None:
    os.kill(child_of(compiler), signal.SIGSTOP)
    said: list[str] = []

    def ask() -> None:
        try:
            compiled(compiler, "tcp", timeout=60)
        except FilterError as error:
            said.append(str(error))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    time.sleep(0.1)
    compiler.close()
    thread.join(10)
    assert said == ["the filter compiler is closed"]


def test_the_child_outlives_the_thread_that_started_it() -> None:
    with Compiler() as compiler:
        thread = threading.Thread(target=compiler.start)
        thread.start()
        thread.join()
        child = child_of(compiler)
        time.sleep(0.05)
        compiled(compiler, "tcp")
        assert child_of(compiler) == child


def test_the_child_is_away_from_the_terminal(compiler: Compiler) -> None:
    child = child_of(compiler)
    assert os.getsid(child) == child
    descriptors = {number: os.readlink(f"/proc/{child}/fd/{number}") for number in (0, 1, 2)}
    assert descriptors[0].startswith("socket:")
    assert descriptors[1] == descriptors[2] == "/dev/null"


def test_the_keyboards_signals_do_not_reach_it(compiler: Compiler) -> None:
    child = child_of(compiler)
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        os.kill(child, number)
    compiled(compiler, "tcp")
    assert child_of(compiler) == child


def test_its_memory_and_its_descriptors_are_bounded(compiler: Compiler) -> None:
    child = child_of(compiler)
    assert resource.prlimit(child, resource.RLIMIT_AS)[1] <= 512 << 20
    assert resource.prlimit(child, resource.RLIMIT_NOFILE)[1] <= 64
    assert resource.prlimit(child, resource.RLIMIT_CORE)[1] == 0


def test_it_has_a_network_of_its_own(compiler: Compiler) -> None:
    if not compiler.start().live:
        missing("namespaces are forbidden here")
    assert os.readlink(f"/proc/{child_of(compiler)}/ns/net") != os.readlink("/proc/self/ns/net")


def test_its_packet_sockets_ask_for_a_protocol_nobody_sends(compiler: Compiler) -> None:
    if not compiler.start().live:
        missing("namespaces are forbidden here")

    def protocols() -> list[str]:
        head, *sockets = Path(f"/proc/{child_of(compiler)}/net/packet").read_text().splitlines()
        return [row.split()[head.split().index("Proto")] for row in sockets]

    assert protocols() == ["88b6"]  # only the commonest at the start
    for link_type in (101, 276, 113, 101, 276):
        compiler.compile("tcp", link_type=link_type, snaplen=link_type, timeout=10)
    assert set(protocols()) == {"88b6"}
    assert len(protocols()) in (2, 3)  # a device of raw IP packets cannot be had everywhere


PARENT = """
import os, sys, time
from ringscope.filter import Compiler
compiler = Compiler()
compiler.start()
if sys.argv[1] == "inherited" and os.fork() == 0:
    time.sleep(60)  # holds the parent's end of the channel open
print(compiler.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("case", ["alone", "inherited"])
def test_the_child_ends_when_its_parent_is_killed(case: str) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, case],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    try:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert exists(child)
        parent.kill()
        parent.wait()
        assert eventually(lambda: not exists(child))
    finally:
        parent.kill()
        parent.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(parent.pid, signal.SIGKILL)  # the one that inherited
        if parent.stdout:
            parent.stdout.close()


def test_the_child_imports_nothing_it_does_not_need() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from ringscope.filter import worker;"
        "print(*sys.modules, sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script, str(ROOT)], capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "ringscope.filter.worker" in loaded
    assert not loaded & {"ringscope.filter.compiler", "dataclasses", "typing", "subprocess", "asyncio", "textual"}
