# SPDX-License-Identifier: Apache-2.0
"""Interrupts of an interface by their names, and lists of CPUs as the kernel writes them."""

from __future__ import annotations

import pytest

from ringscope.host.interrupts import Interrupt, Rps, belonging, feeding, interrupt_rows, mask, numbers, queue_of

TEXT = """           CPU0       CPU2
  9:          0          4   IO-APIC   9-fasteoi   acpi
 38:          7      15366  PCI-MSIX-0000:00:03.0   1-edge      virtio2-input.0
 39:      13436          0  PCI-MSIX-0000:00:03.0   2-edge      virtio2-output.0
 40:          1          1  PCI-MSIX-0000:3b:00.0   0-edge      eth1-TxRx-3
 41:          1          1  PCI-MSIX-0000:3b:00.1   0-edge      eth10-TxRx-0
 42:          5          5  PCI-MSIX-0000:5e:00.0   0-edge      mlx5_comp12@pci:0000:5e:00.0
NMI:          0          0   Non-maskable interrupts
"""


def test_rows_have_their_counts_by_the_cpus_in_the_head() -> None:
    rows = interrupt_rows(TEXT)
    assert rows.keys() == {9, 38, 39, 40, 41, 42}
    assert rows[38] == ("PCI-MSIX-0000:00:03.0 1-edge virtio2-input.0", ((0, 7), (2, 15366)))
    assert interrupt_rows("") == {}


@pytest.mark.parametrize(
    ("interface", "tags", "known", "found"),
    [
        ("eth0", ["virtio2"], [], [38, 39]),
        ("eth1", [], [], [40]),
        ("eth10", [], [], [41]),
        ("ens1", ["0000:5e:00.0"], [], [42]),
        ("ens9", [], [9], [9]),
        ("rs0", [], [], []),
        ("eth", [], [], []),
    ],
)
def test_an_interface_has_those_that_name_it_or_its_device(
    interface: str, tags: list[str], known: list[int], found: list[int]
) -> None:
    assert [number for number, _, _ in belonging(interrupt_rows(TEXT), interface, tags, known)] == found


@pytest.mark.parametrize(
    ("name", "queue"),
    [
        ("PCI-MSI 524288-edge eth0-TxRx-3", 3),
        ("PCI-MSI 524288-edge i40e-eth0-TxRx-11", 11),
        ("PCI-MSI ice-eth0-TxRx-0", 0),
        ("PCI-MSI eth0-rxtx-2", 2),
        ("PCI-MSI eth0-Tx-Rx-5", 5),
        ("PCI-MSIX-0000:00:03.0 1-edge virtio2-input.0", 0),
        ("PCI-MSIX-0000:00:03.0 2-edge virtio2-output.0", None),
        ("PCI-MSIX mlx5_comp12@pci:0000:5e:00.0", 12),
        ("PCI-MSIX mlx5_async0@pci:0000:5e:00.0", None),
        ("PCI-MSIX gve-ntfy-blk4@pci:0000:00:04.0", 4),
        ("PCI-MSI ena-mgmnt@pci:0000:00:05.0", None),
        ("PCI-MSIX bnxt_en-eth0-TxRx-7", 7),
        ("PCI-MSI eth0", None),
    ],
)
def test_the_queue_is_in_the_name_as_each_driver_writes_it(name: str, queue: int | None) -> None:
    assert queue_of(name) == queue


def test_lists_and_bitmaps_of_cpus() -> None:
    assert numbers("0-3,8\n") == (0, 1, 2, 3, 8)
    assert numbers("\n") == numbers("x") == ()
    assert mask("00000001,00000003\n") == (0, 1, 32)
    assert mask("0\n") == mask("") == mask("x") == ()


def test_a_queue_is_fed_by_the_cpus_of_rps_where_it_is_on_else_by_those_of_its_interrupt() -> None:
    irqs = [Interrupt(40, "eth1-TxRx-0", 0, (), (4,)), Interrupt(41, "eth1-TxRx-1", 1, (), (5,))]
    assert feeding(irqs, [Rps(0, (), 0), Rps(1, (6, 7), 0)], 0) == (4,)
    assert feeding(irqs, [Rps(0, (), 0), Rps(1, (6, 7), 0)], 1) == (6, 7)
    assert feeding(irqs, [], 9) == ()
