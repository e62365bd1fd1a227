# SPDX-License-Identifier: Apache-2.0
"""Over a folder of captures protocols are named as Wireshark names them, and every field says what its bytes say.

The floors stand a little below what was measured; `protocols_vs_tshark.py` prints the figures, against tshark itself,
and what is left.
"""

from __future__ import annotations

from functools import cache

from support.comparison import Comparison, compare, ranked
from support.oracles import missing, require_captures, require_tool
from support.sharkd import Sharkd

PACKETS_A_FILE = 10**9
FEWEST = 2000

HEADERS = 0.998  # 0.9997
ASKED = 0.985  # 0.999
FIELDS_OFF = 0.0005  # 0


@cache
def found() -> Comparison:
    with Sharkd(require_tool("sharkd")) as sharkd:
        comparison = compare(require_captures(), sharkd.protocols, PACKETS_A_FILE)
    if comparison.headers.total < FEWEST:
        missing(f"the folder of captures has only {comparison.headers.total} packets that can be compared")
    return comparison


def test_the_part_from_link_to_transport_is_what_tshark_names() -> None:
    tally = found().headers
    assert tally.share >= HEADERS, "\n".join(ranked(tally, 20))


def test_the_first_protocol_above_is_the_one_that_tshark_names() -> None:
    tally = found().asked
    assert tally.total >= 100 and tally.share >= ASKED, "\n".join(ranked(tally, 20))


def test_the_value_of_a_field_is_what_its_bytes_say() -> None:
    assert found().valued > 10 * found().headers.total
    assert found().wrong_share <= FIELDS_OFF, found().wrong.most_common(20)


def test_rows_and_layers_name_the_same_protocols() -> None:
    assert not found().disagreeing, found().disagreeing.most_common(10)
