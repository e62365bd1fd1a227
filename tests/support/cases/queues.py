# SPDX-License-Identifier: Apache-2.0
"""MQTT, AMQP and Kafka."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, tcp

_TITLES = {"mqtt": "MQTT", "amqp": "AMQP", "kafka": "Kafka"}
_SERVERS = {"mqtt": 1883, "amqp": 5672, "kafka": 9092}


def _case(protocol: str, name: str, data: bytes, info: str, *fields: tuple[str, str], port: int = 0) -> Case:
    frame = ethernet(ipv4(tcp(data, ports=(40000, port or _SERVERS[protocol])), 6))
    return Case(f"{protocol}, {name}", frame, f"eth:ip:tcp:{protocol}", _TITLES[protocol], info, fields)


def short(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def frame(kind: int, payload: bytes, channel: int = 1) -> bytes:
    return pack(">BHI", kind, channel, len(payload)) + payload + b"\xce"


def method(group: int, number: int, arguments: bytes = b"") -> bytes:
    return frame(1, pack(">HH", group, number) + arguments)


def request(kind: int, version: int, body: bytes = b"") -> bytes:
    header = pack(">HHIh", kind, version, 7, 3) + b"cli"
    return pack(">I", len(header) + len(body)) + header + body


CASES = [
    _case(
        "mqtt",
        "connect on any port",
        b"\x10\x0f\0\4MQTT\4\2\0\x3c\0\3abc",
        "Connect Command",
        ("mqtt.Protocol", "MQTT"),
        ("mqtt.Version", "4"),
        ("mqtt.Keep alive", "60 s"),
        ("mqtt.Clean", "set"),
        port=9999,
    ),
    _case(
        "mqtt",
        "publish and ping",
        b"\x32\x09\0\3a/b\0\1hi\xc0\0",
        "Publish Message (id=1) [a/b], Ping Request",
        ("mqtt.Topic", "a/b"),
        ("mqtt.Packet number", "1"),
        ("mqtt.Quality", "1"),
        ("mqtt.Message", "2 bytes"),
    ),
    _case("mqtt", "no number", b"\x31\x07\0\3a/bhi", "Publish Message [a/b]", ("mqtt.Retain", "set")),
    _case("mqtt", "acknowledged", b"\x40\2\0\1", "Publish Ack (id=1)"),
    _case("mqtt", "subscribe", b"\x82\x08\0\2\0\3a/b\0", "Subscribe Request (id=2) [a/b]"),
    _case("mqtt", "subscribe, version 5", b"\x82\x09\0\2\0\0\3a/b\0", "Subscribe Request (id=2) [a/b]"),
    _case(
        "mqtt",
        "a long message",
        b"\x30\xe8\x07\0\3a/b" + bytes(90),
        "Publish Message [a/b] [continues]",
        ("mqtt.Length", "1000"),
    ),
    Case(
        "mqtt, flags that are none",
        ethernet(ipv4(tcp(b"\xc5\0", ports=(40000, 1883)), 6)),
        "eth:ip:tcp",
        "TCP",
        "40000 → 1883 [PSH, ACK] Seq=1000 Ack=2000 Win=512 Len=2",
    ),
    _case("amqp", "beginning", b"AMQP\0\0\x09\1", "Protocol-Header 0-9-1", ("amqp.Revision", "1"), port=9999),
    _case(
        "amqp",
        "open",
        method(10, 40, short("/") + b"\0\0"),
        "Connection.Open vhost=/",
        ("amqp.Class", "10 (Connection)"),
    ),
    _case(
        "amqp",
        "publish",
        method(60, 40, b"\0\0" + short("default") + short("tasks.#") + b"\0")
        + frame(2, bytes(14))
        + frame(3, b"hello"),
        "Basic.Publish x=default rk=tasks.# Content-Header Content-Body",
        ("amqp.Method", "40 (Publish)"),
        ("amqp.Data", "5 bytes"),
        ("amqp.Frame end", "0xce"),
    ),
    _case(
        "amqp",
        "refused",
        method(20, 40, pack(">H", 404) + short("NOT_FOUND") + pack(">HH", 50, 20)),
        "Channel.Close reply=NOT_FOUND",
    ),
    _case(
        "amqp",
        "bound",
        method(50, 20, b"\0\0" + short("q") + short("x") + short("") + bytes(5)),
        "Queue.Bind q=q x=x bk=",
    ),
    _case("amqp", "alive", frame(8, b"", 0), "Heartbeat"),
    _case(
        "amqp", "a body that goes on", frame(3, bytes(900))[:100], "Content-Body [continues]", ("amqp.Data", "93 bytes")
    ),
    Case(
        "amqp, a frame without its end",
        ethernet(ipv4(tcp(pack(">BHI", 8, 0, 0) + b"\0", ports=(40000, 5672)), 6)),
        "eth:ip:tcp",
        "TCP",
        "40000 → 5672 [PSH, ACK] Seq=1000 Ack=2000 Win=512 Len=8",
    ),
    _case(
        "kafka",
        "metadata",
        request(3, 2, bytes(4)) + request(18, 3),
        "Kafka Metadata v2 Request",
        ("kafka.Kind", "3 (Metadata)"),
        ("kafka.Client", "cli"),
        ("kafka.Body", "4 bytes"),
        ("kafka.Further requests", "17 bytes"),
    ),
    _case("kafka", "produced elsewhere", request(0, 7, bytes(900))[:100], "Kafka Produce v7 Request [continues]"),
]
