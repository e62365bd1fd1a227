# SPDX-License-Identifier: Apache-2.0
"""What is said of the interfaces of a network namespace."""

from __future__ import annotations

from ringscope.host.interfaces import default_interface, interface_detail, interfaces, receive_queues
from support.namespaces import Net, in_namespace
from support.recording import RINGSCOPE


@in_namespace
def test_every_interface_is_listed_with_its_state_and_addresses(net: Net) -> None:
    found = {one.name: one for one in interfaces()}
    assert found.keys() == {"lo", "rs0"}
    assert found["lo"].loopback and found["lo"].kind == "loopback"
    assert "127.0.0.1" in found["lo"].addresses
    rs0 = found["rs0"]
    assert (rs0.state, rs0.kind, rs0.driver, rs0.mtu) == ("up", "ethernet", "veth", 1500)
    assert net.ipv4 in rs0.addresses
    net.set_link(False)
    assert next(one for one in interfaces() if one.name == "rs0").state == "down"


@in_namespace
def test_the_default_interface_is_that_of_the_default_route(net: Net) -> None:
    assert default_interface() is None
    net.run(["ip", "route", "add", "default", "via", net.peer_ipv4, "metric", "50"]).check_returncode()
    assert default_interface() == "rs0"
    assert [one.name for one in interfaces() if one.default_route] == ["rs0"]
    listed = net.run([*RINGSCOPE, "interfaces"])
    assert listed.returncode == 0
    assert any(line.startswith("*  rs0 ") for line in listed.stdout.splitlines())


@in_namespace
def test_without_an_ipv4_default_route_the_ipv6_one_counts(net: Net) -> None:
    net.run(["ip", "-6", "route", "add", "default", "dev", "rs0"]).check_returncode()
    assert default_interface() == "rs0"


@in_namespace
def test_an_unknown_interface_has_no_detail(net: Net) -> None:
    assert interface_detail("nowhere0") == ""
    assert interface_detail("rs0") in ("veth", "10 Gb/s")


@in_namespace
def test_the_receive_queues_are_those_of_the_interface_in_this_namespace(net: Net) -> None:
    four = ["ip", "link", "add", "four", "numrxqueues", "4", "type", "veth", "peer", "name", "one"]
    net.run(four).check_returncode()
    assert [receive_queues(name) for name in ("four", "lo", "nowhere0")] == [4, 1, 1]
    assert receive_queues("any") == max(receive_queues(one.name) for one in interfaces()) >= 4
