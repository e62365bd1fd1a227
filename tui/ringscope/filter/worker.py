# SPDX-License-Identifier: Apache-2.0
"""The compiling child: the one process that runs libpcap's compiler.

Started by ``child`` as a fresh interpreter, not forked from a threaded process. Its descriptor 0 is one end of a
socket pair on which JSON lines travel: first a greeting, then an answer to each request, in order. Imports little,
because its start-up is part of the first key press in the filter line.

Greeting: ``{"version", "library", "live", "reason"}`` or ``{"error"}``.
Request: ``{"expression", "link_type", "snaplen", "live", "loops", "swapped", "seconds"}``.
Answer: ``{"code", "mode", "reason"}`` (code in hexadecimal) or ``{"error"}``.
Request: ``{"link_type_name", "seconds"}`` or ``{"link_type_number", "seconds"}``.
Answer: ``{"number", "name"}``; the number is -1, or the name empty, where libpcap does not know it.
"""

from __future__ import annotations

import json
import os
import re

from ringscope.filter import bytecode, cooked, isolation, libpcap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_CHANNEL = 0
_START_SECONDS = 10
# The optimizer's code for tunnels reads wrong offsets (libpcap issues 1670 and 1726).
_TUNNEL = re.compile(rb"\b(vxlan|geneve)\b", re.IGNORECASE)


class Worker:
    """Handles of one libpcap, opened when they are first needed, and the choice among them."""

    def __init__(self, library: libpcap.Library, own_network: bool) -> None:
        self._library = library
        self._own_network = own_network
        self._dead: dict[int, libpcap.Handle] = {}
        self._live: dict[int, libpcap.Handle | str] = {}  # or why there is none

    def live_handle(self, data_link: int) -> libpcap.Handle | str:
        """The live handle for packets of that type, or a text that says why there is none."""
        if data_link not in self._live:
            try:
                handle = self._open_live(data_link)
                isolation.receive_nothing(handle.descriptor())
                self._live[data_link] = handle
            except (libpcap.LibpcapError, OSError) as error:
                self._live[data_link] = str(error) or "libpcap opens no live handle"
        return self._live[data_link]

    def _open_live(self, data_link: int) -> libpcap.Handle:
        if data_link == libpcap.ETHERNET:
            return self._library.open_silent(b"lo", data_link)
        if data_link not in (libpcap.COOKED, libpcap.RAW_IP):
            raise libpcap.LibpcapError("live code is known for Ethernet, cooked and raw IP packets only")
        if not self._own_network:
            raise libpcap.LibpcapError("the compiler may not have a network of its own")
        if data_link == libpcap.COOKED:
            return self._library.open_silent(b"any", data_link)
        try:
            name = isolation.make_tun()
        except OSError as error:
            raise libpcap.LibpcapError(f"no device of raw IP packets can be made: {error}") from None
        return self._library.open_silent(name.encode(), data_link)

    def compile(
        self, expression: bytes, link_type: int, live: bool, loops: bool = False, swapped: bool = False
    ) -> tuple[bytes, str, str]:
        """Code, mode ("live" or "offline"), and why it is offline although live code was asked for.

        libpcap.LibpcapError and cooked.NotForKernel tell what is wrong with the expression.
        """
        if not live:
            return self._compile_for_file(expression, link_type, swapped), "offline", ""
        data_link = libpcap.data_link_of(link_type)
        handle, reason = self.live_handle(data_link), ""
        if isinstance(handle, str):
            # For cooked packets a dead handle does as well: what is not in their bytes, for_kernel() puts in.
            reason = "" if data_link == libpcap.COOKED else handle
            if data_link not in self._dead:
                self._dead[data_link] = self._library.open_dead(data_link)
            handle = self._dead[data_link]
        code = _code(handle, expression)
        if data_link == libpcap.COOKED:
            code = cooked.for_kernel(code)
        if not loops:  # also where only offline code was to be had: it will be the kernel that runs it
            _check_for_kernel(code)
        return code, "offline" if reason else "live", reason

    def _compile_for_file(self, expression: bytes, link_type: int, swapped: bool) -> bytes:
        """As ``tcpdump -r`` has it."""
        handle = self._library.open_file(link_type, swapped=swapped)
        try:
            return handle.compile(expression, optimize=True)
        finally:
            handle.close()

    def link_type(self, request: dict[str, object]) -> dict[str, object]:
        """A link type by its name, or by its number."""
        library = self._library
        if "link_type_name" in request:
            data_link = library.data_link_named(str(request["link_type_name"]))
        else:
            data_link = libpcap.data_link_of(int(str(request["link_type_number"])))
        known = data_link >= 0
        return {
            "number": libpcap.link_type_of(data_link) if known else -1,
            "name": library.data_link_name(data_link) if known else "",
        }

    def answer(self, request: dict[str, object]) -> dict[str, object]:
        """One request's answer; never raises for what an expression can cause."""
        if "expression" not in request:
            return self.link_type(request)
        try:
            code, mode, reason = self.compile(
                str(request["expression"]).encode("utf-8", "surrogateescape"),
                int(str(request["link_type"])),
                bool(request["live"]),
                bool(request["loops"]),
                bool(request["swapped"]),
            )
        except (libpcap.LibpcapError, cooked.NotForKernel) as error:
            return {"error": str(error)}
        except MemoryError:
            return {"error": "the filter needs more memory than its compiler may have"}
        code = bytecode.with_snaplen(code, int(str(request["snaplen"])))
        return {"code": code.hex(), "mode": mode, "reason": reason}


