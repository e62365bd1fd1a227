# SPDX-License-Identifier: Apache-2.0
"""One registry: a protocol is a module that says of itself what announces it, and rows and layers follow it alike."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

from ringscope.decode import Field, Memory, dissect, protocols, summarize
from ringscope.decode import registry as tables
from ringscope.decode.awaited import await_module
from ringscope.decode.memory import Flow
from ringscope.decode.protocols import FOUND, announced, import_all
from ringscope.decode.registry import TCP, UDP, Protocol, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from support.fields import agrees
from support.packets import client_hello, dns_response, ethernet, ipv4, samples, tcp, udp

FILLING = {"data", "padding"}
SOURCE = re.compile(
    r"RFC|IEEE|draft|LINKTYPE|linux/|bsd/|\.org|Cisco|cisco|ASHRAE|ANSI|ITU|ISO|Novell|Ethernet|IANA|specif"
)


FOLDER = Path(announced.__file__).parent
MODULES = sorted(module.name for module in walk_packages([str(FOLDER)], "ringscope.decode.protocols."))
TABLES = (tables.PROTOCOLS, tables.LINKS, tables.ETHERTYPES, TCP.ports, UDP.ports)


@pytest.fixture
def registry() -> Iterator[None]:
    """What a test registers is forgotten after it."""
    numbers = [dict(table) for table in TABLES]
    strong = [[list(tests) for tests in carrier.strong] for carrier in (TCP, UDP)]
    yield
    for table, before in zip(TABLES, numbers, strict=True):
        table.clear()
        table.update(before)
    for carrier, tests in zip((TCP, UDP), strong, strict=True):
        carrier.strong[:] = tests


def made(data: bytes, memory: Memory | None = None) -> tuple[str, ...]:
    """The protocols that the layers name."""
    return tuple(layer.name for layer in dissect(data, 1, len(data), memory) if layer.name not in FILLING)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_decodes_and_where_that_is_written(name: str) -> None:
    module = import_module(name)
    assert module.__doc__
    if any(isinstance(value, Protocol) and value.name for value in vars(module).values()):
        package = sys.modules[name.rpartition(".")[0]]
        assert SOURCE.search(f"{module.__doc__} {package.__doc__}"), f"{name} names no RFC or other source"


def test_modules_are_found_without_being_named() -> None:
    assert "tunnel.vxlan" in FOUND


def test_what_is_written_down_of_the_modules_is_what_they_announce() -> None:
    """If not: python tests/support/announced.py > tui/ringscope/decode/protocols/announced.py"""
    script = Path(__file__).parents[1] / "support" / "announced.py"
    told = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert told.stdout == Path(announced.__file__).read_text()


_DECODE = """
import sys
from ringscope.decode import Memory, dissect, summarize
from ringscope.decode.protocols import import_all
if sys.argv[1] == "before":
    import_all()
rows, trees = Memory(), Memory()
for line in sys.stdin:
    data = bytes.fromhex(line)
    print(summarize(data, 1, len(data)), summarize(data, 1, len(data), rows), dissect(data, 1, len(data), trees))
