# SPDX-License-Identifier: Apache-2.0
"""What a key acts on: in the list a packet, in the layers a field, in the bytes those that are lit. No Textual here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ringscope.app.fields import Node
from ringscope.app.flows import flow_expression
from ringscope.app.units import group
from ringscope.decode import Field, Layer, dissect
from ringscope.frozen import frozen
from ringscope.native import Packet

if TYPE_CHECKING:
    from ringscope.app.expression import Expression

FOREIGN = "tshark"
"""Name of the layer that stands above those of tshark."""


@frozen
class Subject:
    """A packet, and what of it: ``node`` is a field or a layer, None for the packet as a whole.

    name: what it is called on the screen. data: its bytes, empty for what is computed.
    """

    name: str
    data: bytes
    node: Node | None
    packet: Packet
    layers: Sequence[Layer]

    def expression(self) -> Expression:
        """The filter expression of the field or the layer; of a whole packet that of its flow."""
        # Not above: the first packets are on the screen before anybody makes a filter of one.
        from ringscope.app.expression import Expression, field_expression, layer_expression

        node, packet = self.node, self.packet
        if node is None:
            flow = flow_expression(self.layers)
            return Expression(flow, "the packet's flow") if flow else Expression("", "this packet has no addresses")
        layers, place, field = self.layers, node.layer, node.field
        if layers[0].name == FOREIGN and node.length:
            layers = dissect(packet.data, packet.link_type, packet.length)
            place, field = _ours(layers, node)
        if field is None:
            return layer_expression(layers, place, packet.data, packet.link_type)
        return field_expression(layers, place, field, packet.data, packet.link_type)


def _ours(layers: Sequence[Layer], node: Node) -> tuple[int, Field | None]:
    """Where what tshark names lies in our own layers, and what we call it."""
    where = (node.start, node.length, node.bits)
    around = 0
    for place, layer in enumerate(layers):
        if layer.start <= node.start:
            around = place
        for field in layer.fields if node.field is not None else ():
            if (field.start, field.length, field.bits) == where and field.value is not None:
                return place, field
    return around, node.field


def of_packet(packet: Packet, layers: Sequence[Layer]) -> Subject:
    """The whole packet."""
    return Subject(f"packet {group(packet.number)}", packet.data, None, packet, layers)


def of_node(node: Node, packet: Packet, layers: Sequence[Layer]) -> Subject:
    """A field or a layer."""
    data = packet.data[node.start : node.start + node.length]
    return Subject(node.name, data, node, packet, layers)


def of_bytes(lit: range, node: Node | None, packet: Packet, layers: Sequence[Layer]) -> Subject:
    """Bytes that are lit; ``node`` is the field they belong to."""
    if node is not None and (lit.start, len(lit)) == (node.start, node.length):
        return of_node(node, packet, layers)
    name = f"byte {lit.start}" if len(lit) == 1 else f"bytes {lit.start}-{lit.stop - 1}"
    return Subject(name, packet.data[lit.start : lit.stop], node, packet, layers)