def main(names: list[str]) -> None:
    """Serve until the other end of descriptor 0 is closed. ``names``: candidates for libpcap's shared library."""
    isolation.own_signals()
    isolation.grant(_START_SECONDS)
    try:
        worker, greeting = _start(tuple(names))
    except (libpcap.LibpcapError, OSError) as error:
        _send({"error": str(error)})
        return
    isolation.revoke()
    _send(greeting)
    for line in _lines():
        request = json.loads(line)
        isolation.grant(float(request["seconds"]))
        answer = worker.answer(request)
        isolation.revoke()
        _send(answer)


def _start(names: tuple[str, ...]) -> tuple[Worker, dict[str, object]]:
    # The library comes first: in the user namespace its folder may not be readable any more.
    library = libpcap.Library.first_of(names)
    own_network = isolation.enter_own_network()
    isolation.end_with_parent()
    isolation.limit()
    isolation.look_up_no_hosts()
    worker = Worker(library, own_network)
    # Nearly every capture is of Ethernet; the other handles wait for the first capture that needs them.
    handle = worker.live_handle(libpcap.ETHERNET)
    reason = handle if isinstance(handle, str) else ""
    return worker, {"version": library.version, "library": library.name, "live": not reason, "reason": reason}


def _code(handle: libpcap.Handle, expression: bytes) -> bytes:
    """The program, optimized where libpcap's optimizer can be trusted.

    It cannot where code loads metadata: live ``vlan`` tests come out wrong (libpcap issue 1513). The unoptimized
    program decides: there such loads can only come from libpcap itself. One that appears by optimizing is an offset
    that was written out (``ether[-4048:1] = 1``), which is a metadata load only after optimizing.
    """
    plain = handle.compile(expression, optimize=False)
    if bytecode.reads_metadata(plain) or _TUNNEL.search(expression):
        return plain
    return handle.compile(expression, optimize=True)


def _check_for_kernel(code: bytes) -> None:
    """Refuse what the kernel refuses with a mere EINVAL."""
    count = len(code) // bytecode.INSTRUCTION.size
    if count > bytecode.MAX_INSTRUCTIONS:
        raise libpcap.LibpcapError(
            f"the filter needs {count} instructions; the kernel takes at most {bytecode.MAX_INSTRUCTIONS}"
        )
    if bytecode.jumps_back(code):
        raise libpcap.LibpcapError("protochain needs a loop, and the kernel's filters have no loops")


def _lines() -> Iterator[bytes]:
    pending = b""
    while received := os.read(_CHANNEL, 65536):
        *whole, pending = (pending + received).split(b"\n")
        yield from whole


def _send(message: dict[str, object]) -> None:
    data = json.dumps(message).encode() + b"\n"
    try:
        while data:
            data = data[os.write(_CHANNEL, data) :]
    except OSError:  # the parent has gone, and with it the reason to be here
        os._exit(0)
