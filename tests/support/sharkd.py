# SPDX-License-Identifier: Apache-2.0
"""The protocols that Wireshark finds in the packets of many files, asked of sharkd: it starts once and loads one file
after the other, where tshark begins anew for each and spends nearly all of its time on that.

sharkd comes with tshark and has the same dissectors. It answers after it has gone through a whole file, so in a few
packets in ten thousand it knows what tshark finds out only later, or takes a segment for one of a record that goes on.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from support.tshark import Named, remembered

COLUMNS = {"column0": "frame.cap_len:1", "column1": "frame.protocols:1"}


class Sharkd:
    """A sharkd that is started when it is needed first."""

    def __init__(self, tool: str) -> None:
        self._tool = tool
        self._process: subprocess.Popen[str] | None = None

    def protocols(self, path: Path) -> Named:
        """Of every packet of a file; empty for a file that it does not read. Remembered in a temporary folder."""
        answer = remembered([self._tool, *COLUMNS.values()], path, lambda: self._frames(path).encode())
        return {frame["num"]: (int(frame["c"][0]), tuple(frame["c"][1].split(":"))) for frame in json.loads(answer)}

    def _frames(self, path: Path) -> str:
        if "error" in self._ask("load", {"file": str(path.resolve())}):
            return "[]"
        return json.dumps(self._ask("frames", COLUMNS)["result"])

    def _ask(self, method: str, parameters: dict[str, str]) -> dict[str, Any]:
        if self._process is None:
            pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            self._process = subprocess.Popen([self._tool, "-"], text=True, **pipes)
        assert self._process.stdin and self._process.stdout
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
