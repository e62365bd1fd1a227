# SPDX-License-Identifier: Apache-2.0
"""Colour themes: named roles from TOML files, those shipped with the package and then the user's own.

A theme gives every role a colour and nothing else. A file that cannot be used is reported in plain sentences, one a
fault, and is left out; it never stops the program.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.theme import Theme as TextualTheme

from ringscope.frozen import frozen

ROLES: Mapping[str, str] = {
    "text": "what is read",
    "dim": "what is there when looked for: numbers, names, labels",
    "background": "under the packet list",
    "surface": "under the layers, the bytes and the bars",
    "rule": "lines and the track of a scroll bar",
    "accent": "the pane that has the keys, headings",
    "key": "keys in the bottom line",
    "good": "all is well",
    "warning": "look at this when you can",
    "loss": "behind the loud line: packets were lost",
    "loss-text": "text on loss",
    "filter": "the capture filter in force",
    "view": "the view in force: what is hidden",
    "mark": "the mark of a packet",
    "cursor": "behind the row under the cursor",
    "cursor-text": "text on cursor",
    "cursor-away": "behind the cursor of a pane that has not the keys; its text has the role text",
    "lit": "behind the bytes of the selected field",
    "lit-text": "text on lit",
    "tcp": "protocol class",
    "udp": "protocol class",
    "icmp": "protocol class",
    "arp": "protocol class",
    "dns": "protocol class",
    "http": "protocol class",
    "tls": "protocol class",
    "routing": "protocol class",
    "other": "protocol class",
    "client": "bytes of a followed stream that the client sent",
    "server": "bytes of a followed stream that the server sent",
    "bad": "a packet that contradicts itself, a filter that does not compile",
    "ring-low": "ring fill below three quarters",
    "ring-high": "ring fill from three quarters",
    "ring-full": "ring fill from nine tenths",
}
"""Every role of a theme, and what it is for."""

STAND_INS: Mapping[str, str] = {"view": "accent", "mark": "warning"}
"""Roles that came later: a theme that was made before has the colour of another for them."""

TEXT_ON: tuple[tuple[str, str], ...] = (
    *(
        (role, ground)
        for role in ROLES
        if role not in {"background", "surface", "rule", "loss", "cursor", "cursor-away", "lit"}
        and not role.endswith("-text")
        for ground in ("background", "surface")
    ),
    ("loss-text", "loss"),
    ("cursor-text", "cursor"),
    ("lit-text", "lit"),
    ("text", "cursor-away"),
)
"""Every pair (role of a text, role of what it stands on) that the screens draw."""

KINDS = ("dark", "light", "terminal")
DEFAULT = "midnight"
PLAIN = "terminal"


@frozen
class Theme:
    """A theme that has passed validation.

    ``name`` is the file's name without ``.toml``; ``kind`` is one of KINDS; ``roles`` maps each of ROLES to a colour
    Textual can parse (for the kind terminal, ``ansi_`` names only).
    """

    name: str
    title: str
    kind: str
    roles: Mapping[str, str]

    def textual(self) -> TextualTheme:
        """The same for Textual's own widgets and stylesheets; roles become variables ``$role-...``."""
        roles = self.roles
        return TextualTheme(
            name=f"ringscope-{self.name}",
            primary=roles["accent"],
            secondary=roles["accent"],
            accent=roles["accent"],
            warning=roles["warning"],
            error=roles["bad"],
            success=roles["good"],
            foreground=roles["text"],
            background=roles["background"],
            surface=roles["surface"],
            panel=roles["surface"],
            dark=self.kind != "light",
            ansi=self.kind == "terminal",
            variables=css_variables(roles),
        )


def css_variables(roles: Mapping[str, str]) -> dict[str, str]:
    """The roles as variables for stylesheets, and two that Textual wants of themes with the terminal's own colours."""
    own = {f"role-{role}": colour for role, colour in roles.items()}
    return {"ansi-background": roles["background"], "ansi-foreground": roles["text"], **own}


