# SPDX-License-Identifier: Apache-2.0
"""The C core under AddressSanitizer with UndefinedBehaviorSanitizer, and under ThreadSanitizer.

The programs mostly wait for the kernel, so some of them run at the same time; each is a test here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted(path.stem for path in (ROOT / "tests" / "native").glob("test_*.c"))
SANITIZERS = {"memory": "address,undefined", "threads": "thread"}
_ALONE = """blocks bpf bpf_check bpf_code bpf_packet bpf_run corpus epochs headers_block live_store output pcap_read
pcapng_read savefile savefile_packets timeline view_hits"""
ALONE = frozenset(f"test_{name}" for name in _ALONE.split())
"""Programs of a single thread, in which ThreadSanitizer has nothing to find."""
RUNS = [(name, kind) for kind in SANITIZERS for name in PROGRAMS if kind == "memory" or name not in ALONE]
AT_ONCE = 3
LONGEST_FIRST = ("test_lifetime", "test_counters", "test_failures")

Outcome = Future["subprocess.CompletedProcess[str]"]


def _build(folder: Path, sanitizers: str, names: Sequence[str]) -> Path:
    cmake = shutil.which("cmake")
    assert cmake, "cmake is in the `test` extra; is the environment's bin folder on PATH?"
    configure = [cmake, "-S", ROOT / "csrc", "-B", folder, f"-DRINGSCOPE_SANITIZE={sanitizers}"]
    for command in (configure, [cmake, "--build", folder, "--parallel", "2", "--target", *names]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def _run(program: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program], capture_output=True, text=True, timeout=150)


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Outcome]]:
    """Of each program that was chosen, by sanitizer and name, as it ends."""
    chosen = {item.name.split("[")[1].rstrip("]") for item in request.session.items if "[test_" in item.name}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running: dict[str, Outcome] = {}
        for kind, flags in SANITIZERS.items():
            names = [name for name, of in RUNS if of == kind and f"{name}-{kind}" in chosen]
            if not names:
                continue
            folder = _build(tmp_path_factory.mktemp(kind), flags, names)
            for name in sorted(names, key=lambda name: name not in LONGEST_FIRST):
                running[f"{name}-{kind}"] = pool.submit(_run, folder / name)
        yield running


@pytest.mark.parametrize(("name", "kind"), RUNS)
def test_c_core_is_clean_under_sanitizers(outcomes: dict[str, Outcome], kind: str, name: str) -> None:
    done = outcomes[f"{name}-{kind}"].result()
    if done.returncode == 77 and os.environ.get("RINGSCOPE_REQUIRE_ORACLES") != "1":
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stdout + done.stderr
