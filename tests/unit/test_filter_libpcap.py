# SPDX-License-Identifier: Apache-2.0
"""libpcap's library: which is taken, and that the packaged one does the work where the system has none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import ringscope
from ringscope.filter import Compiler, FilterError, libpcap

MISSING = "libnosuchpcap.so.9"


def packaged() -> str:
    path = libpcap.packaged_library()
    assert path, "the PyPI package libpcap is a dependency, and has a file for this machine"
    return path


def test_the_systems_library_is_preferred_to_the_packaged_one() -> None:
    assert libpcap.candidates() == ("libpcap.so.1", "libpcap.so.0.8", packaged())


def test_the_package_is_located_without_being_imported() -> None:
    script = (
        "import sys; from ringscope.filter import libpcap; assert libpcap.packaged_library();"
        "print([name for name in sys.modules if name.split('.')[0] == 'libpcap'])"
    )
    paths = os.pathsep.join([str(Path(ringscope.__file__).parents[1]), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_machine_the_package_has_no_file_for_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "host", "6.18", "#1", "s390x")))
    assert libpcap.packaged_library() is None


@pytest.mark.parametrize("live", [True, False])
def test_without_a_system_library_the_packaged_one_compiles(live: bool) -> None:
    with Compiler([MISSING, packaged()]) as compiler:
        assert compiler.start().library == packaged()
        program = compiler.compile("vlan 5 and udp port domain", link_type=1, snaplen=96, live=live)
    assert program.instructions > 10
    assert program.code[-16:-8] == libpcap_accept(96)


def test_the_packaged_library_has_live_code_too() -> None:
    with Compiler([packaged()]) as packaged_one, Compiler() as usual_one:
        assert packaged_one.start().live == usual_one.start().live


def test_without_any_library_one_sentence_names_the_cure() -> None:
    with Compiler([MISSING]) as compiler, pytest.raises(FilterError) as caught:
        compiler.compile("tcp", link_type=1, snaplen=96)
    assert str(caught.value) == libpcap.NOT_FOUND
    assert "pip install libpcap" in libpcap.NOT_FOUND
    assert "apt install libpcap0.8" in libpcap.NOT_FOUND


def test_a_library_that_is_not_libpcap_is_passed_over() -> None:
    with Compiler(["libc.so.6", packaged()]) as compiler:
        assert compiler.start().library == packaged()


def test_raw_ip_has_another_number_in_files_than_in_libpcap() -> None:
    assert [libpcap.data_link_of(number) for number in (1, 101, 113, 276)] == [1, 12, 113, 276]


def libpcap_accept(snaplen: int) -> bytes:
    return b"\x06\0\0\0" + snaplen.to_bytes(4, sys.byteorder)
