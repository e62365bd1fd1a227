# SPDX-License-Identifier: Apache-2.0
"""The compiler: what it accepts, what it says, and what it survives."""

import struct
import threading
from collections.abc import Iterator

import pytest

from ringscope.filter import Compiler, FilterError, Program, bytecode
from support.oracles import missing

ETHERNET, RAW_IP, COOKED = 1, 101, 276
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


def loads(program: Program) -> set[int]:
    return {k for op, _, _, k in struct.iter_unpack("=HBBI", program.code) if op in (0x20, 0x28, 0x30)}


@pytest.mark.parametrize("live", [True, False])
def test_raw_ip_packets_begin_with_the_ip_header(compiler: Compiler, live: bool) -> None:
    assert loads(compiler.compile("ip[9] = 17", link_type=RAW_IP, snaplen=96, live=live)) == {0, 9}


def test_cooked_packets_have_a_header_in_files_and_none_in_the_kernel(compiler: Compiler) -> None:
    stored = compiler.compile("ip[9] = 17", link_type=COOKED, snaplen=96, live=False)
    running = compiler.compile("ip[9] = 17", link_type=COOKED, snaplen=96)
    assert (stored.mode, loads(stored)) == ("offline", {0, 29})
    assert (running.mode, loads(running)) == ("live", {0xFFFFF000, 9})


@pytest.mark.parametrize("expression", ["ether[0] = 8", "ether[12:4] = 0", "ether[ip[0]] = 1", "geneve"])
def test_what_a_cooked_capture_cannot_filter_is_refused_with_the_cure(compiler: Compiler, expression: str) -> None:
    with pytest.raises(FilterError, match=r"cooked header.*capture on one interface, or leave that test out"):
        compiler.compile(expression, link_type=COOKED, snaplen=96)
    assert compiler.compile(expression, link_type=COOKED, snaplen=96, live=False).instructions > 1


def test_where_libpcap_has_no_vlan_the_metadata_is_named(compiler: Compiler) -> None:
    with pytest.raises(FilterError, match="no VLAN support") as caught:
        compiler.compile("vlan 5", link_type=COOKED, snaplen=96)
    advised = str(caught.value).partition("write ")[2]
    tagged, identifier = advised.split(" for a tagged packet and ")
    expression = f"{tagged} and {identifier.partition(' for one of VLAN 5')[0]}"
    assert loads(compiler.compile(expression, link_type=COOKED, snaplen=96)) == {0xFFFFF030, 0xFFFFF02C}


@pytest.mark.parametrize("link_type", [ETHERNET, RAW_IP, COOKED])
@pytest.mark.parametrize("expression", ["inbound and udp", "outbound", "ifindex 3", "not ifindex 3 and ip6"])
def test_direction_and_interface_are_metadata_for_every_link_type(
    compiler: Compiler, link_type: int, expression: str
) -> None:
    program = compiler.compile(expression, link_type=link_type, snaplen=96)
    if program.mode == "offline":
        missing(f"no live code here: {program.reason}")
    assert bytecode.reads_metadata(program.code)


VLAN_OR_NOT = "ether proto 0x8892 or (vlan and ether proto 0x8892)"


def test_code_that_the_optimizer_breaks_is_left_as_it_is(compiler: Compiler) -> None:
    """libpcap issue 1513: optimized, the second test reads at a fixed offset."""
    require_live(compiler)
    program = compiler.compile(VLAN_OR_NOT, link_type=ETHERNET, snaplen=96)
    computed = [k for op, _, _, k in struct.iter_unpack("=HBBI", program.code) if op == 0x48]
    assert computed == [12]  # the EtherType, behind a tag only if that is still in the packet
    assert 16 not in loads(program)


@pytest.mark.parametrize("link_type", [RAW_IP, COOKED])
def test_where_there_is_no_vlan_that_expression_is_refused(compiler: Compiler, link_type: int) -> None:
    with pytest.raises(FilterError, match="no VLAN support"):
        compiler.compile(VLAN_OR_NOT, link_type=link_type, snaplen=96)


@pytest.mark.parametrize("link_type", [ETHERNET, RAW_IP, COOKED])
@pytest.mark.parametrize("live", [True, False])
def test_where_the_optimizer_can_be_trusted_it_is_used(compiler: Compiler, link_type: int, live: bool) -> None:
    program = compiler.compile("ip[0] & 0xf != 5", link_type=link_type, snaplen=96, live=live)
    assert program.instructions < 12  # 21 as it is written


def test_a_link_type_that_is_not_known_live_says_so(compiler: Compiler) -> None:
    program = compiler.compile("tcp", link_type=113, snaplen=96)
    assert program.mode == "offline"
    assert program.reason == "live code is known for Ethernet, cooked and raw IP packets only"
    assert compiler.compile("tcp", link_type=113, snaplen=96, live=False).reason == ""


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
