# SPDX-License-Identifier: Apache-2.0
"""The options of ``ringscope open``, and what of the words behind it, or behind ``dissect``, is the file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ringscope.cli.values import size

STORE = 256 << 20
"""Bytes of what a pipe brings that are kept."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """All but those of every screen."""
    parser.usage = "ringscope open FILE|- [OPTIONS] [FILTER ...]"
    add = parser.add_argument
    add("-r", dest="read", metavar="FILE", help="the file, in place of the first word; needs no word open, either")
    add(
        "words",
        metavar="FILE|- FILTER",
        nargs="*",
        help="a pcap or pcapng file, - is standard input; then a view filter, as for tcpdump: it hides, loses nothing",
    )
    add(
        "--store",
        metavar="SIZE",
        type=size,
        default=STORE,
        help="disk for the packets of a pipe; when it is full the oldest go (default: 256M)",
    )


def names_one(words: Sequence[str]) -> bool:
    """Is there tcpdump's ``-r FILE`` among the words before ``--``?"""
    options = words[: words.index("--")] if "--" in words else words
    return any(word.startswith("-r") for word in options)


def take(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """The file is that of ``-r`` or else the first word; the others are the filter."""
    words = options.words
    if options.read is None and not words:
        parser.error(f"which file? {parser.prog} FILE, or - for standard input")
    options.file = words.pop(0) if options.read is None else options.read
    options.filter = " ".join(words)
