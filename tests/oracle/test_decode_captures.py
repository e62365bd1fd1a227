# SPDX-License-Identifier: Apache-2.0
"""Every packet of a folder of real, rare, broken and fuzzed captures is decoded without failing."""

from __future__ import annotations

from ringscope.decode import ROLES, Memory, dissect, escape, summarize
from support.capturefile import packets
from support.oracles import require_captures

PACKETS_A_FILE = 100
FEWEST = 1000


def test_every_captured_packet_becomes_a_row_and_layers_that_hold_all_its_bytes() -> None:
    seen = 0
    for path in sorted(require_captures().iterdir()):
        memory = Memory()
        for packet in packets(path, PACKETS_A_FILE):
            seen += 1
            where = f"{path.name} packet {packet.number}"
            row = summarize(packet.data, packet.link_type, packet.length, memory)
            assert row.role in ROLES, where
            assert escape(row.info) == row.info, where
            at = 0
            for layer in dissect(packet.data, packet.link_type, packet.length, memory):
                assert layer.start == at, where
                at += layer.length
                assert escape(layer.title) == layer.title, where
                for field in layer.fields:
                    assert escape(field.display) == field.display, where
                    assert layer.start <= field.start <= field.start + field.length <= at, where
            assert at == len(packet.data), where
    assert seen >= FEWEST, f"only {seen} packets in the folder"
