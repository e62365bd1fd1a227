# SPDX-License-Identifier: Apache-2.0
"""Names of files, formats and ranges as people type them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringscope.app.saving import CannotSave, path_and_format, pieces_words, proposed_name, split_range


def test_the_format_is_that_of_the_end_and_else_pcapng() -> None:
    found = {name: path_and_format(name)[1] for name in ("a.pcap", "a.PCAP", "a.cap", "a.pcapng", "a", "a.txt")}
    assert found == {"a.pcap": "pcap", "a.PCAP": "pcap", "a.cap": "pcap", "a.pcapng": "pcapng", "a": "pcapng",
                     "a.txt": "pcapng"}  # fmt: skip


def test_the_home_folder_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert path_and_format("~/a.pcap")[0] == "/home/someone/a.pcap"


@pytest.mark.parametrize("name", ["", "a.pcap.gz", "a.zst"])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(CannotSave):
        path_and_format(name)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CannotSave, match="is a folder"):
        path_and_format(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a.pcap 1-2", ("a.pcap", 1, 2)),
        ("my file 1 204 - 1_300", ("my file", 1204, 1300)),
        ("a-1-2 3-3", ("a-1-2", 3, 3)),
    ],
)
def test_a_range_stands_behind_the_name(text: str, parts: tuple[str, int, int]) -> None:
    assert split_range(text) == parts


@pytest.mark.parametrize("text", ["", "a.pcap", "1-2", "a 0-5", "a 5-4", "a 5-", "a -5"])
def test_without_one_it_is_asked_for(text: str) -> None:
    with pytest.raises(CannotSave, match=r"out\.pcapng 100-200"):
        split_range(text)


def test_the_end_is_told_with_what_is_missing() -> None:
    assert pieces_words(1234, 0, "a") == "1 234 packets written to a"
    assert pieces_words(1, 7, "a") == "1 packet written to a; 7 were gone before they could be"
    assert proposed_name("last", 0).startswith("last-19")
