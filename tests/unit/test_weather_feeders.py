# SPDX-License-Identifier: Apache-2.0
"""Flows of a sample: both directions in one, tags and all, and whatever bytes there are."""

from __future__ import annotations

from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from ringscope.filter import Compiler
from ringscope.native import Packet
from ringscope.weather.feeders import Flow, feeders, flow_of

_ETHERNET, _RAW, _SLL2 = 1, 101, 276
_V4 = bytes.fromhex("4500002800010000401100000a0000010a000002")
_PORTS = bytes.fromhex("232882350008000000")
_FLOW = Flow("udp", "10.0.0.1", 9000, "10.0.0.2", 33333)


def _packet(data: bytes, *, length: int = 100, queue: int = 0, link_type: int = _ETHERNET) -> Packet:
    fixed = {"clock": "software", "checksum_ready": True, "segments": False, "rechecked": False, "after_loss": False}
    return Packet(
        number=1,
        time_ns=0,
        length=length,
        captured=len(data),
        queue=queue,
        epoch=1,
        ifindex=2,
        link_type=link_type,
        packet_type=0,
        data=data,
        **fixed,  # type: ignore[arg-type]
    )


def _ethernet(kind: str, payload: bytes) -> bytes:
    return bytes(12) + bytes.fromhex(kind) + payload


def test_a_flow_is_found_whatever_is_before_it() -> None:
    datagram = _V4 + _PORTS
    assert flow_of(_ethernet("0800", datagram), _ETHERNET) == _FLOW
    assert flow_of(_ethernet("8100 0005 0800", datagram), _ETHERNET) == _FLOW
    assert flow_of(_ethernet("88a8 0005 8100 0007 0800", datagram), _ETHERNET) == _FLOW
    assert flow_of(bytes.fromhex("0800") + bytes(18) + datagram, _SLL2) == _FLOW
    assert flow_of(datagram, _RAW) == _FLOW
    assert flow_of(_ethernet("0806", bytes(28)), _ETHERNET) is None


def test_both_directions_are_one_flow() -> None:
    back = _V4[:12] + _V4[16:20] + _V4[12:16] + _PORTS[2:4] + _PORTS[:2]
    assert flow_of(back, _RAW) == _FLOW


def test_a_fragment_has_no_ports_and_ipv6_has_them() -> None:
    fragment = _V4[:6] + b"\x00\x10" + _V4[8:] + _PORTS
    assert flow_of(fragment, _RAW) == Flow("udp", "10.0.0.1", None, "10.0.0.2", None)
    six = bytes.fromhex("6000000000080640") + bytes(15) + b"\1" + bytes(15) + b"\2" + _PORTS
    assert flow_of(six, _RAW) == Flow("tcp", "::1", 9000, "::2", 33333)


def test_shares_are_of_all_packets_of_the_queue() -> None:
    data = _ethernet("0800", _V4 + _PORTS)
    sample = [_packet(data, length=300)] * 3 + [_packet(_ethernet("0806", bytes(28)), length=100)]
    sample += [_packet(data, queue=1)] * 50
    (only,) = feeders(sample, queue=0)
    assert (only.flow, only.packets, only.bytes) == (_FLOW, 0.75, 0.9)
    assert feeders([]) == ()


def test_the_filter_that_names_a_flow_is_understood() -> None:
    flows = [_FLOW, Flow("47", "10.0.0.1", None, "10.0.0.2", None), Flow("58", "::1", None, "::2", None)]
    flows += [Flow("udp", "10.0.0.1", None, "10.0.0.2", None), Flow("sctp", "::1", 1, "::2", 2)]
    with Compiler() as compiler:
        for flow in flows:
            assert compiler.compile(f"not ({flow.expression})", link_type=1, snaplen=96, timeout=20).code


@given(st.binary(max_size=120), st.sampled_from([_ETHERNET, _RAW, _SLL2, 9999]))
def test_any_bytes_are_of_some_flow_or_of_none(data: bytes, link_type: int) -> None:
    flow = flow_of(data, link_type)
    assert flow is None or ip_address(flow.address).packed <= ip_address(flow.other_address).packed
