# SPDX-License-Identifier: Apache-2.0
"""The deep decode survives whatever stands in tshark's place: what is missing, fails, hangs or talks without end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Timer

import pytest

from ringscope.decode import escape
from ringscope.decode.deep import DeepError, available, deep
from support.packets import samples

DATA = samples()["dns"]


@pytest.fixture
def tool() -> Iterator[Path]:
    """A path for a tshark that a test writes, in a folder open to all: root runs it as nobody."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "tshark"


def standing_in(tool: Path, script: str) -> str:
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    return str(tool)


def answer(inside: str) -> str:
    return f"cat > /dev/null; cat <<'END'\n<pdml><packet>{inside}</packet></pdml>\nEND"


def test_a_machine_without_tshark_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not available()
    with pytest.raises(DeepError, match="apt install tshark"):
        deep(DATA, 1, len(DATA))


def test_protocols_become_layers_and_their_fields_keep_place_and_depth(tool: Path) -> None:
    inside = f"""<proto name="geninfo" pos="0" size="99"/><proto name="eth" showname="Ethernet II" size="14" pos="0">
      <field name="eth.dst" showname="Destination: 02:fc" size="6" pos="0" value="{DATA[:6].hex()}">
        <field name="eth.lg" showname=".... ..1. = LG bit: Local" size="3" pos="0"/>
        <field name="eth.hidden" showname="Hidden: 1" hide="yes" size="1" pos="0"/></field>
      <field name="eth.made" showname="Uncompressed: x" size="2" pos="3" value="abcd"/>
      <field name="eth.far" showname="Elsewhere" size="2" pos="90000"/></proto>"""
    (layer,) = deep(DATA, 1, len(DATA), tool=standing_in(tool, answer(inside)))
    assert (layer.name, layer.title, layer.start, layer.length) == ("eth", "Ethernet II", 0, 14)
    assert [(field.name, field.display, field.start, field.length, field.depth) for field in layer.fields] == [
        ("Destination", "02:fc", 0, 6, 0),
        ("LG bit", "Local", 0, 3, 1),
        ("Uncompressed", "x", 0, 0, 0),
        ("Elsewhere", "", len(DATA), 0, 0),
    ]


def test_what_it_says_is_made_safe(tool: Path) -> None:
    inside = '<proto name="x" showname="a&#x202e;b"><field name="f" showname="n&#x9b;: &#x200b;v"/></proto>'
    (layer,) = deep(DATA, 1, len(DATA), tool=standing_in(tool, answer(inside)))
    for text in (layer.title, layer.fields[0].name, layer.fields[0].display):
        assert escape(text) == text


def test_it_is_given_the_bytes_of_this_packet_as_a_capture_file(tool: Path) -> None:
    counted = f"test $(wc -c) = {24 + 16 + len(DATA)}"
    script = counted + " && " + answer('<proto name="right"/>')
    assert [layer.name for layer in deep(DATA, 1, len(DATA), tool=standing_in(tool, script))] == ["right"]


def test_one_that_hangs_is_ended_in_time(tool: Path) -> None:
    began = time.monotonic()
    with pytest.raises(DeepError, match=r"took longer than 0\.3 s"):
        deep(DATA, 1, len(DATA), seconds=0.3, tool=standing_in(tool, "exec sleep 60"))
    assert time.monotonic() - began < 10


def test_one_that_nobody_waits_for_any_more_is_ended(tool: Path) -> None:
    cancelled = Event()
    Timer(0.2, cancelled.set).start()
    with pytest.raises(DeepError, match=r"^tshark was ended$"):
        deep(DATA, 1, len(DATA), seconds=60, tool=standing_in(tool, "exec sleep 60"), cancelled=cancelled)


def test_bits_are_known_by_the_picture_that_is_drawn_of_them(tool: Path) -> None:
    inside = """<proto name="ip" pos="14" size="20">
      <field name="ip.version" showname="0100 .... = Version: 4" size="1" pos="14"/>
      <field name="ip.flags.df" showname=".1.. .... = Don't fragment: Set" size="1" pos="20"/>
      <field name="ip.odd" showname="..1. = Of four bits: Set" size="1" pos="20"/></proto>"""
    (layer,) = deep(DATA, 1, len(DATA), tool=standing_in(tool, answer(inside)))
    assert [(field.name, field.bits, field.value) for field in layer.fields] == [
        ("Version", (0, 4), 4),
        ("Don't fragment", (1, 1), 1),
        ("Of four bits", None, None),
    ]


def test_what_is_hidden_is_left_out_with_all_that_is_in_it(tool: Path) -> None:
    inside = """<proto name="x"><field name="a" showname="a" hide="yes"><field name="b" showname="b"/></field>
      <field name="c" showname="c"/></proto><proto name="geninfo"><field name="d" showname="d"/></proto>"""
    (layer,) = deep(DATA, 1, len(DATA), tool=standing_in(tool, answer(inside)))
    assert [field.name for field in layer.fields] == ["c"]


def test_entities_are_not_followed(tool: Path) -> None:
    bomb = '<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><pdml><packet><proto name="&b;"/></packet></pdml>'
    with pytest.raises(DeepError, match="entities"):
        deep(DATA, 1, len(DATA), tool=standing_in(tool, f"cat > /dev/null; echo '{bomb}'"))


def test_one_that_talks_without_end_is_ended(tool: Path) -> None:
    with pytest.raises(DeepError, match="more of this packet than 16 MiB"):
        deep(DATA, 1, len(DATA), seconds=20, tool=standing_in(tool, "exec yes"))


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'Running as user root.' >&2; echo 'tshark: no such link type' >&2; exit 2", "failed: no such link type"),
        ("exit 3", "exit code 3"),
        ("echo '<pdml><packet>'", "not the XML"),
        ("echo '<pdml></pdml>'", "nothing of this packet"),
        ("kill -SEGV $$", "exit code -11"),
    ],
)
def test_one_that_fails_is_one_sentence(tool: Path, script: str, words: str) -> None:
    with pytest.raises(DeepError, match=words) as raised:
        deep(DATA, 1, len(DATA), tool=standing_in(tool, script))
    assert "\n" not in str(raised.value)


def test_it_knows_nothing_of_who_runs_it(tool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIRESHARK_CONFIG_DIR", "/somewhere")
    monkeypatch.setenv("SECRET", "word")
    script = "cat > /dev/null; echo \"<pdml><packet><proto name='$SECRET$WIRESHARK_CONFIG_DIR$HOME'/></packet></pdml>\""
    (layer,) = deep(DATA, 1, len(DATA), tool=standing_in(tool, script))
    assert layer.name == "/nonexistent"


def test_a_tree_without_end_is_cut(tool: Path) -> None:
    many = "".join(f'<field name="f" showname="n: {number}"/>' for number in range(6000))
    (layer,) = deep(DATA, 1, len(DATA), tool=standing_in(tool, answer(f'<proto name="x">{many}</proto>')))
    assert len(layer.fields) == 5000
