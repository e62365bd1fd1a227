# SPDX-License-Identifier: Apache-2.0
"""Host names in expressions: which word is one, what comes in its place, and how long that is believed."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from ringscope.filter import Compiler, FilterError, Program, UnresolvedName, names

TABLE = {
    "one.example": ["192.0.2.1"],
    "two.example": ["192.0.2.1", "192.0.2.2"],
    "both.example": ["192.0.2.3", "2001:db8::3"],
    "six.example": ["2001:db8::6"],
    "domain": ["192.0.2.53"],
    "tcp": ["192.0.2.6"],
    "a-b.c_d": ["192.0.2.9"],
}


class Addresses:
    """A name service that counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.table = dict(TABLE)

    def __call__(self, name: str) -> list[str]:
        self.asked.append(name)
        if name not in self.table:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return self.table[name]


@pytest.fixture
def service() -> Addresses:
    return Addresses()


@pytest.fixture
def compiler(service: Addresses) -> Iterator[Compiler]:
    with Compiler(addresses=service) as one:
        yield one


def compiled(compiler: Compiler, expression: str, link_type: int = 1) -> Program:
    return compiler.compile(expression, link_type=link_type, snaplen=96, timeout=10)


def message(compiler: Compiler, expression: str) -> str:
    with pytest.raises(FilterError) as caught:
        compiled(compiler, expression)
    return str(caught.value)


@pytest.mark.parametrize(
    ("with_names", "with_addresses"),
    [
        ("host one.example", "host 192.0.2.1"),
        ("host two.example", "host 192.0.2.1 or host 192.0.2.2"),
        ("host both.example", "host 192.0.2.3 or host 2001:db8::3"),
        ("src two.example", "src 192.0.2.1 or src 192.0.2.2"),
        ("dst host one.example and port 80", "dst host 192.0.2.1 and port 80"),
        ("src or dst host one.example", "src or dst host 192.0.2.1"),
        ("port 80 and host (one.example or two.example)", "port 80 and host (192.0.2.1 or (192.0.2.1 or 192.0.2.2))"),
        ("host two.example or 10.0.0.1", "host (192.0.2.1 or 192.0.2.2) or 10.0.0.1"),
        ("host 10.0.0.1 or two.example", "host 10.0.0.1 or (192.0.2.1 or 192.0.2.2)"),
        ("host not two.example", "host not (192.0.2.1 or 192.0.2.2)"),
        ("not host two.example and udp", "not host (192.0.2.1 or 192.0.2.2) and udp"),
        ("not host both.example", "not (host 192.0.2.3 or host 2001:db8::3)"),
        ("ip host both.example", "ip host 192.0.2.3"),
        ("ip6 host both.example", "ip6 host 2001:db8::3"),
        ("arp host both.example", "arp host 192.0.2.3"),
        ("ip host both.example or ip6 host both.example", "ip host 192.0.2.3 or ip6 host 2001:db8::3"),
        ("host one.example\nand\ttcp", "host 192.0.2.1 and tcp"),
        ("(host one.example)and(tcp)", "(host 192.0.2.1)and(tcp)"),
        ("host one.example&&tcp||!host six.example", "host 192.0.2.1&&tcp||!host 2001:db8::6"),
        ("host a-b.c_d", "host 192.0.2.9"),
        ("host \\tcp and tcp", "host 192.0.2.6 and tcp"),
        ("tcp and not host \\tcp", "tcp and not host 192.0.2.6"),
    ],
)
def test_a_name_means_any_of_its_addresses(compiler: Compiler, with_names: str, with_addresses: str) -> None:
    program = compiled(compiler, with_names)
    assert program.code == compiled(compiler, with_addresses).code
    assert program.expression == with_names


@pytest.mark.parametrize("link_type", [1, 101, 276])
def test_names_are_resolved_for_every_link_type(compiler: Compiler, link_type: int) -> None:
    program = compiled(compiler, "host two.example", link_type)
    assert program.code == compiled(compiler, "host (192.0.2.1 or 192.0.2.2)", link_type).code


def test_a_program_says_which_addresses_it_was_made_with(compiler: Compiler) -> None:
    program = compiled(compiler, "ip host both.example or host two.example or ip6 host both.example")
    assert program.resolved == (
        ("both.example", ("192.0.2.3", "2001:db8::3")),
        ("two.example", ("192.0.2.1", "192.0.2.2")),
    )
    assert compiled(compiler, "ip host both.example").resolved == (("both.example", ("192.0.2.3",)),)
    assert compiled(compiler, "host 192.0.2.1").resolved == ()


@pytest.mark.parametrize("expression", ["port domain and host domain", "host domain and port domain"])
def test_only_the_word_that_is_a_host_is_replaced(compiler: Compiler, expression: str) -> None:
    assert (
        compiled(compiler, expression).code
        == compiled(compiler, expression.replace("host domain", "host 192.0.2.53")).code
    )


def test_a_name_inside_another_is_left_alone(compiler: Compiler, service: Addresses) -> None:
    service.table["example"] = ["192.0.2.77"]
    program = compiled(compiler, "host one.example or host example")
    assert program.code == compiled(compiler, "host 192.0.2.1 or host 192.0.2.77").code


