# SPDX-License-Identifier: Apache-2.0
"""Options and commands, with tcpdump's letters where it has them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from ringscope import __version__

COMMANDS = {
    "live": "an interface on the full screen (the default command)",
    "demo": "a private network with real traffic on the full screen; needs no privilege",
    "record": "capture without a screen: counters, and a pcap file if you want one",
    "interfaces": "list what can be captured on",
}

_EPILOG = """examples:
  ringscope demo                               look around, no privilege needed
  sudo ringscope -i eth0 tcp port 443          live, full screen
  sudo ringscope record -i eth0 -w out.pcap    no screen, a file
  ringscope interfaces                         what there is to capture on
"""

SNAPLEN_MAX = 262144
"""libpcap's and the core's; stated here because --help must not wait for the core."""

_UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def size(text: str) -> int:
    """Bytes, with K, M or G (powers of 1024) if wanted: ``64M``."""
    number, factor = text.lower().removesuffix("b").removesuffix("i"), 1
    if number and number[-1] in _UNITS:
        number, factor = number[:-1], _UNITS[number[-1]]
    try:
        value = float(number) * factor
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write it like 512K, 64M or 1G") from None
    if not 0 < value < 1 << 60:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size that a machine can have")
    return int(value)


def count(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or not 0 < int(text) < 1 << 32:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


@dataclass(frozen=True, slots=True)
class _Memory:
    """Sizes that a command begins with, as one would type them."""

    block_size: str = "1M"
    blocks: str = "64"
    store: str = "256M"


_MEMORY = {
    "live": _Memory(),
    # So small that a burst of this network's size can be seen in the ring.
    "demo": _Memory(block_size="256K", blocks="16"),
    # Nobody looks back: the store only has to be larger than what a slow disk leaves waiting.
    "record": _Memory(store="64M"),
}


def snaplen(text: str) -> int:
    """Bytes of a frame; 0 is the largest there is, as for tcpdump."""
    return SNAPLEN_MAX if text == "0" else count(text)


def _capture_options(parser: argparse.ArgumentParser, memory: _Memory, *, interface: bool = True) -> None:
    add = parser.add_argument
    if interface:
        add("-i", dest="interface", metavar="IFACE", help="interface (default: that of the default route)")
    add("-s", dest="snaplen", metavar="BYTES", type=snaplen, default=SNAPLEN_MAX, help="keep this much of a frame")
    add("-p", dest="promiscuous", action="store_false", help="do not ask the interface for frames to other hosts")
    add("filter", metavar="FILTER", nargs="*", help="capture filter, as for tcpdump (pcap-filter(7))")
    ring = parser.add_argument_group("ring and store")
    for option, unit, kind, default, meaning in (
        ("--block-size", "SIZE", size, memory.block_size, "a ring block, at least 128K"),
        ("--blocks", "N", count, memory.blocks, "blocks in the ring"),
        ("--block-timeout", "MS", count, "10", "retire timeout: the longest that a packet waits in a block"),
        ("--store", "SIZE", size, memory.store, "memory for packets; when it is full the oldest go"),
    ):
        ring.add_argument(option, metavar=unit, type=kind, default=default, help=f"{meaning} (default: {default})")


def _screen_options(parser: argparse.ArgumentParser) -> None:
    screen = parser.add_argument_group("screen")
    screen.add_argument("--theme", metavar="NAME", help="midnight, daylight, terminal, or one of your own (key: T)")


def _parsers() -> dict[str, argparse.ArgumentParser]:
    found = {}
    for name, meaning in COMMANDS.items():
        program = "ringscope" if name == "live" else f"ringscope {name}"
        parser = argparse.ArgumentParser(
            prog=program,
            description=meaning[0].upper() + meaning[1:] + ".",
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        found[name] = parser
    live = found["live"]
    live.description = "Packets of an interface, and whether they are all there: a full-screen traffic analyzer."
    listed = "\n".join(f"  {name:<12}{meaning}" for name, meaning in COMMANDS.items())
    live.epilog = f"commands:\n{listed}\n\n{_EPILOG}"
    live.usage = "ringscope [COMMAND] [-i IFACE] [OPTIONS] [FILTER ...]"
    live.add_argument("--version", action="version", version=f"ringscope {__version__}")
    _capture_options(live, _MEMORY["live"])
    _screen_options(live)
    _capture_options(found["demo"], _MEMORY["demo"], interface=False)
    _screen_options(found["demo"])
    record = found["record"]
    _capture_options(record, _MEMORY["record"])
    record.add_argument(
        "-w", dest="write", metavar="FILE", help="write the packets to a pcap file; - is standard output"
    )
    record.add_argument("-c", dest="count", metavar="N", type=count, help="end after N packets")
    record.add_argument("--json", action="store_true", help="counters as one JSON object a line, a second apart")
    return found


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Options of one command, its name in ``command``. Ends the process with 2 on wrong usage, 0 on --help."""
    words = list(arguments)
    command = words.pop(0) if words and words[0] in COMMANDS else "live"
    options = _parsers()[command].parse_intermixed_args(words)
    options.command = command
    if command != "interfaces":
        options.filter = " ".join(options.filter)
    return options
