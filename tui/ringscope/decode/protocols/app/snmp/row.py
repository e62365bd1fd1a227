# SPDX-License-Identifier: Apache-2.0
"""SNMP messages in one line: the request and the objects that it names."""

from __future__ import annotations

from ringscope.decode.ber import SEQUENCE, arcs, element
from ringscope.decode.protocols.app.snmp.names import PDUS
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row

SNMP = protocol("snmp", "SNMP", udp=(161, 162, 199, 391), tcp=(161, 162, 199))

_TRAP = 0xA4
_MOST_NAMED = 16


@SNMP.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """A sequence that begins with a small number, the version."""
    if data[at] != SEQUENCE or stop - at < 5:
        return False
    place = at + 2 + (data[at + 1] & 0x7F if data[at + 1] > 0x80 else 0)
    return stop - place >= 3 and data[place : place + 2] == b"\x02\x01" and data[place + 2] < 4


@SNMP.row
def row(row: Row, at: int, end: int) -> None:
    """The kind of the first protocol data unit, and the names in it."""
    row.info = ""
    data = row.data
    message = element(data, at, end, "SNMP message")
    end = min(end, message.stop)
    version = element(data, message.start, end, "SNMP version")
    row.need(version.start, 1, end, "SNMP version")
    at = version.stop
    if data[version.start] == 3:
        for what in ("header", "security parameters"):
            at = element(data, at, end, f"SNMP {what}").stop
        scoped = element(data, at, end, "SNMP scoped data")
        if scoped.tag != SEQUENCE:
            row.info = "encryptedPDU: privKey Unknown"
            return
        at = scoped.start
        for what in ("engine", "context"):
            at = element(data, at, end, f"SNMP {what}").stop
    else:
        at = element(data, at, end, "SNMP community").stop
    _unit(row, at, end)


def _unit(row: Row, at: int, end: int) -> None:
    data = row.data
    unit = element(data, at, end, "SNMP PDU")
    row.info = PDUS.get(unit.tag, f"PDU 0x{unit.tag:02x}")
    at = unit.start
    if unit.tag == _TRAP:
        enterprise = element(data, at, end, "SNMP enterprise")
        row.need(enterprise.start, enterprise.stop - enterprise.start, end, "SNMP enterprise")
        row.info += f" {arcs(data[enterprise.start : enterprise.stop])}"
        for what in ("agent", "trap", "trap", "time"):
            enterprise = element(data, enterprise.stop, end, f"SNMP {what}")
        at = enterprise.stop
    else:
        for what in ("request", "error", "error"):
            at = element(data, at, end, f"SNMP {what}").stop
    bindings = element(data, at, end, "SNMP variable bindings")
    at, end = bindings.start, min(bindings.stop, end)
    for _ in range(_MOST_NAMED):
        if at >= end:
            return
        binding = element(data, at, end, "SNMP variable binding")
        name = element(data, binding.start, end, "SNMP name")
        row.need(name.start, name.stop - name.start, end, "SNMP name")
        row.info += f" {arcs(data[name.start : name.stop])}"
        at = binding.stop
    if at < end:
        row.info += " …"
