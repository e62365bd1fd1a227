# SPDX-License-Identifier: Apache-2.0
"""The compiler the application uses: expressions in, programs out, from any thread.

It keeps one child process (``child``, ``worker``) with libpcap in it, starts it when it is first needed, replaces it
when it has died or did not answer in time, and remembers what it has compiled. The child has no network: hosts are
looked up here (``names``, ``resolver``), in the thread that asks for the program.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import NamedTuple, cast

from ringscope.filter import bytecode, names
from ringscope.filter.advice import with_advice
from ringscope.filter.child import Child, ChildGone, ChildTimeout
from ringscope.filter.program import Engine, FilterError, Mode, Program, UnresolvedName
from ringscope.filter.resolver import Resolver, addresses_of

LONGEST_EXPRESSION = 65536  # bytes; some 4000 addresses, many more than a kernel filter can hold

_START_SECONDS = 10.0  # a child that has not come up by then never will
_REMEMBERED = 256


class _Key(NamedTuple):
    expression: str
    link_type: int
    snaplen: int
    live: bool
    loops: bool = False
    swapped: bool = False


class _Kept(NamedTuple):
    program: Program
    until: float  # seconds of time.monotonic(): addresses of hosts change


class _Allowance:
    """The seconds one request may still take: those in which something is done for it, not those in a queue."""

    def __init__(self, seconds: float) -> None:
        self.granted = self.left = seconds
        self._began = 0.0

    def __enter__(self) -> float:
        self._began = time.monotonic()
        return self.left

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.left = max(0.0, self.left - (time.monotonic() - self._began))


class Compiler:
    """libpcap's compiler in a process that may be killed.

    A context manager; every method may be called from any thread. Requests are served one after another.
    """

    def __init__(
        self, libraries: Sequence[str] | None = None, addresses: Callable[[str], Sequence[str]] = addresses_of
    ) -> None:
        """``libraries``: names or paths of libpcap's shared library, best first; by default the system's, then the
        one inside the PyPI package ``libpcap``. ``addresses`` gives those of a host or raises OSError, and may take
        forever; by default the system's resolver. Nothing is started yet.
        """
        self._libraries = libraries
        self._resolver = Resolver(addresses)
        self._child: Child | None = None
        self._engine: Engine | None = None
        self._closed = False
        self._asking = threading.Lock()  # held around everything that talks to the child
        self._memory: OrderedDict[_Key, _Kept] = OrderedDict()
        self._remembering = threading.Lock()

    def __enter__(self) -> Compiler:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the child, None when there is none."""
        child = self._child
        return child.pid if child else None

    def start(self) -> Engine:
        """Have the child up and say what compiles; FilterError when there is no libpcap or no process to be had.

        Never needed, but calling it early (from a thread) takes the start-up off the first compilation.
        """
        with self._asking:
            self._ready_child()
            return cast(Engine, self._engine)

    def compile(
        self,
        expression: str,
        *,
        link_type: int,
        snaplen: int,
        timeout: float = 2.0,
        live: bool = True,
        look_up: bool = True,
        loops: bool = False,
        swapped: bool = False,
    ) -> Program:
        """Compile a pcap-filter(7) expression for packets of a link type (LINKTYPE_ number).

        ``snaplen`` (bytes, at least 1) is what the program returns for a packet it accepts. ``live`` asks for code for
        a running capture where that is known (Ethernet; raw IP; LINKTYPE_LINUX_SLL2, whose code is for a SOCK_DGRAM
        socket); otherwise, and where the child may not open a packet socket of its own, the program is for the
        packet's bytes alone and its ``mode`` says "offline". ``live`` False gives the very program that ``tcpdump -r``
        runs over a file of that link type; ``swapped`` says that a machine of the other byte order wrote it, which
        tells in the headers of BSD loopback alone. ``loops`` allows what a view can run and the kernel cannot: loops,
        and any length. ``ip broadcast`` means the same as in tcpdump in either mode: all ones or all zeros, no
        directed broadcast.

        Hosts are looked up by the system's resolver, hence in no thread that may not wait; ``look_up`` False sends
        nothing, as is right for an expression that is being typed, and raises UnresolvedName instead when all else is
        right. A program with hosts in it is remembered for a minute only.

        Blocks at most about ``timeout`` seconds beside the child's start and the requests before this one. Raises
        FilterError with libpcap's own message, or a sentence when the compiler did not finish or cannot run.
        """
        if not 1 <= snaplen < 2**31:
            raise ValueError(f"snaplen must be from 1 to {2**31 - 1}, not {snaplen}")
        key = _Key(expression, link_type, snaplen, live, loops, swapped and not live)
        if known := self._recall(key):
            return known
        if not expression.strip():
            # No child and no libpcap for the commonest filter of all. One instruction is right in either mode.
            return Program(expression, link_type, snaplen, bytecode.accept_all(snaplen), "live" if live else "offline")
        answer, resolved, until = self._answer(key, _Allowance(timeout), look_up)
        if "error" in answer:
            raise FilterError(with_advice(str(answer["error"]), link_type, live))
        if resolved and not look_up:
            raise UnresolvedName(tuple(name for name, _ in resolved))
        code, mode = bytes.fromhex(str(answer["code"])), cast(Mode, answer["mode"])
        program = Program(expression, link_type, snaplen, code, mode, str(answer["reason"]), resolved)
        self._remember(key, _Kept(program, until))
        return program

    def link_type(self, name: str, timeout: float = 2.0) -> int | None:
        """The LINKTYPE_ number of a name that libpcap knows (EN10MB, LINUX_SLL2 ...), without regard to case; None:
        it knows none of that name. Raises FilterError where there is no libpcap.
        """
        with self._asking:
            number = int(str(self._ask({"link_type_name": name}, _Allowance(timeout))["number"]))
        return None if number < 0 else number

    def link_type_name(self, number: int, timeout: float = 2.0) -> str:
        """libpcap's name of a LINKTYPE_ number, or the number as text. Raises FilterError where there is no libpcap."""
        with self._asking:
            name = str(self._ask({"link_type_number": number}, _Allowance(timeout))["name"])
        return name or str(number)

    def close(self) -> None:
        """End and reap the child; a request in progress fails with FilterError. Any number of times, never hangs."""
        self._closed = True
        self._resolver.close()
        child = self._child
        if child:
            child.kill()  # before waiting for the lock: whoever holds it waits for the child
        with self._asking:
            self._drop_child()

    def _answer(
        self, key: _Key, allowance: _Allowance, look_up: bool
    ) -> tuple[names.Answer, tuple[tuple[str, tuple[str, ...]], ...], float]:
        """What the child makes of it with hosts looked up, their addresses, and until when those hold."""
        until = math.inf

        def ask(text: str) -> names.Answer:
            _check_text(text)
            if text != key.expression and not allowance.left:
                raise FilterError(f"the hosts could not all be looked up within {allowance.granted:g} s; use addresses")
            with self._asking:
                return self._ask({**key._asdict(), "expression": text}, allowance)

        def addresses(name: str) -> Sequence[str]:
            nonlocal until
            if not look_up:
                return names.EXAMPLES
            with allowance as seconds:
                answer = self._resolver.look_up(name, seconds)
            until = min(until, answer.until)
            return answer.addresses

        answer, resolved = names.compiled(key.expression, ask, addresses)
        return answer, resolved, until

    def _ask(self, request: dict[str, object], allowance: _Allowance) -> dict[str, object]:
        for attempt in (1, 2):
            child = self._ready_child()
            try:
                with allowance as seconds:
                    return child.ask({**request, "seconds": seconds}, seconds)
            except ChildTimeout:
                self._drop_child()
                raise FilterError(
                    f"the compiler did not finish within {allowance.granted:g} s and was stopped;"
                    " use a simpler expression"
                ) from None
            except ChildGone as error:
                # Once more: it may have been killed while it was idle. Twice, and the expression is to blame.
                self._drop_child()
                if attempt == 2 and not self._closed:
                    raise FilterError(f"the compiler broke down on this expression: {error}") from None
            except BaseException:
                self._drop_child()  # its answer would be taken for the next request's
                raise
        raise FilterError("the filter compiler is closed")

    def _ready_child(self) -> Child:
        child = self._child
        if child and child.alive() and not self._closed:
            return child
        self._drop_child()
        if self._closed:
            raise FilterError("the filter compiler is closed")
        from ringscope.filter import libpcap  # with ctypes, for a child only

        libraries = libpcap.candidates() if self._libraries is None else self._libraries
        try:
            child = self._child = Child(libraries)
        except OSError as error:
            raise FilterError(f"the filter compiler could not be started: {error}") from None
        if self._closed:  # close() may have looked for the child just before it was there
            child.kill()
        try:
            greeting = child.hear(_START_SECONDS)
        except (ChildTimeout, ChildGone) as error:
            self._drop_child()
            raise FilterError(f"the filter compiler did not come up: {error or 'no sign of life'}") from None
        except BaseException:
            self._drop_child()
            raise
        if "error" in greeting:
            self._drop_child()
            raise FilterError(str(greeting["error"]))
        self._engine = Engine(
            str(greeting["version"]), str(greeting["library"]), bool(greeting["live"]), str(greeting["reason"])
        )
        return child

    def _drop_child(self) -> None:
        child, self._child = self._child, None
        if child:
            child.close()

    def _recall(self, key: _Key) -> Program | None:
        with self._remembering:
            kept = self._memory.get(key)
            if kept is None or kept.until <= time.monotonic():
                return None
            self._memory.move_to_end(key)
            return kept.program

    def _remember(self, key: _Key, kept: _Kept) -> None:
        with self._remembering:
            self._memory[key] = kept
            self._memory.move_to_end(key)
            if len(self._memory) > _REMEMBERED:
                self._memory.popitem(last=False)


def _check_text(expression: str) -> None:
    if "\0" in expression:
        # libpcap would take what is before it for the whole expression.
        raise FilterError("the expression contains a NUL character")
    try:
        length = len(os.fsencode(expression))
    except UnicodeEncodeError:
        raise FilterError("the expression contains a character that cannot be encoded") from None
    if length > LONGEST_EXPRESSION:
        raise FilterError(f"the expression has {length} bytes; at most {LONGEST_EXPRESSION} are taken")