class ThemeError(ValueError):
    """A theme file that cannot be used; ``faults`` has one sentence a fault."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def parse(file: str, text: str) -> Theme:
    """Read a theme from the ``text`` of the file named ``file``. Raises ThemeError with every fault found."""
    name = file.removesuffix(".toml")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):
        raise ThemeError([f"{file!r}: a theme file is named with letters, digits, - and _ only."])
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ThemeError([f"{file}: not valid TOML: {error}."]) from error
    faults = [f"{file}: {key}: there is no such key; a theme has title, kind and [roles]."
              for key in data.keys() - {"title", "kind", "roles"}]  # fmt: skip
    title, kind, roles = data.get("title", name), data.get("kind"), data.get("roles")
    if not isinstance(title, str):
        faults.append(f"{file}: title: must be text.")
    if kind not in KINDS:
        faults.append(f"{file}: kind: must be dark, light or terminal, not {kind!r}.")
    if isinstance(roles, dict):
        faults += _role_faults(file, roles, terminal=kind == "terminal")
    else:
        faults.append(f"{file}: roles: there is no table [roles].")
    if faults:
        raise ThemeError(sorted(faults))
    assert isinstance(roles, dict)
    return Theme(name, str(title), str(kind), {role: roles.get(role) or roles[STAND_INS[role]] for role in ROLES})


def _role_faults(file: str, roles: dict[str, object], *, terminal: bool) -> list[str]:
    missing = ROLES.keys() - roles.keys() - STAND_INS.keys()
    faults = [f"{file}: roles.{role}: missing; it colours: {ROLES[role]}." for role in missing]
    for role, colour in roles.items():
        where = f"{file}: roles.{role}:"
        if role not in ROLES:
            close = difflib.get_close_matches(role, ROLES, 1)
            faults.append(f"{where} there is no such role" + (f"; did you mean {close[0]}?" if close else "."))
        elif not isinstance(colour, str):
            faults.append(f"{where} must be a colour in quotes.")
        elif fault := _colour_fault(colour, terminal=terminal):
            faults.append(f"{where} {fault}")
    return faults


def _colour_fault(colour: str, *, terminal: bool) -> str:
    try:
        parsed = Color.parse(colour)
    except ColorParseError:
        example = "ansi_blue or ansi_default" if terminal else "#7fb4ff"
        return f"{colour!r} is not a colour; write for example {example}."
    named = parsed.ansi is not None
    if terminal and not named:
        return f"{colour!r}: a theme of kind terminal uses ansi_ names only, for example ansi_blue."
    if named and not terminal:
        return f"{colour!r}: ansi_ names belong to themes of kind terminal; write for example #7fb4ff."
    if parsed.a != 1:
        return f"{colour!r}: must be opaque."
    return ""


def load(*folders: Path) -> tuple[dict[str, Theme], tuple[str, ...]]:
    """Themes by name from ``folders`` in order (a later one replaces an earlier of the same name), and the faults."""
    themes: dict[str, Theme] = {}
    faults: list[str] = []
    for folder in folders:
        try:
            found = sorted(folder.iterdir(), key=lambda file: file.name)
        except FileNotFoundError:
            continue
        except OSError as error:
            faults.append(f"{folder.name}: the folder of themes cannot be read: {error.strerror or error}.")
            continue
        for file in found:
            if not file.name.endswith(".toml"):
                continue
            try:
                theme = parse(file.name, file.read_text(encoding="utf-8"))
            except ThemeError as error:
                faults += error.faults
            except UnicodeDecodeError:
                faults.append(f"{file.name}: not valid UTF-8.")
            except OSError as error:
                faults.append(f"{file.name}: cannot be read: {error.strerror or error}.")
            else:
                themes[theme.name] = theme
    return themes, tuple(faults)


def shipped() -> Path:
    """The folder of the themes that come with the package; in a source tree not installed, the one at its top."""
    folder = Path(__file__).parents[1] / "themes"
    return folder if folder.is_dir() else Path(__file__).parents[3] / "themes"


def suitable(environment: Mapping[str, str] = os.environ) -> str:
    """The name of the theme for this terminal: its own sixteen colours unless it says that it has millions."""
    if "NO_COLOR" in environment or environment.get("COLORTERM", "").lower() not in {"truecolor", "24bit"}:
        return PLAIN
    return DEFAULT
