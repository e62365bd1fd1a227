# SPDX-License-Identifier: Apache-2.0
"""What the protocols of this namespace lost, behind the tap: captured, and yet not delivered (proc(5), /proc/net/snmp).

And what can be told of netfilter without a privilege, which is little.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ringscope.frozen import frozen
from ringscope.host.unread import Unread, because

_NETFILTER: Final = Unread(
    "packets that rules of netfilter drop", "rules count only for who has CAP_NET_ADMIN: nft list ruleset"
)


@frozen
class Protocols:
    """Totals of the namespace. ``udp_*``: no room in a socket's buffer, other errors, wrong checksum, nobody listens;
    IPv4 and IPv6 together (each counts its own). ``ip_discards`` are packets of IPv4 thrown away though nothing was
    wrong with them. ``conntrack_drops`` are packets that connection tracking threw away, None where it is not
    there."""

    udp_buffer_errors: int
    udp_errors: int
    udp_checksum_errors: int
    udp_no_ports: int
    ip_discards: int
    conntrack_drops: int | None


def table(text: str) -> dict[str, int]:
    """The pairs of lines of /proc/net/snmp: ``Udp: InDatagrams ...`` and their values, by ``UdpInDatagrams``."""
    found, lines = {}, text.splitlines()
    for names, values in zip(lines[::2], lines[1::2], strict=False):
        group, *keys = names.split()
        for key, value in zip(keys, values.split()[1:], strict=False):
            found[group.rstrip(":") + key] = int(value)
    return found


def table6(text: str) -> dict[str, int]:
    """The lines of /proc/net/snmp6, a name and a value each."""
    rows = (line.split() for line in text.splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].lstrip("-").isdecimal()}


def conntrack_drops(text: str) -> int | None:
    """``drop`` of /proc/net/stat/nf_conntrack, summed over all CPUs; a row is in hexadecimal."""
    lines = [line.split() for line in text.splitlines()]
    if not lines or "drop" not in lines[0]:
        return None
    column = lines[0].index("drop")
    return sum(int(row[column], 16) for row in lines[1:] if len(row) > column)


def read_protocols() -> tuple[Protocols | None, tuple[Unread, ...]]:
    """Never raises."""
    try:
        found = table(Path("/proc/net/snmp").read_text())
    except OSError as error:
        return None, (because("losses of IP and UDP", error), _NETFILTER)
    found6 = table6(_text("/proc/net/snmp6"))

    def both(name: str) -> int:
        return found.get(f"Udp{name}", 0) + found6.get(f"Udp6{name}", 0)

    protocols = Protocols(
        udp_buffer_errors=both("RcvbufErrors"),
        udp_errors=both("InErrors"),
        udp_checksum_errors=both("InCsumErrors"),
        udp_no_ports=both("NoPorts"),
        ip_discards=found.get("IpInDiscards", 0),
        conntrack_drops=conntrack_drops(_text("/proc/net/stat/nf_conntrack")),
    )
    return protocols, (_NETFILTER,)


def _text(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""
