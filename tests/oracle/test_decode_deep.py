# SPDX-License-Identifier: Apache-2.0
"""tshark itself, asked for single packets: its layers have our byte ranges, and every field lies in the packet."""

from __future__ import annotations

import pytest

from ringscope.decode import dissect, protocols
from ringscope.decode.deep import deep
from support.oracles import require_tool
from support.packets import samples

NAMES = ("dns", "syn", "arp", "igmp", "bgp")


@pytest.mark.parametrize("name", NAMES)
def test_its_layers_stand_where_ours_do(name: str) -> None:
    tool = require_tool("tshark")
    data = samples()[name]
    ours = {layer.name: (layer.start, layer.length) for layer in dissect(data, 1, len(data))}
    theirs = deep(data, 1, len(data), tool=tool, seconds=60)
    assert {layer.name for layer in theirs} >= set(protocols(data, 1, len(data)))
    for layer in theirs:
        assert layer.fields
        for field in layer.fields:
            assert 0 <= field.start <= field.start + field.length <= len(data)
        if layer.name in ours:
            assert (layer.start, layer.length) == ours[layer.name], layer.name


def test_a_packet_that_was_cut_is_told_as_such() -> None:
    tool = require_tool("tshark")
    data = samples()["tls"]
    theirs = deep(data[:80], 1, len(data), tool=tool, seconds=60)
    assert any("size limited" in f"{layer.title}{layer.fields}" for layer in theirs)
