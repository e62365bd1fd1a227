# SPDX-License-Identifier: Apache-2.0
"""``ringscope interfaces``: what there is to capture on."""

from __future__ import annotations

import argparse

from ringscope.host.interfaces import interfaces


def run(options: argparse.Namespace) -> int:
    """Prints one line an interface; the one that is taken by default is marked."""
    found = interfaces()
    if not found:
        print("there are no network interfaces here")
        return 0
    rows = [("", "interface", "state", "link", "mtu", "addresses")]
    for one in found:
        mark = "*" if one.default_route else ""
        link = one.kind if one.detail == one.kind else f"{one.kind}, {one.detail}"
        rows.append((mark, one.name, one.state, link, str(one.mtu), "  ".join(one.addresses)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if any(one.default_route for one in found):
        print("\n* has the default route: taken when -i is not given")
    return 0
