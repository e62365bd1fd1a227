# SPDX-License-Identifier: Apache-2.0
"""How far the protocols we name are those that tshark names, over a folder of captures.

    python tests/oracle/protocols_vs_tshark.py [FOLDER] [--rest 40] [--limit PACKETS] [--info]

FOLDER: RINGSCOPE_CAPTURES where none is given. Prints the share of packets whose part from link to transport is equal,
the share whose first protocol above is equal where tshark names one that is asked for, the ranked rest of both, how
many fields do not have the value that their bytes have, and with --info our info column beside tshark's.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tui"))

from support.comparison import Comparison, Tally, compare, ranked
from support.formats import formats, lines
from support.tshark import named


def main() -> int:
    parser = argparse.ArgumentParser(description="our protocols beside tshark's")
    parser.add_argument("folder", nargs="?", default=os.environ.get("RINGSCOPE_CAPTURES"), type=Path)
    parser.add_argument("--rest", type=int, default=40, help="differences printed")
    parser.add_argument("--limit", type=int, default=10**9, help="packets of each file")
    parser.add_argument("--info", action="store_true", help="the info column, ours beside tshark's")
    options = parser.parse_args()
    tool = shutil.which("tshark")
    if options.folder is None or tool is None:
        print("a folder of captures and tshark are needed: name the folder, or install tshark", file=sys.stderr)
        return 2
    if options.info:
        print("\n".join(lines(formats(Path(options.folder), tool, options.limit))))
        return 0
    _print(compare(Path(options.folder), lambda path: named(tool, path), options.limit), options.rest)
    return 0


def _share(words: str, tally: Tally) -> None:
    print(f"{words}: {tally.equal} of {tally.total}, {tally.share:.2%}")


def _print(found: Comparison, most: int) -> None:
    print(f"{found.files} files, {found.headers.total} packets, {found.unaligned} not aligned with tshark")
    _share("from link to transport", found.headers)
    _share("first protocol above, of those asked for", found.asked)
    _share("first protocol above, of any", found.above)
    print(
        f"fields: {found.fields}, of them with a value {found.valued}; "
        f"not what their bytes say: {sum(found.wrong.values())}, {found.wrong_share:.3%}"
    )
    print(f"rows and layers name different protocols: {sum(found.disagreeing.values())} packets")
    for words, (seconds, where) in (("row", found.slowest_row), ("layers", found.slowest_tree)):
        print(f"slowest {words}: {seconds * 1000:.2f} ms ({where})")
    for words, tally in (
        ("from link to transport", found.headers),
        ("above, asked for", found.asked),
        ("above, any", found.above),
    ):
        print(f"\nrest {words} (ours | tshark's)")
        for line in ranked(tally, most):
            print(line)
    for words, rest in (("\nrows | layers", found.disagreeing), ("\nfields off", found.wrong)):
        print(words)
        for what, count in rest.most_common(most):
            print(f"{count:7} {what if isinstance(what, str) else ' | '.join(what)}")


if __name__ == "__main__":
    sys.exit(main())