def test_occurrences_are_words_of_their_own() -> None:
    text = "host a or (a)and!a or a.b or b.a or a-b or a_b or \\a or \\ab or xa or a"
    places = names.occurrences(text, "a")
    assert [text[max(0, first - 1) : last + 1] for first, last in places] == [" a ", "(a)", "!a ", " \\a ", " a"]


def test_ports_and_protocols_by_name_need_no_looking_up(compiler: Compiler, service: Addresses) -> None:
    assert compiled(compiler, "port https").code == compiled(compiler, "port 443").code
    assert compiled(compiler, "ip proto \\icmp").code == compiled(compiler, "ip proto 1").code
    assert compiled(compiler, "proto ospf").code == compiled(compiler, "proto 89").code
    assert service.asked == []


def test_an_unknown_name_is_said_with_the_cure(compiler: Compiler) -> None:
    expected = "unknown host 'none.example' (there is no address of that name; check it, or use an address)"
    assert message(compiler, "host one.example or host none.example") == expected


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        (
            "ip6 host one.example",
            "the host 'one.example' has no IPv6 address, and only such an address can stand there",
        ),
        ("ip host six.example", "the host 'six.example' has no IPv4 address, and only such an address can stand there"),
        (
            "arp host six.example",
            "the host 'six.example' has no IPv4 address, and only such an address can stand there",
        ),
    ],
)
def test_a_name_without_the_wanted_kind_of_address_is_an_error(compiler: Compiler, expression: str, said: str) -> None:
    assert message(compiler, expression) == said


def test_an_address_of_the_wrong_kind_is_not_blamed_on_a_name(compiler: Compiler) -> None:
    assert "'ip6' modifier" in message(compiler, "host one.example or ip6 host 192.0.2.1")
    assert "'ip' modifier" in message(compiler, "ip host both.example or ip host 2001:db8::1")


def test_what_else_is_wrong_is_said_in_libpcaps_words(compiler: Compiler) -> None:
    assert "syntax error" in message(compiler, "host one.example and and tcp")
    assert "modifier" in message(compiler, "tcp host one.example")
    assert "unknown port 'none'" in message(compiler, "host one.example and port none")


def test_addresses_beyond_all_measure_are_refused(compiler: Compiler, service: Addresses) -> None:
    service.table["crowd.example"] = [f"2001:db8::{number:x}" for number in range(20000)]
    assert "at most 65536 are taken" in message(compiler, "host crowd.example")


def test_names_of_networks_and_stations_get_an_advice(compiler: Compiler, service: Addresses) -> None:
    assert message(compiler, "net nosuch").endswith(
        "(only names of /etc/networks are known; use an address such as 192.0.2.0/24)"
    )
    assert message(compiler, "ether host nosuch").endswith(
        "(only names of /etc/ethers are known; use an address such as 02:00:5e:10:00:00)"
    )
    assert service.asked == []


def test_the_same_name_is_asked_for_once(compiler: Compiler, service: Addresses) -> None:
    compiled(compiler, "src host one.example or dst host one.example")
    compiled(compiler, "host one.example and tcp")
    assert service.asked == ["one.example"]


def test_a_program_with_names_is_remembered_for_a_minute_only(
    compiler: Compiler, service: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, plain = compiled(compiler, "host one.example"), compiled(compiler, "host 192.0.2.1")
    assert compiled(compiler, "host one.example") is first
    service.table["one.example"] = ["192.0.2.99"]
    now = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: now() + 61)
    later = compiled(compiler, "host one.example")
    assert later.resolved == (("one.example", ("192.0.2.99",)),)
    assert compiled(compiler, "host one.example") is later
    assert compiled(compiler, "host 192.0.2.1") is plain


def test_while_typing_nothing_is_sent(compiler: Compiler, service: Addresses) -> None:
    def typed(expression: str) -> Program:
        return compiler.compile(expression, link_type=1, snaplen=96, look_up=False)

    with pytest.raises(UnresolvedName) as caught:
        typed("ip6 host one.example or src none.example")
    assert caught.value.names == ("one.example", "none.example")
    assert str(caught.value) == "not looked up yet: one.example, none.example"
    with pytest.raises(FilterError, match="syntax error"):
        typed("host one.example and and")
    assert typed("host 192.0.2.1").instructions > 1
    assert service.asked == []
    known = compiled(compiler, "host one.example")
    assert typed("host one.example") is known


def test_a_name_service_that_hangs_does_not_hold_up_others() -> None:
    allowed = threading.Event()

    def hangs(name: str) -> list[str]:
        allowed.wait(30)
        return ["192.0.2.1"]

    with Compiler(addresses=hangs) as compiler:
        compiler.start()
        said: list[str] = []
        waiting = threading.Thread(target=lambda: said.append(message(compiler, "host one.example")))
        waiting.start()
        for port in range(1, 20):
            assert compiled(compiler, f"port {port}").instructions > 1
        assert waiting.is_alive()
        with pytest.raises(FilterError, match="no name server has answered in time"):
            compiler.compile("host two.example", link_type=1, snaplen=96, timeout=0.05)
        compiler.close()
        waiting.join(10)
        assert said == ["the filter compiler is closed"]
        allowed.set()


def test_the_systems_resolver_is_used_outside_the_child() -> None:
    with Compiler() as compiler:
        program = compiled(compiler, "ip host localhost")
        assert program.resolved[0][0] == "localhost"
        assert "127.0.0.1" in program.resolved[0][1]
