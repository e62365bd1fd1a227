# SPDX-License-Identifier: Apache-2.0
"""Every packet of `support.cases` is told as its case promises, whole and cut anywhere."""

from __future__ import annotations

import pytest

from ringscope.decode import Layer, dissect, protocols, summarize
from support.cases import Case, cases
from support.fields import agrees

FILLING = {"data", "padding", "trailer"}
EACH = pytest.mark.parametrize("case", cases().values(), ids=cases().keys())


HEADERS = 128
"""So far a packet is cut at every byte, then at every seventh."""


def layers(case: Case) -> tuple[Layer, ...]:
    return dissect(case.data, case.link_type, len(case.data))


@EACH
def test_rows_and_layers_name_its_protocols(case: Case) -> None:
    assert ":".join(protocols(case.data, case.link_type, len(case.data))) == case.stack
    assert ":".join(layer.name for layer in layers(case) if layer.name not in FILLING) == case.stack


@EACH
def test_its_row_says_what_it_is(case: Case) -> None:
    row = summarize(case.data, case.link_type, len(case.data))
    assert (row.protocol, row.info) == (case.protocol, case.info)


@EACH
def test_its_fields_say_what_their_bytes_say(case: Case) -> None:
    shown = [(f"{layer.name}.{field.name}", field.text) for layer in layers(case) for field in layer.fields]
    assert set(case.fields) <= set(shown), [entry for entry in case.fields if entry not in shown]
    assert all(agrees(field, case.data) for layer in layers(case) for field in layer.fields)


@EACH
def test_what_the_capture_cut_of_it_is_not_called_malformed(case: Case) -> None:
    for kept in [*range(min(HEADERS, len(case.data))), *range(HEADERS, len(case.data), 7)]:
        found = dissect(case.data[:kept], case.link_type, len(case.data))
        assert "malformed" not in [layer.name for layer in found], kept
        assert summarize(case.data[:kept], case.link_type, len(case.data)).role != "bad", kept
