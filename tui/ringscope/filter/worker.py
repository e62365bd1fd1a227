# SPDX-License-Identifier: Apache-2.0
"""The compiling child: the one process that runs libpcap's compiler.

Started by ``child`` as a fresh interpreter, not forked from a threaded process. Its descriptor 0 is one end of a
socket pair on which JSON lines travel: first a greeting, then an answer to each request, in order. Imports little,
because its start-up is part of the first key press in the filter line.

Greeting: ``{"version", "library", "live", "reason"}`` or ``{"error"}``.
Request: ``{"expression", "link_type", "snaplen", "live", "seconds"}``.
Answer: ``{"code", "mode"}`` (code in hexadecimal) or ``{"error"}``.
"""

from __future__ import annotations

import json
import os
import re

from ringscope.filter import bytecode, isolation, libpcap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_CHANNEL = 0
_START_SECONDS = 10
_UNKNOWN_NAME = re.compile(r"unknown (ether )?(host|network)\b")
# The optimizer's code for tunnels reads wrong offsets (libpcap issues 1670 and 1726).
_TUNNEL = re.compile(rb"\b(vxlan|geneve)\b", re.IGNORECASE)


class Worker:
    """Handles of one libpcap, and the choice among them."""

    def __init__(self, library: libpcap.Library) -> None:
        self._library = library
        self._dead: dict[int, libpcap.Handle] = {}
        self._live: libpcap.Handle | None = None
        self.reason = ""

    def open_live(self) -> None:
        """Open the live handle for Ethernet; when that fails, say why in ``reason``."""
        try:
            handle = self._library.open_silent(b"lo")
        except libpcap.LibpcapError as error:
            self.reason = str(error)
            return
        isolation.receive_nothing(handle.descriptor())
        self._live = handle

    def compile(self, expression: bytes, link_type: int, live: bool) -> tuple[bytes, str]:
        """Code and mode ("live" or "offline"); libpcap.LibpcapError tells what is wrong with the expression."""
        data_link = libpcap.data_link_of(link_type)
        if live and self._live and data_link == libpcap.ETHERNET:
            handle, mode = self._live, "live"
        else:
            if data_link not in self._dead:
                self._dead[data_link] = self._library.open_dead(data_link)
            handle, mode = self._dead[data_link], "offline"
        code = _code(handle, expression)
        if live:  # also where only offline code was to be had: it will be the kernel that runs it
            _check_for_kernel(code)
        return code, mode

    def answer(self, request: dict[str, object]) -> dict[str, object]:
        """One request's answer; never raises for what an expression can cause."""
        try:
            code, mode = self.compile(
                str(request["expression"]).encode("utf-8", "surrogateescape"),
                int(str(request["link_type"])),
                bool(request["live"]),
            )
        except libpcap.LibpcapError as error:
            return {"error": _explained(str(error))}
        except MemoryError:
            return {"error": "the filter needs more memory than its compiler may have"}
        return {"code": bytecode.with_snaplen(code, int(str(request["snaplen"]))).hex(), "mode": mode}


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
    isolation.enter_own_network()
    isolation.end_with_parent()
    isolation.limit()
    isolation.names_from_files_only()
    worker = Worker(library)
    worker.open_live()
    return worker, {
        "version": library.version,
        "library": library.name,
        "live": not worker.reason,
        "reason": worker.reason,
    }


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


def _explained(message: str) -> str:
    if _UNKNOWN_NAME.search(message):
        return f"{message} (only names of /etc/hosts and the like are known here; use an address)"
    return message


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
