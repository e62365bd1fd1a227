# SPDX-License-Identifier: Apache-2.0
"""The flow of a packet as a filter expression, so that a view finds all of it. No Textual here."""

from __future__ import annotations

from collections.abc import Sequence

from ringscope.decode import Layer

_PORTS = ("tcp", "udp", "sctp")


def flow_expression(layers: Sequence[Layer]) -> str | None:
    """What matches the packets of the same flow, both ways, as seen by its outermost addresses; None without any.

    With ports where the transport header follows that of IP at once: filters do not look behind IPv6 extensions.
    """
    tags, address = "", -1
    for index, layer in enumerate(layers):
        if layer.name == "vlan":
            tags += "vlan and "
        if layer.name in ("ip", "ipv6", "arp"):
            address = index
            break
    if address < 0:
        return _link_flow(layers)
    layer = layers[address]
    if layer.name == "arp":
        source, destination = _value(layer, "Sender IP"), _value(layer, "Target IP")
        flow = f"arp and host {source} and host {destination}"
    else:
        source, destination = _value(layer, "Source"), _value(layer, "Destination")
        flow = f"host {source} and host {destination}"
    if not source or not destination:
        return _link_flow(layers)
    above = layers[address + 1] if address + 1 < len(layers) else None
    if above is not None and above.name in _PORTS:
        ports = _value(above, "Source port"), _value(above, "Destination port")
        if all(port.isdecimal() for port in ports):
            flow = f"{above.name} and ({_way(source, ports[0], destination, ports[1])}" \
                   f" or {_way(destination, ports[1], source, ports[0])})"  # fmt: skip
    return f"{tags}({flow})" if tags else flow


def finding_expressions(layers: Sequence[Layer]) -> list[str]:
    """What finds a flow, the narrowest first: each passes all that those before it do. Not every header in front of
    that of IP can be looked behind, so only the last, which passes everything, is sure to pass the flow's packets.
    """
    found = [flow_expression(layers), _link_flow(layers)]
    return [*dict.fromkeys(expression for expression in found if expression), ""]


def _way(source: str, source_port: str, destination: str, port: str) -> str:
    return f"(src host {source} and src port {source_port} and dst host {destination} and dst port {port})"


def _link_flow(layers: Sequence[Layer]) -> str | None:
    for layer in layers:
        if layer.name == "eth":
            ends = _value(layer, "Source"), _value(layer, "Destination")
            return f"ether host {ends[0]} and ether host {ends[1]}" if all(ends) else None
    return None


def _value(layer: Layer, name: str) -> str:
    """The first word of a field: behind an address there may be a name."""
    found = next((field.display for field in layer.fields if field.name == name), "")
    return found.split()[0] if found else ""
