# SPDX-License-Identifier: Apache-2.0
"""Options and commands, with tcpdump's letters where it has them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Final, NoReturn

from ringscope import __version__
from ringscope.cli import files, recording
from ringscope.cli.values import count, size
from ringscope.frozen import frozen

COMMANDS = {
    "live": "an interface on the full screen (the default command)",
    "open": "a capture file, or a pipe, on the full screen",
    "demo": "a private network with real traffic, full screen; no privilege",
    "record": "capture without a screen: counters, and files if wanted",
    "filter": "check a filter, show its program, count what passes in a file",
    "dissect": "the packets of a file as layers and fields, as text or JSON",
    "interfaces": "list what can be captured on",
}

_EPILOG = """examples:
  ringscope demo                               look around, no privilege needed
  sudo ringscope -i eth0 tcp port 443          live, full screen
  sudo ringscope -i any --queues auto          all interfaces, several workers
  ringscope open trace.pcapng tcp port 443     a file; the filter hides the rest
  ssh host tcpdump -Uw - | ringscope open -    what another host sees
  sudo ringscope record -i eth0 -w out.pcap    no screen, a file
  sudo ringscope record --on-drop %T.pcapng    what came before a drop
  ringscope filter -r in.pcap tcp port 443     how many of a file's packets pass
  ringscope dissect in.pcap --json -c 10       all layers and fields
  ringscope interfaces                         what there is to capture on
"""

SNAPLEN_MAX: Final = 262144
"""libpcap's and the core's; stated here because --help must not wait for the core, as are the two below."""
FANOUT: Final = ("hash", "cpu", "qm", "lb", "rnd", "rollover", "cbpf")
DIRECTIONS: Final = ("in", "out", "inout")

AUTO: Final = 0
"""``--queues auto``: as many as suit the fanout and the machine."""

_NOT_EXACT: Final = ("lb", "rollover")
"""Fanouts that no program can stand in for, as a filter change at one cut needs."""

_CPUS_MAX: Final = 1 << 16
_CPUS: Final = re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*")


def block_size(text: str) -> int:
    """Bytes of a ring block; how few they may be is the core's to say."""
    if (value := size(text)) >= 1 << 31:
        raise argparse.ArgumentTypeError(f"{text!r} is too large for a ring block, which must be smaller than 2G")
    return value


def snaplen(text: str) -> int:
    """Bytes of a frame; 0 is the largest there is, as for tcpdump."""
    return SNAPLEN_MAX if text == "0" else count(text)


def queues(text: str) -> int:
    """A number of queues, or AUTO."""
    return AUTO if text == "auto" else count(text)


def cpus(text: str) -> tuple[int, ...]:
    """Numbers of CPUs as in taskset(1): ``2,3`` or ``2-5``; empty text is empty: those that this process may use."""
    if text and not _CPUS.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of CPUs; write it like 2,3 or 2-5")
    found: list[int] = []
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        if not int(first) <= int(last or first) < _CPUS_MAX:
            raise argparse.ArgumentTypeError(f"{part!r} is not a range of CPUs from a smaller to a larger number")
        found += range(int(first), int(last or first) + 1)
    return tuple(found)


@frozen
class Memory:
    """What a command begins with: bytes of a block, blocks of a ring, retire timeout in ms, bytes of the store."""

    block_size: int = 1 << 20
    blocks: int = 64
    block_timeout: int = 10
    store: int = 256 << 20


MEMORY: Final = {
    "live": Memory(),
    # So small that a burst of this network's size can be seen in the ring.
    "demo": Memory(block_size=256 << 10, blocks=16),
    # Nobody looks on: every block handed over wakes two threads, so let it fill. Nobody looks back: the store only
    # has to be larger than what a slow disk leaves waiting.
    "record": Memory(block_timeout=50, store=64 << 20),
}


