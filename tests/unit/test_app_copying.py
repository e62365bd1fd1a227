# SPDX-License-Identifier: Apache-2.0
"""What is copied: right, whole, and harmless where it is pasted."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringscope.app import clipboard, copying
from ringscope.app.columns import Row
from ringscope.app.fields import FieldTree
from ringscope.decode import dissect
from support.packets import samples


def test_bytes_are_spelt_so_that_programs_read_them_again() -> None:
    data = bytes(range(30))
    assert bytes.fromhex(copying.hexadecimal(data)) == data
    array = copying.c_array(data, "IPv4  10.0.0.1 → 10.0.0.2")
    assert array.startswith("static const unsigned char ipv4_10_0_0_1_10_0_0_2[30] = {\n    0x00, 0x01,")
    assert array.count("0x") == 30 and array.endswith("0x1d\n};\n")
    assert copying.c_array(b"\1", "802.1Q").startswith("static const unsigned char _802_1q[1]")


def test_text_keeps_its_lines_and_loses_what_a_terminal_would_act_on() -> None:
    assert copying.plain_text(b"GET /\r\nHost: a\tb\r\n\x1b[2J\xff") == "GET /\nHost: a\tb\n\\x1b[2J\\xff"


def test_a_row_and_a_tree_are_copied_whole() -> None:
    row = Row(7, 0, "10.0.0.1", "10.0.0.2", "DNS", 70, "Standard query", "dns")
    assert copying.row_text(row).startswith("7  19")
    assert copying.row_text(row).endswith("10.0.0.1  10.0.0.2  DNS  70  Standard query")
    data = samples()["tcp"]
    text = copying.tree_text(dissect(data, 1, len(data)))
    assert "\nTCP  40412 → 443" in text and "\n    Source port: 40412\n" in text and "\n        ACK: set\n" in text


def test_a_field_is_copied_by_name_or_by_its_value_alone() -> None:
    data = samples()["tcp"]
    tree = FieldTree()
    tree.show(dissect(data, 1, len(data))[1:2])
    node = next(node for node in tree.visible if node.name == "Header checksum")
    assert copying.field_text(node).startswith("Header checksum: 0x") and "[right" in copying.field_text(node)
    assert copying.value_text(node) == f"0x{int.from_bytes(data[24:26], 'big'):04x}"


def test_no_more_is_sent_than_terminals_take() -> None:
    assert clipboard.fitting("a" * 74_994) == "a" * 74_994
    assert clipboard.fitting("é" * 60_000) == "é" * 37_497


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"TERM": "xterm-256color"}, "takes no OSC 52"),
        ({"TERM": "linux"}, "console has no clipboard"),
        ({"TERM": "screen", "STY": "1.x"}, "GNU screen"),
        ({"TERM": "tmux-256color"}, "set-clipboard on"),
        ({"TERM": "xterm", "TERM_PROGRAM": "Apple_Terminal"}, "macOS Terminal"),
    ],
)
def test_a_terminal_that_may_not_take_it_is_told_of(environment: dict[str, str], said: str) -> None:
    assert said in clipboard.doubt(environment)


@pytest.mark.parametrize(("answer", "sure"), [("on", True), ("external", False), ("", False)])
def test_tmux_is_asked(answer: str, sure: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "tmux"
    tool.write_text(f"#!/bin/sh\necho '{answer}'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", path := f"{tmp_path}:/usr/bin:/bin")
    assert (clipboard.doubt({"TERM": "tmux-256color", "TMUX": "/tmp/x,1,0", "PATH": path}) == "") is sure
