# SPDX-License-Identifier: Apache-2.0
"""SVCB and HTTPS records (RFC 9460): a target and the parameters to reach it."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import octets
from ringscope.decode.protocols.app.dns.names import SERVICE_KEYS
from ringscope.decode.protocols.app.dns.parts import address, sixty_four, take_name, take_string


def key_name(number: int) -> str:
    """The name of a parameter's key."""
    return SERVICE_KEYS.get(number) or f"key{number}"


def service(draft: Draft, base: int) -> str:
    """Priority, target, and every parameter with its value."""
    words = [str(draft.uint("Priority", 2)), take_name(draft, "Target", base)]
    while draft.left:
        kind = draft.peek(2)
        with draft.group("Parameter") as group:
            draft.uint("Key", 2, lambda value: f"{value} ({key_name(value)})")
            with draft.limited(draft.uint("Length", 2)):
                value = _value(draft, kind)
            group.display = f"{key_name(kind)}={value}" if value else key_name(kind)
        words.append(group.display)
    return " ".join(words)


def _value(draft: Draft, kind: int) -> str:
    found: list[str] = []
    if kind == 0:
        while draft.left:
            found.append(key_name(draft.uint("Key", 2, lambda value: f"{value} ({key_name(value)})")))
    elif kind in (1, 10):
        while draft.left:
            found.append(take_string(draft, "Protocol" if kind == 1 else "Segment"))
    elif kind == 3:
        found.append(str(draft.uint("Port", 2)))
    elif kind in (4, 6):
        read = address("Address", 4 if kind == 4 else 16)
        while draft.left:
            found.append(read(draft, 0))
    elif kind == 5:
        return sixty_four(draft.rest("Configuration", sixty_four))
    elif kind == 7 and draft.left:
        return draft.text("Path", draft.left)
    elif kind == 9:
        while draft.left:
            found.append(str(draft.uint("Group", 2)))
    else:
        return octets(draft.rest("Value"))
    return ",".join(found)
