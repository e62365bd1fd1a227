# SPDX-License-Identifier: Apache-2.0
"""Roles to styles: what the widgets that draw their own lines ask for a colour.

One Look is shared by every widget; changing the theme changes it in place and the widgets draw again. Also here: the
line filter that brings colours down to 256 without turning dark greys to black and navy.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rich.color import Color as RichColor
from rich.color import ColorType
from rich.palette import Palette
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from ringscope.app.themes import Theme

_PAIRED = {"loss": "loss-text", "cursor": "cursor-text", "lit": "lit-text"}
_STRONG = frozenset({"bad", "warning", "accent", "key"})
_COLOURLESS = "ansi_default"


class Look:
    """The styles of the theme in force. With ``colour`` false, attributes alone (bold, reverse, dim) carry roles."""

    def __init__(self, theme: Theme, *, colour: bool = True) -> None:
        self._colour = colour
        self.use(theme)

    def use(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self.theme = theme
        self._roles: Mapping[str, str] = theme.roles if self._colour else dict.fromkeys(theme.roles, _COLOURLESS)
        self._styles: dict[tuple[str, str, bool], Style] = {}

    @property
    def ground(self) -> Color:
        """The colour behind everything."""
        return Color.parse(self._roles["background"])

    def style(self, role: str, ground: str = "background", *, bold: bool = False) -> Style:
        """The style of text of ``role`` on ``ground``; on a highlight (loss, cursor, lit) its own text colour."""
        key = (role, ground, bold)
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = self._make(_PAIRED.get(ground, role), ground, bold)
        return style

    def _make(self, role: str, ground: str, bold: bool) -> Style:
        roles = self._roles
        highlight = ground in _PAIRED
        # A highlight the theme gives no colour of its own must be seen all the same, and dim text must be dim.
        reverse = highlight and roles[ground] == roles["background"]
        dim = role in {"dim", "rule"} and roles[role] == roles["text"]
        plain = roles[role] == roles["text"] and roles[ground] == roles["background"]
        strong = bold or (plain and (ground in {"loss", "cursor-away"} or role in _STRONG))
        return Style(
            color=Color.parse(roles[role]).rich_color,
            bgcolor=Color.parse(roles[ground]).rich_color,
            bold=strong or None,
            reverse=reverse or None,
            dim=dim or None,
        )


class To256(LineFilter):
    """Millions of colours to the nearest of the 240 that do not depend on the terminal's own palette."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(text, style and _style_256(style), control) for text, style, control in segments]


def _steps() -> list[tuple[int, int, int]]:
    """The colours 16 to 255 of xterm: a cube of six levels a channel, then 24 greys."""
    levels = (0, 95, 135, 175, 215, 255)
    cube = [(red, green, blue) for red in levels for green in levels for blue in levels]
    return cube + [(grey, grey, grey) for grey in range(8, 248, 10)]


_PALETTE = Palette(_steps())


@lru_cache(maxsize=1024)
def _colour_256(colour: RichColor) -> RichColor:
    if colour.type is not ColorType.TRUECOLOR or colour.triplet is None:
        return colour
    return RichColor.from_ansi(16 + _PALETTE.match(colour.triplet))


@lru_cache(maxsize=1024)
def _style_256(style: Style) -> Style:
    if style.color is None and style.bgcolor is None:
        return style
    return style + Style(
        color=None if style.color is None else _colour_256(style.color),
        bgcolor=None if style.bgcolor is None else _colour_256(style.bgcolor),
    )
