# SPDX-License-Identifier: Apache-2.0
"""Columns as they are written, and kept: what is read is what was written, and what is wrong is said in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringscope.app import choice, kept_choice
from ringscope.app.choice import DEFAULT, Column, WrongColumns
from ringscope.app.kept_choice import KeptWrong
from ringscope.app.listing import Chosen

ALL = 'number, since mark, tcp.Window as Win, "http.Accept, as sent" as Accept, bytes 54-61, queue, info as "What"'


def test_what_is_written_means_what_it_says() -> None:
    assert choice.columns(ALL) == (
        Column("number"), Column("since mark"), Column("tcp.Window", "Win"), Column("http.Accept, as sent", "Accept"),
        Column("bytes 54-61"), Column("queue"), Column("info", '"What"'))  # fmt: skip
    assert choice.columns("  ") == DEFAULT
    assert choice.columns(choice.line(choice.columns(ALL))) == choice.columns(ALL)


def test_common_names_and_large_letters_are_understood() -> None:
    written = "No, SRC, dst, Proto, len, delta, bytes, TCP.window"
    meant = ["number", "source", "destination", "protocol", "length", "since previous", "bytes 0-15", "tcp.window"]
    assert [each.what for each in choice.columns(written)] == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sorce", "did you mean source?"),
        ("nonsense", "layer.name: tcp.Window"),
        ("source, src", "there twice"),
        ("bytes 9-3", "the less first"),
        ("bytes 0-99", "at most 64"),
        (", ".join(f"tcp.F{n}" for n in range(33)), "32 columns are the most"),
    ],
)
def test_what_means_no_column_is_said_with_what_to_write(text: str, said: str) -> None:
    with pytest.raises(WrongColumns, match=said):
        choice.columns(text)


def test_a_column_is_moved_and_replaced_where_the_cursor_is() -> None:
    text = "number, time, info"
    assert choice.piece_at(text, 9) == 1
    assert choice.move_piece(text, 1, -1) == ("time, number, info", 4)
    assert choice.move_piece(text, 1, 5) == ("number, info, time", 18)
    assert choice.replace_piece(text, 1, "queue") == ("number, queue, info", 13)


def test_what_was_chosen_is_kept_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "new" / "columns.toml"
    assert kept_choice.read(file) is None
    evil = Column('http.\x7f\x1b[31m\\"', 'a "name"\n')
    for chosen in (Chosen(), Chosen(choice.columns(ALL), "mark"), Chosen((Column("info"), evil))):
        kept_choice.write(file, chosen)
        assert kept_choice.read(file) == chosen
    assert [each.name for each in file.parent.iterdir()] == ["columns.toml"]


@pytest.mark.parametrize(
    "text",
    ["= what", "time = 7", 'time = "noon"', "column = 3", "[[column]]\nshow = 3", '[[column]]\nshow = "sorce"',
     '[[column]]\nshow = "info"\n[[column]]\nshow = "info"', '[[column]]\nshow = "info"\nname = 1'],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_one_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "columns.toml"
    file.write_text(text)
    with pytest.raises(KeptWrong, match=r"^columns\.toml: .*the usual columns are shown$"):
        kept_choice.read(file)
    file.write_bytes(b"\xff")
    with pytest.raises(KeptWrong, match="not valid TOML"):
        kept_choice.read(file)


def test_a_choice_that_cannot_be_kept_says_so(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(KeptWrong, match="holds until the end, but is not kept"):
        kept_choice.write(tmp_path / "taken" / "columns.toml", Chosen())