"""


def test_a_packet_is_decoded_alike_whether_its_protocols_were_imported_before_or_by_it() -> None:
    packets = "\n".join(data.hex() for data in samples().values())
    told = [
        subprocess.run([sys.executable, "-c", _DECODE, when], input=packets, capture_output=True, text=True, check=True)
        for when in ("before", "by it")
    ]
    assert told[0].stdout.splitlines() == told[1].stdout.splitlines()
    assert told[0].stdout.count("\n") == len(samples())


def test_once_all_is_imported_nothing_is_awaited_any_more() -> None:
    import_all()
    assert not tables.AWAITED
    assert not any(carrier.awaited for carrier in (TCP, UDP))


@pytest.mark.usefixtures("registry")
def test_the_module_of_a_protocol_is_imported_by_the_first_packet_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "late_protocol.py").write_text(
        "from ringscope.decode.registry import TCP, UDP, protocol\n"
        "LATE = protocol('late', 'LATE', udp=(9001,))\n"
        "@LATE.magic(UDP, first=b'L')\n"
        "def magic(data, at, stop):\n"
        "    return data.startswith(b'LATE', at, stop)\n"
        "@LATE.row\n"
        "def row(row, at, end):\n"
        "    row.info = 'here'\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    await_module(
        "late_protocol",
        [("late", "LATE", "", {"udp": (9001,)}, "late_protocol", "", (("udp", ((76, 76),), False, "late_protocol"),))],
    )
    other, port, told = (ethernet(ipv4(udp(payload, ports=(40000, to)), 17)) for payload, to in
                         ((b"Lack", 9999), (b"what", 9001), (b"LATE", 9999)))  # fmt: skip
    assert protocols(samples()["arp"], 1, 42)[-1] == "arp"
    assert "late_protocol" not in sys.modules
    assert protocols(other, 1, len(other))[-1] == "udp"
    assert "late_protocol" in sys.modules
    for data in (port, told):
        assert protocols(data, 1, len(data))[-1] == "late"
        assert summarize(data, 1, len(data)).info == "here"
        assert dissect(data, 1, len(data))[-2].title == "LATE  here"
    del sys.modules["late_protocol"]


@pytest.mark.parametrize("name", sorted(samples()))
def test_rows_and_layers_name_the_same_protocols(name: str) -> None:
    data = samples()[name]
    assert protocols(data, 1, len(data)) == made(data)


@pytest.mark.usefixtures("registry")
def test_two_protocols_cannot_claim_one_number() -> None:
    with pytest.raises(ValueError, match="other and vxlan both claim 4789"):
        protocol("other", "Other", udp=(4789,))


@pytest.mark.usefixtures("registry")
def test_a_protocol_of_no_code_at_all_is_named_and_leaves_its_bytes_to_the_data_layer() -> None:
    protocol("plain", "PLAIN", udp=(9001,))
    data = samples()["udp"]
    assert protocols(data, 1, len(data)) == ("eth", "ip", "udp", "plain")
    assert [layer.name for layer in dissect(data, 1, len(data))][-2:] == ["plain", "data"]
    assert summarize(data, 1, len(data)).info == "5 bytes"


@pytest.mark.usefixtures("registry")
def test_whatever_a_decoder_raises_becomes_a_malformed_layer_and_the_rest_is_shown() -> None:
    broken = protocol("broken", "BROKEN", udp=(9001,))

    @broken.row
    def row(row: Row, at: int, end: int) -> None:
        raise KeyError("row")

    @broken.layer
    def layer(tree: Tree, at: int, end: int) -> None:
        tree.open(broken, at, end).uint("First", 1)
        raise ZeroDivisionError

    data = samples()["udp"] + bytes(3)
    found = dissect(data, 1, len(data))
    assert [layer.name for layer in found] == ["eth", "ip", "udp", "broken", "malformed", "padding"]
    assert (found[3].length, found[4].length) == (1, 4)
    assert summarize(data, 1, len(data)).role == "bad"


@pytest.mark.usefixtures("registry")
def test_what_the_bytes_say_beats_the_flow_and_the_flow_beats_the_port() -> None:
    by_port = protocol("byport", "BYPORT", tcp=(7777,))
    told = protocol("told", "TOLD")

    @told.magic(TCP, first=b"T")
    def magic(data: bytes, at: int, stop: int) -> bool:
        return data.startswith(b"TOLD", at, stop)

    def packet(payload: bytes) -> bytes:
        return ethernet(ipv4(tcp(payload, ports=(40000, 7777)), 6))

    memory = Memory()
    other = packet(b"something else")
    assert protocols(other, 1, len(other), memory)[-1] == by_port.name
    first = packet(b"TOLD you")
    assert protocols(first, 1, len(first), memory)[-1] == told.name
    assert protocols(other, 1, len(other), memory)[-1] == told.name
    assert protocols(other, 1, len(other))[-1] == by_port.name, "without a memory a packet speaks for itself"


@pytest.mark.usefixtures("registry")
def test_a_protocol_with_a_guard_gets_of_its_flow_only_what_may_be_its_own() -> None:
    told = protocol("told", "TOLD")

    @told.guard
    @told.magic(TCP, first=b"T")
    def magic(data: bytes, at: int, stop: int) -> bool:
        return data.startswith(b"TOLD", at, stop)

    memory = Memory()
    for payload, last in ((b"TOLD you", "told"), (b"something else", "tcp"), (b"TOLD again", "told")):
        data = ethernet(ipv4(tcp(payload, ports=(40000, 7777)), 6))
        assert protocols(data, 1, len(data), memory)[-1] == last


def test_the_middle_of_a_conversation_has_its_name_once_its_beginning_was_seen() -> None:
    memory = Memory()
    hello = ethernet(ipv4(tcp(client_hello(), ports=(40000, 3306)), 6))
    middle = ethernet(ipv4(tcp(b"\xee" * 80, ports=(3306, 40000)), 6, source="10.0.0.2", destination="10.0.0.1"))
    assert made(middle, memory)[-1] == "tcp"
    summarize(hello, 1, len(hello), memory)
    assert protocols(middle, 1, len(middle), memory) == made(middle, memory) == ("eth", "ip", "tcp", "tls")


def test_a_memory_forgets_the_flows_that_were_not_seen_for_longest() -> None:
    memory = Memory(most=3)
    flows = [memory.flow("tcp", ("a", number), ("b", 1)) for number in range(3)]
    assert memory.flow("tcp", ("b", 1), ("a", 0)) is flows[0], "both directions are one flow"
    memory.flow("tcp", ("a", 3), ("b", 1))
    assert len(memory) == 3
    assert memory.flow("tcp", ("a", 0), ("b", 1)) is flows[0]
    assert memory.flow("tcp", ("a", 1), ("b", 1)) is not flows[1]


def test_a_flow_keeps_a_bounded_number_of_facts() -> None:
    flow = Flow()
    for number in range(100):
        flow.note(str(number), number)
    flow.note("0", 7)
    assert len(flow.facts) == 16 and flow.facts["0"] == 7


@pytest.mark.usefixtures("registry")
def test_what_another_flow_announces_is_expected() -> None:
    announced = protocol("announced", "ANNOUNCED")
    memory = Memory()
    memory.expect("udp", ("10.0.0.2", 9001), announced)
    data = samples()["udp"]
    assert protocols(data, 1, len(data), memory)[-1] == "announced"


@pytest.mark.parametrize(
    ("field", "holds"),
    [
        (Field("a", "", 0, 2, value=0x1234), True),
        (Field("a", "", 0, 2, value=0x3412), False),
        (Field("a", "", 0, 2, value=0x3412, order="little"), True),
        (Field("a", "", 0, 1, (0, 4), value=1), True),
        (Field("a", "", 0, 1, (0, 4), value=2), False),
        (Field("a", "", 2, 1, value=-1), True),
        (Field("a", "", 2, 1, value=-2), False),
        (Field("a", "", 0, 2, value=b"\x12\x34"), True),
        (Field("a", "", 0, 2, value=b"\x12"), False),
        (Field("a", "", 3, 2, value="ok"), True),
        (Field("a", "", 3, 2, value="no"), False),
        (Field("a", "", 4, 2, value=0x6B), False),
        (Field("a", "", 0, 0), True),
    ],
)
def test_the_check_of_values_against_bytes_can_fail(field: Field, holds: bool) -> None:
    assert agrees(field, b"\x12\x34\xffok") is holds


def test_a_computed_field_stands_in_brackets_and_says_from_what() -> None:
    assert Field("Payload", "5 bytes", 0, 0, note="from the lengths").text == "[5 bytes, from the lengths]"
    assert Field("Checksum", "0x1234", 0, 2, note="right, computed").text == "0x1234 [right, computed]"
    assert Field("Port", "80", 0, 2).text == "80"


def test_a_packet_of_more_fields_than_anybody_reads_ends_in_data() -> None:
    answers = [(1, bytes([192, 0, 2, 1]))] * 2000
    data = ethernet(ipv4(udp(dns_response(answers=answers, kind=1), (53, 40000)), 17))
    found = dissect(data, 1, len(data))
    assert found[-1].name == "data" and "more than 1500 fields" in found[-1].title
    assert sum(len(layer.fields) for layer in found) < 1600


def test_options_that_make_no_sense_do_not_hide_what_the_segment_carries() -> None:
    data = ethernet(ipv4(tcp(b"GET / HTTP/1.1\r\n\r\n", options=b"\x08\x00\x00\x00"), 6))
    assert [layer.name for layer in dissect(data, 1, len(data))] == ["eth", "ip", "tcp", "malformed", "http"]