STORE_OF_QUEUE: Final = 16 << 20
"""Bytes of the store for each queue, where nothing else is asked for."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage that would hide it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"ringscope: {message}; see {self.prog} --help\n")


def _as_typed(size: int) -> str:
    return f"{size >> 20}M" if size % (1 << 20) == 0 else f"{size >> 10}K"


def _capture_options(parser: argparse.ArgumentParser, memory: Memory, *, interface: bool = True) -> None:
    add = parser.add_argument
    if interface:
        add(
            "-i",
            dest="interfaces",
            metavar="IFACE",
            action="append",
            help="interface; may be given several times, any is all of them (default: that of the default route)",
        )
    add("-s", dest="snaplen", metavar="BYTES", type=snaplen, default=SNAPLEN_MAX, help="keep this much of a frame")
    add("-p", dest="promiscuous", action="store_false", help="do not ask the interface for frames to other hosts")
    add(
        "-Q",
        dest="direction",
        metavar="DIRECTION",
        choices=DIRECTIONS,
        default="inout",
        help="only what comes in, or what goes out: in, out or inout (default: inout)",
    )
    add("filter", metavar="FILTER", nargs="*", help="capture filter, as for tcpdump (pcap-filter(7))")
    _queue_options(parser)
    _memory_options(parser, memory)


def _queue_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("queues").add_argument
    add(
        "--queues",
        metavar="N|auto",
        type=queues,
        default=1,
        help="rings and workers of each interface (default: 1); auto: one a CPU up to 4, with cpu one a CPU,"
        " with qm one a receive queue of the interface",
    )
    add(
        "--fanout",
        metavar="MODE",
        choices=FANOUT,
        default="hash",
        help="how packets are shared out: hash (by flow), cpu, qm (queue of the interface), lb (in turn), rnd,"
        " rollover (the next when one is full), cbpf (by address pair) (default: hash)",
    )
    add(
        "--pin",
        metavar="CPUS",
        nargs="?",
        type=cpus,
        const=(),
        help="keep worker i on the i-th of these CPUs, as 2,3 or 2-5 (default list: those this process may use)",
    )
    add("--exact-swap", action="store_true", help="two rings a queue: a filter change is one cut through all queues")


def _memory_options(parser: argparse.ArgumentParser, memory: Memory) -> None:
    add = parser.add_argument_group("ring and store").add_argument
    block = _as_typed(memory.block_size)
    add(
        "--block-size",
        metavar="SIZE",
        type=block_size,
        default=memory.block_size,
        help=f"a ring block, at least 128K (default: {block})",
    )
    # Of --blocks, -B and --store it matters whether they were given: see cli.geometry.
    add("--blocks", metavar="N", type=count, help=f"blocks in each ring (default: {memory.blocks})")
    add("-B", dest="buffer", metavar="MIB", type=count, help="MiB of all rings together, in place of --blocks")
    add(
        "--block-timeout",
        metavar="MS",
        type=count,
        default=memory.block_timeout,
        help=f"retire timeout: the longest that a packet waits in a block (default: {memory.block_timeout})",
    )
    add(
        "--store",
        metavar="SIZE",
        type=size,
        help="memory for packets; when it is full the oldest go"
        f" (default: {_as_typed(memory.store)}, but {_as_typed(STORE_OF_QUEUE)} a queue at least)",
    )


def _screen_options(parser: argparse.ArgumentParser) -> None:
    screen = parser.add_argument_group("screen")
    screen.add_argument("--theme", metavar="NAME", help="midnight, daylight, terminal, or your own (key: T)")


def _filter_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("-r", dest="read", metavar="FILE", help="count what passes in this capture file; - is standard input")
    add(
        "-d",
        dest="dump",
        action="count",
        default=0,
        help="print the program, as tcpdump does; -dd as an array of C, -ddd as decimal numbers",
    )
    add("-y", dest="link_type", metavar="LINKTYPE", help="of packets of this link type (default: EN10MB)")
    add("--live", action="store_true", help="the program that a capture gets, in place of that for a file")
    add("--json", action="store_true", help="everything as one JSON object")
    add("filter", metavar="FILTER", nargs="*", help="the expression, as for tcpdump (pcap-filter(7))")


def _dissect_options(parser: argparse.ArgumentParser) -> None:
    parser.usage = "ringscope dissect FILE|- [--json] [-c N] [FILTER ...]"
    add = parser.add_argument
    add("-r", dest="read", metavar="FILE", help="the file, in place of the first word")
    add(
        "words",
        metavar="FILE|- FILTER",
        nargs="*",
        help="a pcap or pcapng file, - is standard input; then a filter, as for tcpdump (pcap-filter(7))",
    )
    add("-c", dest="count", metavar="N", type=count, help="end after N packets")
    add("--json", action="store_true", help="one JSON object a line for each packet")


def _check_filter(parser: _Parser, options: argparse.Namespace) -> None:
    """Ends the process where there is nothing to do, or options contradict each other."""
    if options.read is not None and (options.live or options.link_type is not None):
        parser.error(f"{'--live' if options.live else '-y'} does not go with -r: a file says what its packets are")
    if options.json and options.dump:
        parser.error("-d and --json are two ways to print the program: give one of them")
    if not (options.filter or options.read is not None or options.dump):
        parser.error("there is no expression to look at; give one, as: ringscope filter -d tcp port 443")


def _parser(command: str) -> _Parser:
    """Made for one command: those of all would be in the way of the first rows."""
    meaning = COMMANDS[command]
    parser = _Parser(
        prog="ringscope" if command == "live" else f"ringscope {command}",
        description=meaning[0].upper() + meaning[1:] + ".",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    match command:
        case "live":
            _live_options(parser)
        case "demo":
            _capture_options(parser, MEMORY["demo"], interface=False)
            _screen_options(parser)
        case "open":
            files.add_options(parser)
            _screen_options(parser)
        case "filter":
            _filter_options(parser)
        case "dissect":
            _dissect_options(parser)
        case "record":
            _record_options(parser)
    return parser


def _live_options(parser: argparse.ArgumentParser) -> None:
    parser.description = "Packets of an interface, and whether they are all there, on the full screen."
    listed = "\n".join(f"  {name:<12}{meaning}" for name, meaning in COMMANDS.items())
    parser.epilog = f"commands:\n{listed}\n\n{_EPILOG}"
    parser.usage = "ringscope [COMMAND] [-i IFACE ...] [OPTIONS] [FILTER ...]"
    parser.add_argument("--version", action="version", version=f"ringscope {__version__}")
    _capture_options(parser, MEMORY["live"])
    _screen_options(parser)


def _record_options(parser: argparse.ArgumentParser) -> None:
    _capture_options(parser, MEMORY["record"])
    recording.add_options(parser)
    parser.add_argument("--json", action="store_true", help="counters as one JSON object a line, a second apart")
    parser.add_argument(
        "--report",
        action="store_true",
        help="at the end: what was lost, where and why, what would help, and the account",
    )


def _fitting(words: Sequence[str]) -> list[str]:
    """The words, with ``--pin`` told that the word behind it is none of its own when it is that of a filter."""
    found = list(words)
    for index, word in enumerate(found):
        if word == "--":
            break
        if word == "--pin" and not _CPUS.fullmatch("".join(found[index + 1 : index + 2])):
            found[index] = "--pin="
    return found


def _check(parser: _Parser, options: argparse.Namespace) -> None:
    """Ends the process where options contradict each other."""
    named = options.interfaces or []
    if "any" in named and len(named) > 1:
        parser.error("-i any is all interfaces and stands alone")
    if twice := [name for name in named if named.count(name) > 1]:
        parser.error(f"-i {twice[0]} is given twice")
    if options.buffer is not None and options.blocks is not None:
        parser.error("-B and --blocks both say how large the rings are: give one of them")
    if options.exact_swap and options.fanout in _NOT_EXACT:
        usable = ", ".join(mode for mode in FANOUT if mode not in _NOT_EXACT)
        parser.error(f"--exact-swap does not go with --fanout {options.fanout}, only with {usable}")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Options of one command, its name in ``command``. Ends the process with 2 on wrong usage, 0 on --help."""
    words = list(arguments)
    named = bool(words) and words[0] in COMMANDS
    command = words.pop(0) if named else "open" if files.names_one(words) else "live"
    parser = _parser(command)
    options = parser.parse_intermixed_args(_fitting(words))
    options.command = command
    if command == "demo":
        options.interfaces = None
    if command in ("open", "dissect"):
        files.take(parser, options)
    elif command != "interfaces":
        options.filter = " ".join(options.filter)
    if command == "filter":
        _check_filter(parser, options)
    elif command not in ("interfaces", "open", "dissect"):
        _check(parser, options)
    if command == "record":
        recording.check(parser, options)
    return options
