# SPDX-License-Identifier: Apache-2.0
"""/proc/net/softnet_stat and /proc/stat: by CPU number, however many columns and CPUs there are."""

from __future__ import annotations

import os

from ringscope.host.softnet import cpus, grown, softnet_rows

ROW = "{:08x} {:08x} {:08x} 00000000 00000000 00000000 00000000 00000000 00000000 {:08x} {:08x}"
HZ = os.sysconf("SC_CLK_TCK")


def test_a_row_belongs_to_the_cpu_that_its_13th_column_names() -> None:
    rows = "\n".join(ROW.format(10 + n, n, n * 2, 5, 1) + f" {7:08x} {n:08x} 00000004 00000003" for n in (0, 2, 5))
    stat = "cpu  9 9 9 9\n" + "\n".join(f"cpu{n} {HZ} 0 0 {6 * HZ} 0 0 {3 * HZ} 0 {HZ} 0" for n in (0, 1, 2, 5))
    found = cpus(rows, stat + "\nintr 1 2 3\n")
    assert [cpu.number for cpu in found] == [0, 1, 2, 5]
    assert [cpu.online for cpu in found] == [True, False, True, True]
    last = found[-1]
    assert (last.processed, last.dropped, last.squeezed, last.received_rps, last.flow_limited) == (15, 5, 10, 5, 1)
    assert last.backlog == 7
    # Guest time is in user time already: it is not counted twice.
    assert (last.softirq, last.busy, last.total) == (3.0, 4.0, 10.0)


def test_older_kernels_have_fewer_columns_and_rows_in_order() -> None:
    nine = " ".join(["0000000a", "00000001"] + ["00000000"] * 7)
    assert softnet_rows(f"{nine}\n{nine}\n").keys() == {0, 1}
    (only,) = cpus(ROW.format(1, 2, 3, 4, 5), "")
    assert (only.number, only.dropped, only.flow_limited, only.backlog) == (0, 2, 5, None)


def test_counters_of_32_bits_that_wrap_around_have_grown_all_the_same() -> None:
    assert grown(2**32 - 5, 3) == 8
    assert grown(7, 7) == 0
