# SPDX-License-Identifier: Apache-2.0
"""An expression joined to the one in force.

In pcap-filter(7) ``vlan``, ``mpls``, ``pppoes`` and ``geneve`` move the offsets of all that follows to their right,
whatever the parentheses; so what looks behind them goes last, and two of them share one.
"""

from __future__ import annotations

import re

_SHIFTING = re.compile(r"\b(vlan|mpls|pppoes|geneve)\b")
_PREFIX = re.compile(r"((?:(?:vlan|mpls|pppoes|geneve)(?: (?:0x)?[0-9a-f]+)? and )+)(.+)", re.DOTALL)
_COMPOUND = re.compile(r"\b(?:and|or|not)\b|&&|\|\||!(?!=)")


class NotTogether(ValueError):
    """The two cannot be one expression: a sentence."""


def combined(how: str, old: str, new: str) -> str:
    """How: "only" the new, "not" the new among the old, the old "and" the new, the old "or" the new.

    old: the expression in force, empty for all packets. Raises NotTogether.
    """
    old, new = old.strip(), new.strip()
    if how == "only":
        return new
    if not old:
        return f"not {_grouped(new)}" if how == "not" else new
    if _SHIFTING.search(old) is None:
        return _joined(how, _grouped(old), _grouped(new))
    if _SHIFTING.search(new) is None:
        order = {"not": f"not {_grouped(new)} and", "and": f"{_grouped(new)} and", "or": f"{_grouped(new)} or"}
        return f"{order[how]} {_grouped(old)}"
    ours, theirs = _PREFIX.fullmatch(old), _PREFIX.fullmatch(new)
    if ours is None or theirs is None or ours[1] != theirs[1] or _loose(ours[2]) or _loose(theirs[2]):
        raise NotTogether("both look behind tags, and pcap-filter counts these along the whole expression")
    return f"{ours[1]}({_joined(how, ours[2], theirs[2])})"


def _joined(how: str, old: str, new: str) -> str:
    return f"{old} and not {new}" if how == "not" else f"{old} {how} {new}"


def _grouped(expression: str) -> str:
    return f"({expression})" if _COMPOUND.search(expression) and not _is_group(expression) else expression


def _is_group(expression: str) -> bool:
    """Whether one pair of parentheses is around all of it."""
    depth = 0
    for place, character in enumerate(expression):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(expression) - 1 and expression.startswith("(")
    return False


def _loose(expression: str) -> bool:
    """Whether it would fall apart behind a prefix, or moves offsets again."""
    return _grouped(expression) != expression or _SHIFTING.search(expression) is not None
