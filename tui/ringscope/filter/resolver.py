# SPDX-License-Identifier: Apache-2.0
"""Addresses of hosts, from the system's resolver, which may hang: asked in threads that nobody has to wait for.

In the application's own process, because the compiling child has no network.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Sequence

from ringscope.filter.program import FilterError
from ringscope.frozen import frozen

KEPT_SECONDS = 60.0
"""How long an answer is taken for true; the time to live of the records is not known here."""

_MOST_AT_ONCE = 8
_MOST_KEPT = 256
_FAMILIES = (socket.AF_INET, socket.AF_INET6)
_NOT_THERE = (socket.EAI_NONAME, socket.EAI_NODATA)
_NO_ADDRESS = "there is no address of that name; check it, or use an address"


@frozen
class Answer:
    """Addresses in their numeric form, IPv4 first, and until when they hold (seconds of time.monotonic())."""

    addresses: tuple[str, ...]
    until: float


def addresses_of(name: str) -> list[str]:
    """What getaddrinfo(3) says, as libpcap asks it; OSError. May take as long as the resolver is set up to try."""
    # As bytes: Python would make an international name of a text, with rules of its own for what a name is.
    found = socket.getaddrinfo(os.fsencode(name), None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    # IPv4 first, as newer versions of libpcap have it: the order would depend on the routes of this host.
    found.sort(key=lambda each: each[0] != socket.AF_INET)
    # A scope (fe80::1%eth0) is no part of the address in a packet.
    return [str(address[0]).partition("%")[0] for family, *_, address in found if family in _FAMILIES]


class Resolver:
    """Looks names up; may be used from any thread.

    One name is asked for once at a time, however many wait for it, and a thread that hangs in the system's resolver
    does not keep the process from ending.
    """

    def __init__(self, ask: Callable[[str], Sequence[str]] = addresses_of) -> None:
        """``ask`` gives the addresses of a name or raises OSError; it may take forever."""
        self._ask = ask
        self._changed = threading.Condition()
        self._under_way: set[str] = set()
        self._answers: dict[str, Answer | str] = {}  # or why there is none
        self._closed = False

    def look_up(self, name: str, seconds: float) -> Answer:
        """The addresses of a host, waiting that long at most. FilterError names the cause and the cure."""
        with self._changed:
            known = self._answers.get(name)
            if isinstance(known, Answer) and known.until > time.monotonic():
                return known
            if name not in self._under_way and not self._closed:
                self._start(name)
            self._changed.wait_for(lambda: self._closed or name not in self._under_way, seconds)
            if self._closed:
                raise FilterError("the filter compiler is closed")
            if name in self._under_way:
                raise _unknown(name, "no name server has answered in time; use an address, or try again")
            answer = self._answers[name]
        if isinstance(answer, str):
            raise _unknown(name, answer)
        return answer

    def close(self) -> None:
        """Whoever waits gets FilterError at once. Any number of times."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _start(self, name: str) -> None:
        if len(self._under_way) >= _MOST_AT_ONCE:
            raise _unknown(name, "too many names are being looked up already; use an address, or try again")
        # A daemon, for it may hang until long after the application has ended.
        thread = threading.Thread(target=self._work, args=(name,), name="name look-up", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            raise _unknown(name, f"{error}; use an address") from None
        self._under_way.add(name)  # the thread waits for the lock before it takes it out again

    def _work(self, name: str) -> None:
        answer: Answer | str
        try:
            addresses = tuple(dict.fromkeys(self._ask(name)))
            answer = Answer(addresses, time.monotonic() + KEPT_SECONDS) if addresses else _NO_ADDRESS
        except socket.gaierror as error:
            answer = _NO_ADDRESS if error.errno in _NOT_THERE else f"{error.strerror}; use an address, or try again"
        except Exception as error:  # whatever it is: somebody waits for an answer
            answer = f"{error}; use an address"
        with self._changed:
            if len(self._answers) >= _MOST_KEPT:
                self._answers.clear()
            self._answers[name] = answer
            self._under_way.discard(name)
            self._changed.notify_all()


def _unknown(name: str, cause: str) -> FilterError:
    return FilterError(f"unknown host '{name}' ({cause})")
