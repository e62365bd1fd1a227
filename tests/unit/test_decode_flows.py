# SPDX-License-Identifier: Apache-2.0
"""What a packet is called because of the packets of its flow before it."""

from __future__ import annotations

from ringscope.decode import Memory, dissect, protocols, summarize
from support.packets import client_hello, ethernet, ipv4, tcp, tls_record

FILLING = {"data", "padding"}


class Conversation:
    """One flow; rows and layers each have a memory of their own."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.rows, self.layers = Memory(), Memory()

    def say(self, payload: bytes, *, server: bool = False) -> tuple[str, str, str]:
        """What a segment is called: its protocols, and its row's protocol and info."""
        ports, ends = (40000, self.port), ("10.0.0.1", "10.0.0.2")
        if server:
            ports, ends = ports[::-1], ends[::-1]
        data = ethernet(ipv4(tcp(payload, ports=ports), 6, source=ends[0], destination=ends[1]))
        row = summarize(data, 1, len(data), self.rows)
        names = ":".join(protocols(data, 1, len(data), self.rows))
        layers = dissect(data, 1, len(data), self.layers)
        assert ":".join(layer.name for layer in layers if layer.name not in FILLING) == names
        return names, row.protocol, row.info


def test_what_a_proxy_lets_through_stands_inside_its_protocol() -> None:
    flow = Conversation(3128)
    request = b"CONNECT example.org:443 HTTP/1.1\r\n\r\n"
    granted = b"HTTP/1.1 200 Connection established\r\n\r\n"
    assert flow.say(request) == ("eth:ip:tcp:http", "HTTP", "CONNECT example.org:443 HTTP/1.1")
    assert flow.say(granted, server=True)[0] == "eth:ip:tcp:http"
    hello = ("eth:ip:tcp:http:tls", "TLSv1.3", "Client Hello (SNI=example.org)")
    assert flow.say(client_hello()) == hello
    assert flow.say(b"\xee" * 99, server=True)[0] == "eth:ip:tcp:http:tls"
    assert flow.say(request)[0] == "eth:ip:tcp:http", "a packet that is looked at again is what it was"
    assert flow.say(b"\xee" * 99)[0] == "eth:ip:tcp:http:tls"


def test_a_proxy_that_refuses_lets_nothing_through() -> None:
    flow = Conversation(3128)
    flow.say(b"CONNECT example.org:443 HTTP/1.1\r\n\r\n")
    assert flow.say(b"HTTP/1.1 403 Forbidden\r\n\r\n", server=True)[2] == "HTTP/1.1 403 Forbidden"
    assert flow.say(b"\xee" * 99) == ("eth:ip:tcp:http", "HTTP", "Continuation")


def test_the_body_of_a_response_on_any_port_is_a_continuation() -> None:
    flow = Conversation(9999)
    assert flow.say(b"\x89PNG" * 9)[0] == "eth:ip:tcp"
    flow.say(b"GET / HTTP/1.1\r\n\r\n")
    assert flow.say(b"\x89PNG" * 9, server=True) == ("eth:ip:tcp:http", "HTTP", "Continuation")


def test_records_have_the_version_that_the_server_chose() -> None:
    flow = Conversation(9999)
    record = tls_record(23, b"x" * 40, 0x0303)
    assert flow.say(record)[1] == "TLSv1.2"
    body = b"\3\3" + bytes(32) + b"\0\x13\1\0" + b"\0\6\0\x2b\0\2\3\4"
    flow.say(tls_record(22, b"\2" + len(body).to_bytes(3, "big") + body, 0x0303), server=True)
    assert flow.say(record)[1] == flow.say(b"\xee" * 99)[1] == "TLSv1.3"


def test_encrypted_packets_of_ssh_have_the_version_of_its_banner_and_the_side_that_began() -> None:
    flow = Conversation(9999)
    flow.say(b"SSH-2.0-a\r\n")
    assert flow.say(b"\xee" * 36, server=True) == ("eth:ip:tcp:ssh", "SSHv2", "Server: Encrypted packet (len=36)")
