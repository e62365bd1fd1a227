# SPDX-License-Identifier: Apache-2.0
"""The tree of layers and fields: folding by path, bytes to fields."""

from __future__ import annotations

from ringscope.app.fields import FieldTree, picture
from ringscope.decode import Field, Layer

ETH = Layer("eth", "Ethernet", 0, 14, (Field("Destination", "02:fc", 0, 6), Field("Type", "IPv4", 12, 2)))
IP = Layer("ip", "IPv4", 14, 20, (
    Field("Version", "4", 14, 1, (0, 4), value=4),
    Field("Flags", "0x4000", 20, 2),
    Field("Don't fragment", "1", 20, 1, (1, 1), 1, 1),
    Field("Offset", "5", 20, 2, (3, 13), 1, 5),
    Field("Options", "two", 30, 4),
    Field("Timestamp", "1", 30, 2, None, 1),
    Field("Timestamp", "2", 32, 2, None, 1),
))  # fmt: skip
TCP = Layer("tcp", "TCP", 34, 20, (Field("Source port", "443", 34, 2), Field("Computed", "7", 0, 0)))


def _names(tree: FieldTree) -> list[str]:
    return [node.name for node in tree.visible]


def test_the_innermost_layer_is_open_and_the_others_are_folded() -> None:
    tree = FieldTree()
    tree.show((ETH, IP, TCP, Layer("data", "Data", 54, 4, (Field("Bytes", "..", 54, 4),))))
    assert _names(tree) == ["Ethernet", "IPv4", "TCP", "Source port", "Computed", "Data"]


def test_groups_are_open_but_for_the_bits_of_flags() -> None:
    tree = FieldTree()
    tree.show((ETH, IP))
    assert _names(tree) == ["Ethernet", "IPv4", "Version", "Flags", "Options", "Timestamp", "Timestamp"]


def test_what_the_user_folds_is_folded_in_the_next_packet_too() -> None:
    tree = FieldTree()
    tree.show((ETH, IP))
    tree.set_open(tree.visible[1], False)
    tree.set_open(tree.visible[0], True)
    tree.show((ETH, IP))
    assert _names(tree) == ["Ethernet", "Destination", "Type", "IPv4"]


def test_layers_of_one_name_are_kept_apart() -> None:
    tree = FieldTree()
    tree.show((ETH, IP, IP))
    paths = [node.path for node in tree.visible]
    assert ("ip",) in paths and ("ip#2",) in paths and len(set(paths)) == len(paths)


def test_a_byte_leads_to_the_smallest_field_that_has_it_even_when_folded() -> None:
    tree = FieldTree()
    tree.show((ETH, IP, TCP))
    line = tree.reveal(32)
    assert line is not None and tree.visible[line].name == "Timestamp"
    line = tree.reveal(12)
    assert line is not None and tree.visible[line].name == "Type"
    assert tree.reveal(4000) is None


def test_a_byte_of_flags_leads_to_one_of_them_only_where_they_are_unfolded() -> None:
    tree = FieldTree()
    tree.show((ETH, IP))
    line = tree.reveal(20)
    assert line is not None and tree.visible[line].name == "Flags"
    tree.set_open(tree.visible[line], True)
    line = tree.reveal(20)
    assert line is not None and tree.visible[line].name == "Don't fragment"


def test_bits_are_shown_among_those_of_their_bytes() -> None:
    assert {field.name: picture(field) for field in IP.fields if picture(field)} == {
        "Version": "0100 ....",
        "Don't fragment": ".1.. ....",
        "Offset": "...0 0000 0000 0101",
    }


def test_a_byte_that_only_a_layer_has_leads_to_the_layer() -> None:
    tree = FieldTree()
    tree.show((ETH, IP, TCP))
    line = tree.reveal(50)
    assert line is not None and tree.visible[line].name == "TCP"


def test_a_path_that_is_not_there_leads_to_what_is_around_it() -> None:
    tree = FieldTree()
    tree.show((ETH, IP))
    assert tree.visible[tree.index(("ip", "Nothing"))].name == "IPv4"
    assert tree.index(("udp", "Length")) == 0
