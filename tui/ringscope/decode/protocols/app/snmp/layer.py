# SPDX-License-Identifier: Apache-2.0
"""SNMP messages with the place of every element: header, security parameters, and variable bindings."""

from __future__ import annotations

from ringscope.decode import ber
from ringscope.decode.address import ip_text
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import Form, formed, hex2, octets, plain, yes
from ringscope.decode.protocols.app.snmp.names import ERRORS, MODELS, PDUS, TRAPS, VALUES, VERSIONS, object_name
from ringscope.decode.protocols.app.snmp.row import SNMP
from ringscope.decode.text import shorten
from ringscope.decode.tree import Tree

_TRAP, _BULK = 0xA4, 0xA5
_ADDRESS, _TICKS = 0x40, 0x43
_UNSIGNED = (0x41, 0x42, _TICKS, 0x46, 0x47)
_USM = 3


@SNMP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """A message, or in a stream several."""
    draft = tree.open(SNMP, at, end)
    draft.say()
    _message(draft)
    while tree.piece == "segment" and draft.left:
        _message(draft)


def _message(draft: Draft) -> None:
    with ber.opened(draft, "Message") as (message, found):
        if found.tag != ber.SEQUENCE:
            raise Malformed(f"SNMP message of tag 0x{found.tag:02x}")
        version = ber.number(draft, "Version", VERSIONS)
        message.display = VERSIONS.get(version, f"version {version}")
        if version == 3:
            _version3(draft)
        else:
            ber.string(draft, "Community")
            _unit(draft)


def _version3(draft: Draft) -> None:
    with ber.opened(draft, "Header") as (heading, _):
        identifier = ber.number(draft, "Message identifier")
        heading.display = f"message {identifier}"
        ber.number(draft, "Maximum size")
        with ber.opened(draft, "Flags") as (flags, _):
            parts = ("Reportable", 1, yes), ("Encrypted", 1, yes), ("Authenticated", 1, yes)
            values = draft.flags("Value", 1, hex2, ("", 5, plain), *parts)
            words = [
                name for name, bit in zip(("reportable", "encrypted", "authenticated"), values[2:], strict=True) if bit
            ]
            flags.display = ", ".join(words) or "none"
        model = ber.number(draft, "Security model", MODELS)
    with ber.opened(draft, "Security parameters") as (group, _):
        if model == _USM:
            with ber.opened(draft, "USM"):
                group.display = _user(draft)
        else:
            draft.rest("Value")
    if draft.left and draft.peek() == ber.OCTET_STRING:
        with ber.opened(draft, "Encrypted data") as (group, found):
            group.display = f"{found.stop - found.start} bytes"
            draft.rest("Value")
        return
    with ber.opened(draft, "Scoped data"):
        _engine(draft, "Context engine")
        ber.string(draft, "Context name")
        _unit(draft)


def _user(draft: Draft) -> str:
    _engine(draft, "Authoritative engine")
    ber.number(draft, "Engine boots")
    ber.number(draft, "Engine time", lambda value: f"{value} s")
    user = ber.words(ber.string(draft, "User"))
    _digest(draft, "Authentication")
    _digest(draft, "Privacy salt")
    return f"user {user}" if user else "no user"


def _engine(draft: Draft, label: str) -> None:
    with ber.opened(draft, label) as (group, _):
        value = draft.rest("Value", octets)
        group.display = octets(value) if value else "none"


def _digest(draft: Draft, label: str) -> None:
    with ber.opened(draft, label) as (group, _):
        value = draft.rest("Value", octets)
        group.display = octets(value) if value else "none"


def _unit(draft: Draft) -> None:
    kind = draft.peek()
    with ber.opened(draft, "PDU") as (group, _):
        group.display = PDUS.get(kind, f"0x{kind:02x}")
        if kind == _TRAP:
            _trap(draft)
        elif kind in PDUS:
            ber.number(draft, "Request")
            ber.number(draft, "Non-repeaters" if kind == _BULK else "Error", plain if kind == _BULK else ERRORS)
            ber.number(draft, "Maximum repetitions" if kind == _BULK else "Error index")
        else:
            draft.rest("Value")
            return
        with ber.opened(draft, "Variable bindings") as (bindings, _):
            count = 0
            while draft.left:
                _binding(draft)
                count += 1
            bindings.display = str(count)


def _trap(draft: Draft) -> None:
    _identifier(draft, "Enterprise")
    with ber.opened(draft, "Agent address") as (group, _):
        group.display = ip_text(draft.rest("Value", ip_text))
    ber.number(draft, "Generic trap", TRAPS)
    ber.number(draft, "Specific trap")
    ber.number(draft, "Time stamp", _ticks, _TICKS)


def _identifier(draft: Draft, label: str) -> str:
    with ber.opened(draft, label) as (group, _):
        group.display = _named(draft.rest("Value", _named))
    return group.display


def _named(raw: bytes) -> str:
    identifier = ber.arcs(raw)
    name = object_name(identifier)
    return f"{identifier} ({name})" if name else identifier


def _binding(draft: Draft) -> None:
    with ber.opened(draft, "Binding") as (group, _):
        name = _identifier(draft, "Name")
        with ber.opened(draft, "Value") as (value, found):
            value.display = _value(draft, found.tag)
        group.display = shorten(f"{name}: {value.display}", 200)


def _value(draft: Draft, tag: int) -> str:
    kind = VALUES.get(tag, f"tag 0x{tag:02x}")
    form: Form
    if not draft.left:
        return kind
    if tag == ber.INTEGER and draft.left <= 8:
        return f"{kind} {draft.sint('Value', draft.left)}"
    if tag in _UNSIGNED and draft.left <= 9:
        form = _ticks if tag == _TICKS else plain
        return f"{kind} {formed(form, draft.uint('Value', draft.left, form))}"
    form = _named if tag == ber.OBJECT_IDENTIFIER else ip_text if tag == _ADDRESS else ber.words
    return f"{kind} {formed(form, draft.rest('Value', form))}"


def _ticks(value: int) -> str:
    """Hundredths of a second."""
    hours, rest = divmod(value, 360000)
    days, hours = divmod(hours, 24)
    minutes, rest = divmod(rest, 6000)
    return f"{value} ({days} d {hours:02d}:{minutes:02d}:{rest / 100:05.2f})"
