# SPDX-License-Identifier: Apache-2.0
"""Names in expressions beside tcpdump, which looks them up itself: the same ones are known, and mean the same.

Both see a private /etc with names of this test's own.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ringscope.capture.demo.side import FAR, NEAR
from ringscope.filter import Compiler, FilterError, bytecode
from support import mixture
from support.namespaces import Net, run_in_namespace
from support.oracles import missing, require_tool
from support.verdict import accepted

FILES = {
    "hosts": f"""
        127.0.0.1 localhost
        {mixture.CLIENT} client.example client
        {mixture.SERVER} server.example domain
        {mixture.SERVER6} server.example server6.example
        {mixture.CLIENT6} client6.example
        198.18.0.3 nobody.example
    """,
    # glibc fills a network's number up to four bytes, so libpcap takes it for a single address.
    "networks": f"tests {mixture.CLIENT}\n",
    "ethers": f"{NEAR.mac.hex(':')} near.example\n{FAR.mac.hex(':')} far.example\n",
    "services": "domain 53/tcp\ndomain 53/udp\nhttps 443/tcp\nringscope-test 1500/udp\n",
    "protocols": "icmp 1 ICMP\nospf 89 OSPFIGP\nesp 50 ESP\n",
    "nsswitch.conf": "hosts: files\nnetworks: files\nethers: files\nservices: files\nprotocols: files\n",
}
KNOWN = (
    "host client.example",
    "src host client",
    "dst server.example",
    "host server.example and udp",
    "ip host server.example",
    "ip6 host server.example",
    "not host server.example",
    "host client.example or server.example or nobody.example",
    "src client.example and dst server.example and port domain",
    "port domain and host domain",
    "host not (client.example or client6.example)",
    "arp host client.example",
    "host nobody.example",
    "net tests",
    "src net tests",
    "ether host near.example",
    "ether src far.example and not ether dst near.example",
    "port https",
    "udp port ringscope-test",
    "tcp port https",
    "ip proto \\icmp",
    "proto ospf or ip proto \\esp",
)
UNKNOWN = (
    "host unknown.example",
    "ip6 host nobody.example",
    "net unknown",
    "ether host unknown.example",
    "port unknown",
    "udp port https",
    "proto unknown",
    "host client.example and and udp",
)
_CLONE_NEWNS, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x20000, 0x1000, 0x4000, 0x40000  # linux/sched.h, linux/mount.h


def own_etc(folder: Path) -> None:
    """Give this process a private /etc, the system's but for the files of this test."""
    etc = folder / "etc"
    # What may not be read is not needed; what links to elsewhere goes on doing so.
    with contextlib.suppress(shutil.Error):
        shutil.copytree("/etc", etc, symlinks=True)
    for name, text in FILES.items():
        (etc / name).unlink(missing_ok=True)
        (etc / name).write_text(text)
    libc = ctypes.CDLL(None, use_errno=True)
    if (
        libc.unshare(_CLONE_NEWNS)
        or libc.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None)
        or libc.mount(os.fsencode(etc), b"/etc", None, _MS_BIND, None)
    ):
        missing(f"no private /etc can be had here: {os.strerror(ctypes.get_errno())}")


def ours(compiler: Compiler, expression: str) -> list[int] | str:
    try:
        return accepted(compiler.compile(expression, link_type=1, snaplen=65535, live=False).code, mixture.frames())
    except FilterError as error:
        return str(error)


def tcpdumps(expression: str) -> list[int] | str:
    command = [require_tool("tcpdump"), "-y", "EN10MB", "-ddd", expression]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    if done.returncode:
        return done.stderr.strip().removeprefix("tcpdump: ")
    values = iter([int(number) for number in done.stdout.split()][1:])
    code = b"".join(bytecode.INSTRUCTION.pack(*four) for four in zip(values, values, values, values, strict=True))
    return accepted(code, mixture.frames())


Found = dict[str, tuple[list[int] | str, list[int] | str]]
"""By expression what is selected here and by tcpdump: places of frames, or a message."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    require_tool("tcpdump")
    folder = tmp_path_factory.mktemp("names")

    def body(_: Net) -> Found:
        own_etc(folder)
        with Compiler() as compiler:
            return {each: (ours(compiler, each), tcpdumps(each)) for each in (*KNOWN, *UNKNOWN)}

    answer: Found = run_in_namespace(body)
    return answer


@pytest.mark.parametrize("expression", KNOWN)
def test_a_name_selects_what_it_selects_in_tcpdump(found: Found, expression: str) -> None:
    here, there = found[expression]
    assert isinstance(there, list), there
    assert here == there
    assert bool(here) == ("nobody" not in expression or "client" in expression)


@pytest.mark.parametrize("expression", UNKNOWN)
def test_a_name_that_tcpdump_does_not_know_is_an_error(found: Found, expression: str) -> None:
    here, there = found[expression]
    assert isinstance(here, str)
    assert isinstance(there, str)
    if not expression.startswith("ip6"):  # where another sentence says more
        assert there.startswith(here.partition(" (")[0])
