# SPDX-License-Identifier: Apache-2.0
"""The flow of a packet as an expression: it compiles, and passes the packet, the answer, and no other."""

from __future__ import annotations

from ringscope.app.flows import finding_expressions, flow_expression
from ringscope.decode import dissect
from ringscope.filter import Compiler
from support.fake_session import arp, dns6, ipv4, tcp, udp


def _flow(data: bytes) -> str | None:
    return flow_expression(dissect(data, 1, len(data)))


def _tagged(data: bytes, *tags: int) -> bytes:
    return data[:12] + b"".join(b"\x81\x00" + tag.to_bytes(2, "big") for tag in tags) + data[12:]


def test_a_connection_is_its_addresses_and_ports_both_ways() -> None:
    assert _flow(tcp(1)) == (
        "tcp and ((src host 10.0.3.1 and src port 40001 and dst host 10.1.0.27 and dst port 443)"
        " or (src host 10.1.0.27 and src port 443 and dst host 10.0.3.1 and dst port 40001))"
    )


def test_other_protocols_have_the_flow_of_their_addresses() -> None:
    assert _flow(ipv4(1, b"\x08\x00" + bytes(6), 1)) == "host 10.0.3.1 and host 10.1.0.27"
    assert _flow(arp(8)) == "arp and host 10.0.3.209 and host 10.1.0.8"
    spanning = b"\x01\x80\xc2\0\0\0" + b"\2\xfc\0\0\0\1" + b"\x88\xcc" + bytes(20)
    assert _flow(spanning) == "ether host 02:fc:00:00:00:01 and ether host 01:80:c2:00:00:00"


def test_tags_are_looked_behind() -> None:
    plain = _flow(tcp(1))
    assert _flow(_tagged(tcp(1), 5)) == f"vlan and ({plain})"
    assert _flow(_tagged(tcp(1), 5, 6)) == f"vlan and vlan and ({plain})"


def test_what_has_no_addresses_has_no_flow() -> None:
    assert _flow(b"") is None and _flow(b"\xff" * 7) is None


def test_every_flow_compiles() -> None:
    with Compiler() as compiler:
        for data in (tcp(1), udp(4), dns6(6), arp(8), _tagged(dns6(6), 5, 6)):
            expression = _flow(data)
            assert expression is not None
            assert compiler.compile(expression, link_type=1, snaplen=262144, live=False, timeout=10).instructions > 3


def test_what_finds_a_flow_goes_from_narrow_to_all() -> None:
    layers = dissect(tcp(1), 1, len(tcp(1)))
    link = "ether host 02:fc:00:00:00:02 and ether host 02:fc:00:00:00:01"
    assert finding_expressions(layers) == [flow_expression(layers), link, ""]
    assert finding_expressions(()) == [""]
