# SPDX-License-Identifier: Apache-2.0
"""What the demo network does to its surroundings: it works for anybody, touches nothing, and leaves nothing behind."""

import ctypes
import os
import signal
import tempfile
import threading
import time
from pathlib import Path

import pytest

from ringscope.capture.demo import DemoError, DemoNetwork, namespace
from ringscope.capture.demo.namespace import enter_private_network, explain
from support.namespaces import Task, run_forked, start_forked, wait_until

NOBODY = 65534
PR_SET_DUMPABLE = 4
HOST_FILES = ("fib_trie", "route", "if_inet6", "ipv6_route", "arp", "igmp")


def test_an_ordinary_user_has_it_and_stays_who_he_is() -> None:
    def body() -> tuple[int, int, int, bool]:
        if os.geteuid() == 0:
            _become_nobody()
        user = os.geteuid()
        with DemoNetwork.start() as network, tempfile.TemporaryFile() as file:
            return user, os.geteuid(), os.fstat(file.fileno()).st_uid, wait_until(lambda: _received(network) > 10)

    user, user_inside, owner, has_traffic = run_forked(body)
    assert user != 0
    assert (user_inside, owner, has_traffic) == (user, user, True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can tell: it has other users' files to lose")
def test_root_can_still_read_the_files_of_other_users(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of another user")
    os.chown(secret, 4321, 4321)
    secret.chmod(0o600)

    def body() -> str:
        with DemoNetwork.start(scenes=()):
            return secret.read_text()

    assert run_forked(body) == "of another user"


def test_the_network_of_the_host_is_untouched() -> None:
    before = _host_network()
    task, _ = _start_demo()
    during = _host_network()
    task.kill()
    assert during == before
    assert _host_network() == before


def test_close_leaves_no_process_and_no_link_behind_and_may_be_called_again() -> None:
    def body() -> tuple[list[int], list[str]]:
        with DemoNetwork.start() as network:
            assert wait_until(lambda: _received(network) > 10)
            spaces = _namespaces(network)
            network.close()
            left = _inhabitants(spaces) - {os.getpid()}
            network.close()
        wait_until(lambda: _interfaces() == ["lo"])
        return sorted(left), _interfaces()

    assert run_forked(body) == ([], ["lo"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nobody_outlives_the_parent_however_it_dies(number: signal.Signals) -> None:
    task, spaces = _start_demo()
    assert len(_inhabitants(spaces)) == 3
    os.kill(task.process, number)
    assert wait_until(lambda: not _inhabitants(spaces)), "a process has stayed"
    task.kill()


def test_a_failed_start_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise PermissionError(1, "refused")

    def body() -> tuple[str, list[Path]]:
        monkeypatch.setattr("ringscope.capture.demo.network.Netlink.add_veth", refuse)
        with pytest.raises(DemoError) as caught:
            DemoNetwork.start()
        return str(caught.value), _children()

    text, children = run_forked(body)
    _assert_one_sentence_with_a_cure(text)
    assert children == []


def test_ctrl_c_is_the_parents_to_decide() -> None:
    def body() -> bool:
        with DemoNetwork.start() as network:
            for process in network.processes:
                os.kill(process, signal.SIGINT)
            received = _received(network)
            return wait_until(lambda: _received(network) > received + 20)

    assert run_forked(body)


def test_the_children_hold_neither_terminal_nor_files_of_the_parent(tmp_path: Path) -> None:
    def body() -> set[str]:
        with (tmp_path / "file").open("w") as file:
            os.set_inheritable(file.fileno(), True)
            with DemoNetwork.start() as network:
                assert wait_until(lambda: _received(network) > 10)
                return {_target(entry) for process in network.processes for entry in _descriptors(process)}

    assert run_forked(body) == {"/dev/null", "socket"}


def test_where_user_namespaces_are_forbidden_one_sentence_says_so() -> None:
    def body() -> str:
        enter_private_network()
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
        _drop_capabilities()
        with pytest.raises(DemoError) as caught:
            DemoNetwork.start()
        return str(caught.value)

    text = run_forked(body)
    _assert_one_sentence_with_a_cure(text)
    assert "user.max_user_namespaces=0" in text
    assert "sudo sysctl -w user.max_user_namespaces=" in text


def test_with_the_right_to_do_so_it_does_without_a_user_namespace() -> None:
    def body() -> bool:
        enter_private_network()
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
        with DemoNetwork.start() as network:
            return wait_until(lambda: _received(network) > 10)

    assert run_forked(body)


@pytest.mark.parametrize(
    ("switch", "value", "cure"),
    [
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
        ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        ("user/max_net_namespaces", "0", "user.max_net_namespaces="),
    ],
)
def test_the_sentence_names_the_switch_that_forbids(
    switch: str, value: str, cure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(namespace, "_switch", {switch: value}.get)
    text = explain(PermissionError(1, "Operation not permitted"))
    _assert_one_sentence_with_a_cure(text)
    assert f"`sudo sysctl -w {cure}" in text


def test_a_process_with_threads_is_told_so() -> None:
    def body() -> str:
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
        with pytest.raises(DemoError) as caught:
            DemoNetwork.start()
        return str(caught.value)

    assert "threads" in run_forked(body)


def test_an_unknown_scene_is_refused_before_anything_happens() -> None:
    before = os.readlink("/proc/self/ns/net")
    with pytest.raises(ValueError, match="no such scene: opera"):
        DemoNetwork.start(scenes={"opera"})
    assert os.readlink("/proc/self/ns/net") == before


def _assert_one_sentence_with_a_cure(text: str) -> None:
    assert "\n" not in text
    assert text.endswith(".")
    assert "sudo" in text
    assert "ringscope -i IFACE" in text


def _start_demo() -> tuple[Task, set[str]]:
    """A demo with traffic in a forked process, and its two network namespaces."""
    reading, writing = os.pipe()

    def body() -> None:
        with DemoNetwork.start() as network:
            assert wait_until(lambda: _received(network) > 10)
            os.write(writing, " ".join(_namespaces(network)).encode())
            time.sleep(60)

    task = start_forked(body)
    os.close(writing)
    with open(reading, "rb", buffering=0) as channel:
        spaces = set(channel.read(4096).decode().split())
    if not spaces:
        task.result()
    return task, spaces


def _namespaces(network: DemoNetwork) -> set[str]:
    return {os.readlink(f"/proc/{process}/ns/net") for process in (os.getpid(), *network.processes)}


def _inhabitants(spaces: set[str]) -> set[int]:
    """The living processes in these network namespaces, whoever they are."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(entry / "ns" / "net") in spaces:
                found.add(int(entry.name))
        except OSError:
            continue
    return found


def _children() -> list[Path]:
    task = Path(f"/proc/self/task/{os.getpid()}/children")
    return [Path("/proc", number) for number in task.read_text().split()]


def _descriptors(process: int) -> list[Path]:
    return list(Path(f"/proc/{process}/fd").iterdir())


def _target(entry: Path) -> str:
    try:
        return os.readlink(entry).partition(":")[0]
    except FileNotFoundError:
        return "socket"  # closed while we looked: the scenes open and close sockets all the time


def _received(network: DemoNetwork) -> int:
    return int(Path("/proc/net/dev").read_text().split(f"{network.interface}:")[1].split()[1])


def _interfaces() -> list[str]:
    return [line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]]


def _host_network() -> tuple[list[str], ...]:
    files = [Path("/proc/net", name) for name in HOST_FILES]
    return _interfaces(), *(file.read_text().splitlines() for file in files if file.exists())


def _become_nobody() -> None:
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    # Changing the user makes /proc/self root's; a process that nobody has executed would own it.
    assert ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0


def _drop_capabilities() -> None:
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    assert ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)()) == 0
