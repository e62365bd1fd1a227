# SPDX-License-Identifier: Apache-2.0
"""The file in which the columns that a person chose outlast the session. No Textual here.

TOML, so that it can also be written by hand: the format of the time, and a table for each column. A file that cannot be
used is one sentence and the usual columns; it is not written over before the person chooses again.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path

from ringscope.app.choice import MOST_COLUMNS, Column, WrongColumns, meant
from ringscope.app.clocks import FORMATS
from ringscope.app.listing import Chosen

_HEAD = """# The packet list of ringscope: C chooses its columns, t the format of the time; both are written here.
"""


class KeptWrong(ValueError):
    """The file cannot be used, or not be written: a sentence."""


def read(path: Path) -> Chosen | None:
    """What was chosen; None: nothing was. Raises KeptWrong."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeptWrong(
            f"{path.name} cannot be read: {error.strerror or error}; the usual columns are shown"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KeptWrong(f"{path.name}: not valid TOML: {error}; the usual columns are shown") from error
    try:
        return _chosen(data)
    except WrongColumns as error:
        raise KeptWrong(f"{path.name}: {error}; the usual columns are shown") from error


def _chosen(data: dict[str, object]) -> Chosen:
    time, tables = data.get("time", "time"), data.get("column", [])
    if not isinstance(time, str) or time not in FORMATS:
        raise WrongColumns(f"time: must be one of {', '.join(FORMATS)}, not {time!r}")
    if not isinstance(tables, list) or len(tables) > MOST_COLUMNS:
        raise WrongColumns(f"column: must be tables [[column]], at most {MOST_COLUMNS}")
    found: list[Column] = []
    for table in tables:
        what, name = (table.get("show"), table.get("name", "")) if isinstance(table, dict) else (None, "")
        if not isinstance(what, str) or not isinstance(name, str):
            raise WrongColumns('a [[column]] has show = "tcp.Window" and, if wanted, name = "Win"')
        made = meant(what, name)
        if any(made.what == other.what for other in found):
            raise WrongColumns(f"{made.what} is there twice")
        found.append(made)
    return Chosen(tuple(found), time) if found else Chosen(time=time)


def text(chosen: Chosen) -> str:
    """The file that says this."""
    parts = [_HEAD, f"time = {_quoted(chosen.time)}\n"]
    for each in chosen.columns:
        parts.append(f"\n[[column]]\nshow = {_quoted(each.what)}\n")
        if each.name:
            parts.append(f"name = {_quoted(each.name)}\n")
    return "".join(parts)


def _quoted(value: str) -> str:
    """A basic string of TOML, whose escapes are those of JSON but for one."""
    import json  # the choice is written long after it was read

    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def write(path: Path, chosen: Chosen) -> None:
    """Keep what was chosen; the file is whole at any moment. Raises KeptWrong."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            file.write(text(chosen))
        os.replace(file.name, path)
    except OSError as error:
        raise KeptWrong(
            f"the choice holds until the end, but is not kept: {path}: {error.strerror or error}"
        ) from error
