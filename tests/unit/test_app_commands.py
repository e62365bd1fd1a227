# SPDX-License-Identifier: Apache-2.0
"""The one table of commands: complete, without clashes, and what help is made from."""

from __future__ import annotations

from collections import Counter

from textual.binding import Binding

from ringscope.app.commands import COMMANDS, PLACES, bindings, key_name
from ringscope.app.screens.help import help_lines


def test_every_command_has_an_id_of_its_own_a_place_and_a_sentence() -> None:
    assert max(Counter(command.id for command in COMMANDS).values()) == 1
    for command in COMMANDS:
        assert command.where in PLACES
        assert command.help.endswith(".") and command.title


def test_every_binding_has_the_id_of_its_command() -> None:
    made = [binding for place in PLACES for binding in bindings(place)]
    assert all(isinstance(binding, Binding) and binding.id for binding in made)
    assert len(made) == len(COMMANDS)


def test_no_key_means_two_things_in_one_place() -> None:
    for place in PLACES:
        keys = [key for command in COMMANDS if command.where == place for key in command.keys.split(",")]
        assert max(Counter(keys).values(), default=0) <= 1, place


def test_a_key_that_works_everywhere_means_nothing_else_anywhere() -> None:
    everywhere = {key for command in COMMANDS if command.where == "everywhere" for key in command.keys.split(",")}
    others = {key for command in COMMANDS if command.where != "everywhere" for key in command.keys.split(",")}
    assert not everywhere & others


def test_help_lists_every_command_with_its_keys() -> None:
    lines = help_lines(200)
    told = {text: keys for keys, text, _ in lines}
    for command in COMMANDS:
        assert command.help in told
    assert any(keys.startswith("?") for keys in told.values())


def test_help_fits_a_narrow_terminal() -> None:
    assert all(len(text) <= 60 - 18 - 2 for keys, text, _ in help_lines(60) if keys)


def test_keys_have_names_people_write() -> None:
    assert [key_name(key) for key in ("question_mark", "ctrl+z", "f", "end")] == ["?", "Ctrl+Z", "f", "End"]
