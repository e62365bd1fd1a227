# SPDX-License-Identifier: Apache-2.0
"""The compiler: what it accepts, what it says, and what it survives."""

import struct
import threading
from collections.abc import Iterator

import pytest

from ringscope.filter import Compiler, FilterError, Program
from support.oracles import missing

ETHERNET, RAW_IP = 1, 101
# The optimizer is quadratic at best: seconds to minutes for this one.
TOO_HARD = " or ".join(f"port {number}" for number in range(1, 1500, 2))


@pytest.fixture(scope="module")
def compiler() -> Iterator[Compiler]:
    with Compiler() as one:
        yield one


def compiled(compiler: Compiler, expression: str, snaplen: int = 262144) -> Program:
    return compiler.compile(expression, link_type=ETHERNET, snaplen=snaplen)


def message(compiler: Compiler, expression: str) -> str:
    with pytest.raises(FilterError) as caught:
        compiled(compiler, expression)
    return str(caught.value)


def require_live(compiler: Compiler) -> None:
    engine = compiler.start()
    if not engine.live:
        missing(f"no live code here: {engine.reason}")


def returned(program: Program) -> set[int]:
    return {k for op, _, _, k in struct.iter_unpack("=HBBI", program.code) if op == 0x06}


def test_a_program_says_what_it_was_made_of(compiler: Compiler) -> None:
    program = compiler.compile("tcp", link_type=ETHERNET, snaplen=96, live=False)
    assert (program.expression, program.link_type, program.snaplen, program.mode) == ("tcp", 1, 96, "offline")
    assert program.instructions * 8 == len(program.code)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("snaplen", [1, 96, 262144, 2**31 - 1])
def test_an_accepted_packet_keeps_snaplen_bytes(compiler: Compiler, snaplen: int, live: bool) -> None:
    program = compiler.compile("vlan 5 or tcp port 80", link_type=ETHERNET, snaplen=snaplen, live=live)
    assert returned(program) == {0, snaplen}


@pytest.mark.parametrize("expression", ["", "   ", "\n\t"])
def test_the_empty_filter_accepts_everything_and_needs_no_libpcap(expression: str) -> None:
    with Compiler(["libnosuchpcap.so.9"]) as compiler:
        program = compiled(compiler, expression, 128)
        assert compiler.pid is None
    assert program.code == struct.pack("=HBBI", 0x06, 0, 0, 128)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("tcp port", "can't parse filter expression: syntax error"),
        ("port nosuchport", "unknown port 'nosuchport'"),
        ("ip proto nosuchproto", "unknown ip proto 'nosuchproto'"),
        ("tcp and udp", "expression rejects all packets"),
        ("vlan 4096", "VLAN tag 4096 greater than maximum 4095"),
        ("net 10.0.0.1/8", 'non-network bits set in "10.0.0.1/8"'),
    ],
)
def test_libpcaps_own_message_is_carried(compiler: Compiler, expression: str, said: str) -> None:
    assert said in message(compiler, expression)


@pytest.mark.parametrize("expression", ["host nosuch.example", "ether host nosuch", "net nosuch"])
def test_a_name_that_is_not_known_here_gets_an_advice(compiler: Compiler, expression: str) -> None:
    said = message(compiler, expression)
    assert said.startswith("unknown ")
    assert said.endswith("use an address)")


def test_names_of_ports_and_protocols_are_known(compiler: Compiler) -> None:
    assert compiled(compiler, "udp port domain").code == compiled(compiler, "udp port 53").code
    assert compiled(compiler, "ip proto ospf").code == compiled(compiler, "ip proto 89").code


def test_a_message_stays_right_after_a_right_expression(compiler: Compiler) -> None:
    compiled(compiler, "udp port 7")
    assert "syntax error" in message(compiler, "((")
    assert compiled(compiler, "udp port 8").instructions > 1


def test_a_line_break_is_a_space(compiler: Compiler) -> None:
    assert compiled(compiler, "tcp\nand\tport 80").code == compiled(compiler, "tcp and port 80").code


