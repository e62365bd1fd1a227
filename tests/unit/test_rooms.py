# SPDX-License-Identifier: Apache-2.0
"""What the import contract cannot see: the compiled module, licences, and what is loaded when Textual is away."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

PACKAGE = Path(str(files("ringscope").joinpath("__init__.py"))).parent


def _imports(source: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def test_only_native_imports_the_compiled_core() -> None:
    users = {path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if "ringscope._core" in _imports(path)}
    assert users == {Path("native/core.py")}


def test_every_source_names_its_licence() -> None:
    root = Path(__file__).parents[2]
    sources = [path for folder in ("tui", "csrc", "tests", "themes") for path in (root / folder).rglob("*")]
    wanted = {".py", ".pyi", ".c", ".h", ".toml", ".tcss", ".sh"}
    nameless = [
        path
        for path in sources
        if path.suffix in wanted and "SPDX-License-Identifier: Apache-2.0" not in path.read_text("utf-8")[:200]
    ]
    assert len(sources) > 100 and nameless == []


WITHOUT_TEXTUAL = """
import sys
sys.modules["textual"] = sys.modules["rich"] = None
from ringscope.cli import main
sys.exit(main({arguments!r}))
"""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["interfaces"], ""),
        (["record", "-i", "nowhere0"], "no interface"),
        (["filter", "-r", "/no/such.pcap", "ip"], "/no/such.pcap"),
    ],
)
def test_the_headless_commands_work_without_textual(arguments: list[str], said: str) -> None:
    script = WITHOUT_TEXTUAL.format(arguments=arguments)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    assert "ModuleNotFoundError" not in done.stderr and "Traceback" not in done.stderr
    assert said in done.stderr


LATER = (
    "ctypes",
    "json",
    "xml.etree.ElementTree",
    "ringscope.app.expression",
    "ringscope.app.screens.help",
    "ringscope.app.screens.rings",
    "ringscope.app.widgets.filter_line",
    "ringscope.capture.recorder",
    "ringscope.decode.protocols.link.ethernet",
    "ringscope.weather",
)
"""What is imported when somebody asks for it, or a packet has it."""


def test_a_screen_begins_without_what_its_first_rows_do_not_need() -> None:
    script = f"import sys, ringscope.app, ringscope.capture.files; print([n for n in {LATER!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
