# SPDX-License-Identifier: Apache-2.0
"""What ``record`` has beside the options of every capture: files, when to end, the recorder."""

from __future__ import annotations

import argparse
from typing import Final

from ringscope.cli.values import count, duration, duration_or_none, file_size

FORMATS: Final = ("pcap", "pcapng")
"""The core's; stated here because --help must not wait for the core."""

EPILOG: Final = """files:
  A file has a hidden name in its folder, .NAME.xxxxxx, until it is closed.
  FIFOs, devices and - are written directly.
  SIGHUP: the file goes to disk, gets its name, and is written on. With -C or
  -G, or if it was moved away (logrotate), the next one begins. Without files
  SIGHUP ends the recording, and so it does when the terminal is gone.
  A file that cannot be written any more, on a full disk, is ended with a whole
  packet. That is said, the capture goes on, and the exit code is 1.
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds them all."""
    _file_options(parser)
    _end_options(parser)
    _recorder_options(parser)
    parser.epilog = EPILOG


def _file_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("files").add_argument
    add(
        "-w",
        dest="write",
        metavar="FILE",
        help="write the packets to a file, with the words of strftime(3) in its name if wanted; - is standard output",
    )
    add(
        "--format",
        choices=FORMATS,
        help="of files: pcap, or pcapng, which tells of interfaces, losses and filters"
        " (default: by the name's ending, else pcap)",
    )
    add(
        "-C",
        dest="file_size",
        metavar="SIZE",
        type=file_size,
        help="begin the next file, FILE1, when one is larger than so many millions of bytes; or with K, M, G",
    )
    add(
        "-G",
        dest="file_seconds",
        metavar="TIME",
        type=duration,
        help="begin the next file after so many seconds, also when nothing comes; or with s, m, h",
    )
    add(
        "-W",
        dest="file_count",
        metavar="N",
        type=count,
        help="with -C: keep N files, FILE0 to the last, the oldest is written over; with -G: end after N files",
    )


def _end_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("when to end").add_argument
    add("-c", dest="count", metavar="N", type=count, help="after N packets")
    add("--for", dest="seconds", metavar="TIME", type=duration, help="after a time: 30s, 5m, 1h")
    add(
        "--until-drop",
        action="store_true",
        help="at the first packet dropped, when what is in the rings is saved; with --on-drop when its file is",
    )


def _recorder_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("recorder").add_argument
    add(
        "--on-drop",
        metavar="FILE",
        help="when packets are dropped, or SIGUSR1 comes, write what came before and what follows to a file, with the"
        " words of strftime(3) in its name if wanted; each time another one, with a number behind it if need be",
    )
    add(
        "--before",
        metavar="TIME",
        type=duration_or_none,
        help="how much of what came before, as far as the store holds it (default: 60s)",
    )
    add("--after", metavar="TIME", type=duration_or_none, help="how much of what follows (default: 10s)")


def check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Ends the process where options contradict each other."""
    rotates = [letter for letter, value in (("-C", options.file_size), ("-G", options.file_seconds)) if value]
    if "" in (options.write, options.on_drop):
        parser.error("a file needs a name")
    if rotates and options.write is None:
        parser.error(f"{rotates[0]} says when the next file begins: name the first one with -w")
    if rotates and options.write == "-":
        parser.error(f"{rotates[0]} needs files, and -w - is standard output")
    if options.file_count and len(rotates) != 1:
        parser.error(f"-W counts files: give it with -C or with -G{', not with both' * len(rotates)}")
    if options.on_drop == "-":
        parser.error("--on-drop needs a file, not standard output")
    if options.on_drop is None and (asked := [w for w in ("before", "after") if getattr(options, w) is not None]):
        parser.error(f"--{asked[0]} says what --on-drop FILE writes: give that, too")
