# SPDX-License-Identifier: Apache-2.0
"""Looking up hosts: nobody waits longer than he wants, and nothing is asked twice."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from ringscope.filter import FilterError, resolver
from ringscope.filter.resolver import Resolver, addresses_of


class Server:
    """A resolver that answers when it is allowed to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.allowed = threading.Event()
        self.answer: list[str] | Exception = ["192.0.2.7"]

    def __call__(self, name: str) -> list[str]:
        self.asked.append(name)
        self.allowed.wait(30)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.allowed.set()


def said(one: Resolver, name: str, seconds: float = 10.0) -> str:
    with pytest.raises(FilterError) as caught:
        one.look_up(name, seconds)
    return str(caught.value)


def test_a_resolver_that_hangs_is_waited_for_as_long_as_allowed(server: Server) -> None:
    said_of_it = said(Resolver(server), "host.example", 0.02)
    assert said_of_it.startswith("unknown host 'host.example' (no name server has answered in time; use an address")


def test_a_late_answer_is_there_for_the_next_who_asks(server: Server) -> None:
    one = Resolver(server)
    said(one, "host.example", 0.02)
    server.allowed.set()
    assert one.look_up("host.example", 10).addresses == ("192.0.2.7",)
    assert server.asked == ["host.example"]


def test_many_who_wait_for_one_name_ask_once(server: Server) -> None:
    one, found = Resolver(server), []
    threads = [threading.Thread(target=lambda: found.append(one.look_up("host.example", 10))) for _ in range(20)]
    for thread in threads:
        thread.start()
    server.allowed.set()
    for thread in threads:
        thread.join(10)
    assert [each.addresses for each in found] == [("192.0.2.7",)] * 20
    assert server.asked == ["host.example"]


def test_an_answer_holds_for_a_minute(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.allowed.set()
    one = Resolver(server)
    answer = one.look_up("host.example", 10)
    assert resolver.KEPT_SECONDS == 60
    assert 50 < answer.until - time.monotonic() <= 60
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 61)
    server.answer = ["192.0.2.8"]
    assert one.look_up("host.example", 10).addresses == ("192.0.2.8",)


def test_a_failure_is_not_remembered(server: Server) -> None:
    server.allowed.set()
    one = Resolver(server)
    server.answer = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    assert "(Temporary failure in name resolution; use an address, or try again)" in said(one, "host.example")
    server.answer = ["192.0.2.9"]
    assert one.look_up("host.example", 10).addresses == ("192.0.2.9",)


@pytest.mark.parametrize("answer", [socket.gaierror(socket.EAI_NONAME, "?"), socket.gaierror(-5, "?"), []])
def test_a_name_without_an_address_is_said_to_have_none(server: Server, answer: list[str] | Exception) -> None:
    server.allowed.set()
    server.answer = answer
    expected = "unknown host 'host.example' (there is no address of that name; check it, or use an address)"
    assert said(Resolver(server), "host.example") == expected


def test_whatever_goes_wrong_ends_the_waiting(server: Server) -> None:
    server.allowed.set()
    server.answer = KeyError("out of order")
    assert "out of order" in said(Resolver(server), "host.example")


def test_threads_that_hang_do_not_pile_up(server: Server) -> None:
    one = Resolver(server)
    before = threading.active_count()
    answers = [said(one, f"host{number}.example", 0.001) for number in range(40)]
    assert "too many names are being looked up already" in answers[-1]
    assert threading.active_count() - before <= 8
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "name look-up")


def test_closing_ends_the_waiting(server: Server) -> None:
    one, answers = Resolver(server), []
    thread = threading.Thread(target=lambda: answers.append(said(one, "host.example", 60)))
    thread.start()
    while not server.asked:
        time.sleep(0.001)
    one.close()
    one.close()
    thread.join(10)
    assert answers == ["the filter compiler is closed"]
    assert said(one, "other.example") == "the filter compiler is closed"
    assert server.asked == ["host.example"]


def test_the_systems_resolver_is_asked_as_libpcap_asks_it() -> None:
    assert "127.0.0.1" in addresses_of("localhost")
    assert addresses_of("2001:db8::1") == ["2001:db8::1"]


def test_ipv4_comes_first_and_a_scope_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1%eth0", 0, 0, 2)),
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::2", 0, 0, 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert addresses_of("host.example") == ["192.0.2.1", "fe80::1", "2001:db8::2"]