def test_a_nul_does_not_cut_an_expression_short(compiler: Compiler) -> None:
    assert message(compiler, "tcp\0and port 80") == "the expression contains a NUL character"


@pytest.mark.parametrize("expression", ["tcp\udcff", "tcp ‖ udp", 'tcp "} {', "tcp \x1b[2J"])
def test_what_is_no_filter_language_is_refused_in_order(compiler: Compiler, expression: str) -> None:
    assert message(compiler, expression)
    assert compiled(compiler, "tcp").instructions > 1


def test_a_lone_surrogate_is_refused(compiler: Compiler) -> None:
    assert message(compiler, "tcp \ud800") == "the expression contains a character that cannot be encoded"


def test_an_expression_beyond_all_measure_is_refused(compiler: Compiler) -> None:
    assert (
        message(compiler, "tcp" + " " * 65536 + "or udp") == "the expression has 65545 bytes; at most 65536 are taken"
    )


def test_deep_nesting_neither_crashes_nor_stays(compiler: Compiler) -> None:
    assert message(compiler, "(" * 30000 + "tcp" + ")" * 30000)
    assert compiled(compiler, "udp").instructions > 1


def test_a_program_the_kernel_cannot_take_is_refused_with_its_size(compiler: Compiler) -> None:
    # Tunnel words switch the optimizer off, so the size is that of the written terms.
    many = "geneve and (" + " or ".join(f"ether proto {number}" for number in range(0x9000, 0x9000 + 2000)) + ")"
    require_live(compiler)
    said = message(compiler, many)
    assert "instructions; the kernel takes at most 4096" in said


def test_raw_ip_packets_begin_with_the_ip_header(compiler: Compiler) -> None:
    program = compiler.compile("ip[9] = 17", link_type=RAW_IP, snaplen=96)
    offsets = {k for op, _, _, k in struct.iter_unpack("=HBBI", program.code) if op in (0x20, 0x28, 0x30)}
    assert program.mode == "offline"
    assert offsets == {0, 9}


@pytest.mark.parametrize("snaplen", [0, -1, 2**31])
def test_a_snaplen_that_means_nothing_is_a_mistake_of_the_caller(compiler: Compiler, snaplen: int) -> None:
    with pytest.raises(ValueError, match="snaplen must be from 1"):
        compiled(compiler, "tcp", snaplen)


def test_the_same_request_gives_the_same_program_object(compiler: Compiler) -> None:
    first = compiled(compiler, "tcp port 443")
    assert compiled(compiler, "tcp port 443") is first
    assert compiled(compiler, "tcp port 443", 96) is not first
    assert compiler.compile("tcp port 443", link_type=RAW_IP, snaplen=262144) is not first
    assert compiler.compile("tcp port 443", link_type=ETHERNET, snaplen=262144, live=False) is not first


def test_what_is_not_asked_for_any_more_is_forgotten(compiler: Compiler) -> None:
    first = compiled(compiler, "udp port 1000")
    for port in range(1001, 1001 + 300):
        compiled(compiler, f"udp port {port}")
    again = compiled(compiler, "udp port 1000")
    assert again == first
    assert again is not first


def test_an_expression_the_optimizer_chokes_on_is_stopped(compiler: Compiler) -> None:
    with pytest.raises(FilterError, match=r"did not finish within 0\.1 s"):
        compiler.compile(TOO_HARD, link_type=ETHERNET, snaplen=96, timeout=0.1)
    assert compiled(compiler, "tcp port 81").instructions > 1


def test_many_threads_get_their_own_answers(compiler: Compiler) -> None:
    found: dict[int, bool] = {}

    def ask(port: int) -> None:
        program = compiled(compiler, f"tcp dst port {port}")
        found[port] = any(op == 0x15 and k == port for op, _, _, k in struct.iter_unpack("=HBBI", program.code))

    threads = [threading.Thread(target=ask, args=(port,)) for port in range(20000, 20040)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == dict.fromkeys(range(20000, 20040), True)
