# SPDX-License-Identifier: Apache-2.0
"""The programs that tests compare with: skipped where they are missing, unless they are required."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def require_tool(name: str) -> str:
    """Path of the program ``name``. Where there is none the test is skipped, or fails when the environment variable
    RINGSCOPE_REQUIRE_ORACLES is 1.
    """
    path = shutil.which(name)
    if path is None:
        missing(f"the program {name!r} is not installed")
    return path


def missing(reason: str) -> NoReturn:
    """Skip the test for that reason, or fail it when RINGSCOPE_REQUIRE_ORACLES is 1."""
    if os.environ.get("RINGSCOPE_REQUIRE_ORACLES") == "1":
        pytest.fail(f"{reason}, but RINGSCOPE_REQUIRE_ORACLES is 1", pytrace=False)
    pytest.skip(reason)


def require_captures() -> Path:
    """The folder with capture files that the environment variable RINGSCOPE_CAPTURES names. Where there is none the
    test is skipped, or fails when RINGSCOPE_REQUIRE_ORACLES is 1.
    """
    name = os.environ.get("RINGSCOPE_CAPTURES")
    if not name:
        missing("RINGSCOPE_CAPTURES names no folder with capture files")
    folder = Path(name)
    if not folder.is_dir():
        missing(f"RINGSCOPE_CAPTURES names {name!r}, which is no folder")
    return folder
