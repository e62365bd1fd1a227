# SPDX-License-Identifier: Apache-2.0
"""Programs as text: the same as ``tcpdump -d``, ``-dd`` and ``-ddd`` print, and each instruction as libpcap does."""

from __future__ import annotations

import ctypes
import re
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringscope.filter import Compiler, FilterError, libpcap
from ringscope.filter.disassembly import c_listing, decimal_listing, listing
from support.expressions import expressions
from support.oracles import missing, require_tool
from support.varieties import varieties

LINK_TYPES = {"EN10MB": 1, "LINUX_SLL": 113, "LINUX_SLL2": 276, "RAW": 101, "PPP": 9, "IEEE802_11_RADIO": 127}
DIFFERENT_IN_FILES = re.compile(r"\b(inbound|outbound|ifindex)\b")


@pytest.fixture(scope="module")
def compiler() -> Iterator[Compiler]:
    with Compiler() as one:
        one.start()
        yield one


def _tcpdump(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([require_tool("tcpdump"), *arguments], capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("name", LINK_TYPES)
def test_a_program_is_printed_as_tcpdump_prints_it(compiler: Compiler, name: str) -> None:
    compared = 0
    for expression in expressions()[::4]:
        if DIFFERENT_IN_FILES.search(expression):  # tcpdump has no file here, and means a capture
            continue
        theirs = _tcpdump("-y", name, "-d", "--", expression)
        try:
            code = compiler.compile(expression, link_type=LINK_TYPES[name], snaplen=262144, live=False, timeout=20).code
        except FilterError as error:
            assert theirs.returncode and str(error).partition(" (")[0] in theirs.stderr
            continue
        assert listing(code) == theirs.stdout.splitlines(), expression
        compared += 1
    assert compared > 20


def test_the_other_two_forms_are_tcpdumps_too(compiler: Compiler) -> None:
    for expression in ("tcp port 443", "vlan 5 and ip6", "", "ip6 protochain 6", "ip[0] - 5 > 0xfffffff0"):
        code = compiler.compile(expression, link_type=1, snaplen=262144, live=False, loops=True).code
        assert c_listing(code) == _tcpdump("-y", "EN10MB", "-dd", "--", expression).stdout.splitlines()
        assert decimal_listing(code) == _tcpdump("-y", "EN10MB", "-ddd", "--", expression).stdout.splitlines()


def test_the_program_for_a_file_is_that_of_tcpdump_with_the_file(compiler: Compiler, tmp_path: Path) -> None:
    for variety in varieties():
        path = variety.write(tmp_path)
        for expression in ("ip6 and tcp port 443", "inbound", "host 10.0.0.1", "len > 100"):
            theirs = _tcpdump("-r", str(path), "-d", expression)
            try:
                swapped = variety.order == ">"
                code = compiler.compile(
                    expression,
                    link_type=variety.link_type,
                    snaplen=variety.snaplen,
                    live=False,
                    swapped=swapped,
                ).code
            except FilterError as error:
                assert str(error).partition(" (")[0] in theirs.stderr, (variety.name, expression)
                continue
            assert listing(code) == theirs.stdout.splitlines(), (variety.name, expression)


def _bpf_image() -> ctypes._CFuncPtr:
    for name in libpcap.candidates():
        try:
            function = ctypes.CDLL(name).bpf_image
        except (OSError, AttributeError):
            continue
        function.restype, function.argtypes = ctypes.c_char_p, (ctypes.c_char_p, ctypes.c_int)
        return function
    return missing("there is no libpcap")


def test_every_instruction_is_printed_as_libpcap_prints_it() -> None:
    image = _bpf_image()
    for value in (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, *range(0xFFFFEFF0, 0xFFFFF050)):
        for code in range(0x200):
            instruction = struct.pack("=HBBI", code, 3, 200, value)
            assert listing(instruction) == [image(instruction, 0).decode()], (hex(code), hex(value))
