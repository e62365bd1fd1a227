# SPDX-License-Identifier: Apache-2.0
"""Frames with one VLAN tag (802.1Q) and with two (802.1ad, "QinQ"), in both directions, with syslog messages in them.

They are written to the device as they are: neither a VLAN device nor its kernel module is needed.
"""

import itertools
import socket

from ringscope.capture.demo.frames import DOT1AD, DOT1Q, Datagram
from ringscope.capture.demo.pace import every
from ringscope.capture.demo.side import Side

_SYSLOG = 514
_PRIORITY_3 = 3 << 13
_TAGS = (
    ((DOT1Q, _PRIORITY_3 | 100),),
    ((DOT1AD, 200), (DOT1Q, 10)),
)
_MESSAGES = (
    "<134>1 - {host} sensor 311 - - temperature=21.5 humidity=40",
    "<134>1 - {host} door 97 - - closed after 4 s",
    "<132>1 - {host} fan 12 - - speed=1180 below 1200",
)


def run(side: Side) -> None:
    """Send a frame of each kind in turn, forever."""
    near = side.role == "near"
    own, other = ("10.77.100.1", "10.77.100.2") if near else ("10.77.100.2", "10.77.100.1")
    messages = itertools.cycle(_MESSAGES)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as channel:
        channel.bind((side.interface, 0))
        for number in every(0.6 if near else 0.4, 0.15):
            text = next(messages).format(host="controller" if near else "sensor-7").encode("ascii")
            datagram = Datagram(side.mac, side.peer_mac, own, other, 40514, _SYSLOG, text)
            channel.send(datagram.frame(_TAGS[number % len(_TAGS)]))
