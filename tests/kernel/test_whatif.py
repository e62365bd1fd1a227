# SPDX-License-Identifier: Apache-2.0
"""What another ring would have lost, held against rings that really are of that geometry, on the same frames."""

from __future__ import annotations

import pytest

from ringscope.weather.whatif import Geometry
from support.namespaces import Net, in_namespace
from support.staging import Burst, staged

KIB, NEVER = 1024, 1000
BURSTS = (Burst(2500), Burst(9000), Burst(6000))
GEOMETRIES = (
    Geometry(4, 128 * KIB),
    Geometry(8, 128 * KIB),
    Geometry(24, 128 * KIB),
    Geometry(8, 512 * KIB),
    Geometry(40, 128 * KIB),
)


@in_namespace(limit=120)
def test_for_five_geometries_the_model_loses_what_a_ring_really_loses(net: Net) -> None:
    """A block holds some 120 of these frames. The model knows the traffic from a ring that lost half of it. No block is
    closed by its retire timeout, so that it does not matter how fast this machine sends: for that there is
    `bench/bench_whatif.py`."""
    lost, table = staged(net, Geometry(16, 128 * KIB), BURSTS, GEOMETRIES, timeout_ms=NEVER)
    assert table.lost == lost > 5000 and table.came == sum(burst.count for burst in BURSTS) + 600
    model = {row.geometry: row.lost for row in table.rows}
    assert model[Geometry(16, 128 * KIB)] == pytest.approx(lost, rel=0.1)
    for geometry in GEOMETRIES:
        really, _ = staged(net, geometry, BURSTS, timeout_ms=NEVER)
        assert model[geometry] == pytest.approx(really, rel=0.1), str(geometry)
