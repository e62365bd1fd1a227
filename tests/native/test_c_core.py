# SPDX-License-Identifier: Apache-2.0
"""The C tests, built by the plain CMake build with sanitizers and run one by one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SANITIZERS = {"memory": "address,undefined", "threads": "thread"}


def _build(folder: Path, sanitizers: str) -> Path:
    cmake = shutil.which("cmake")
    assert cmake, "cmake is in the `test` extra; is the environment's bin folder on PATH?"
    configure = [cmake, "-S", ROOT / "csrc", "-B", folder, f"-DRINGSCOPE_SANITIZE={sanitizers}"]
    for command in (configure, [cmake, "--build", folder, "--parallel", "2"]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {kind: _build(tmp_path_factory.mktemp(kind), flags) for kind, flags in SANITIZERS.items()}


@pytest.mark.parametrize("kind", list(SANITIZERS))
@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "tests" / "native").glob("test_*.c")))
def test_c_core_is_clean_under_sanitizers(builds: dict[str, Path], kind: str, name: str) -> None:
    done = subprocess.run([builds[kind] / name], capture_output=True, text=True, timeout=120)
    if done.returncode == 77 and os.environ.get("RINGSCOPE_REQUIRE_ORACLES") != "1":
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stdout + done.stderr
