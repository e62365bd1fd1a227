# SPDX-License-Identifier: Apache-2.0
"""The one table of commands. Bindings, the bottom line and the help screen are made from it and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Command:
    """Something a key does.

    id: stable name, ``where.what``. keys: Textual key names, comma separated, the one to show first.
    action: Textual action. title: label in the bottom line. help: one sentence for the help screen.
    where: the place it works in, a key of PLACES. bar: order in the bottom line, 0 keeps it out.
    priority: works even where keys are typed as text.
    """

    id: str
    keys: str
    action: str
    title: str
    help: str
    where: str
    bar: int = 0
    priority: bool = False


PLACES = {
    "everywhere": "Everywhere",
    "packets": "Packets",
    "rows": "In every list",
    "list": "In the packet list",
    "layers": "In the layers",
    "bytes": "In the bytes",
    "filter": "While typing a capture filter",
    "goto": "While typing a packet number",
    "help": "On this page",
}

COMMANDS: tuple[Command, ...] = (
    Command("packets.filter", "f", "screen.filter", "filter",
            "Change the capture filter of the running capture. A filter that does not compile changes nothing.",
            "packets", 10),
    Command("packets.pause", "space", "screen.pause", "pause",
            "Hold the list still, or let it run again. The capture itself goes on.", "packets", 20),
    Command("packets.goto", "g", "screen.goto", "go to",
            "Go to a packet: a number, +100 or -100 from here, or 50% of what is kept.", "packets", 40),
    Command("packets.pane", "tab", "screen.pane(1)", "pane",
            "Next pane: list, layers, bytes. On a small screen the lower pane turns: layers, bytes, none.",
            "packets", 50),
    Command("packets.pane_back", "shift+tab", "screen.pane(-1)", "pane back", "The pane before.", "packets"),
    Command("packets.back", "escape", "screen.back", "back",
            "What the loud line reports has been seen: it turns quiet. Else come back a pane.", "packets"),
    Command("rows.up", "up,k", "row(-1)", "up", "Up one row.", "rows"),
    Command("rows.down", "down,j", "row(1)", "down", "Down one row.", "rows"),
    Command("rows.page_up", "pageup,ctrl+b", "page(-1)", "page up", "Up one page.", "rows"),
    Command("rows.page_down", "pagedown,ctrl+f", "page(1)", "page down", "Down one page.", "rows"),
    Command("rows.first", "home", "first", "first", "To the first row; among packets, to the oldest kept.", "rows"),
    Command("rows.last", "end,G", "last", "last", "To the last row; among packets, follow the newest again.", "rows"),
    Command("list.follow", "end,G", "last", "live", "Follow the newest packet again.", "list", 5),
    Command("list.enter", "enter,right,l", "screen.deeper", "open",
            "Into the layers of this packet; the list stops following.", "list", 30),
    Command("layers.enter", "enter", "enter", "open",
            "Open or close a layer; from a field go to its bytes.", "layers", 5),
    Command("layers.open", "right,l", "open", "unfold", "Unfold, or step to the first field inside.", "layers", 10),
    Command("layers.close", "left,h", "close", "fold", "Fold, or step out of the field's group.", "layers", 11),
    Command("layers.back", "escape", "screen.back", "list", "Back to the list.", "layers", 6),
    Command("bytes.left", "left,h", "byte(-1)", "byte", "One byte back.", "bytes", 10),
    Command("bytes.right", "right,l", "byte(1)", "byte on", "One byte on; the layers show the field it belongs to.",
            "bytes"),
    Command("bytes.back", "escape", "screen.back", "layers", "Back to the layers.", "bytes", 5),
    Command("filter.attach", "enter", "attach", "attach", "Attach the filter to the running capture.", "filter", 5),
    Command("filter.give_up", "escape", "give_up", "give up", "Leave the filter in force as it is.", "filter", 10),
    Command("filter.older", "up", "recall(-1)", "history", "The filter used before.", "filter", 20),
    Command("filter.newer", "down", "recall(1)", "newer", "The filter used after.", "filter"),
    Command("goto.go", "enter", "attach", "go", "Go there.", "goto", 5),
    Command("goto.give_up", "escape", "give_up", "give up", "Stay here.", "goto", 10),
    Command("app.theme", "T", "app.next_theme", "theme", "The next colour theme.", "everywhere", 90),
    Command("app.suspend", "ctrl+z", "app.suspend_process", "suspend",
            "To the shell; fg comes back. Nobody empties the ring meanwhile: what does not fit is lost and counted.",
            "everywhere"),
    Command("app.help", "question_mark", "app.help", "help", "This page.", "everywhere", 98),
    Command("app.quit", "q", "app.leave", "quit", "End the capture and quit.", "everywhere", 99),
    Command("app.quit_now", "ctrl+c,ctrl+q", "app.leave", "quit", "The same, also while typing.", "everywhere",
            priority=True),
    Command("help.close", "escape", "app.help", "close", "Close this page.", "help", 5),
)  # fmt: skip
"""Every command, in the order in which help lists them."""

_NAMES = {
    "question_mark": "?", "escape": "Esc", "enter": "Enter", "space": "Space", "tab": "Tab", "shift+tab": "Shift+Tab",
    "up": "↑", "down": "↓", "left": "←", "right": "→", "pageup": "PgUp", "pagedown": "PgDn", "home": "Home",
    "end": "End",
}  # fmt: skip


def key_name(key: str) -> str:
    """A Textual key name as people write it: ``question_mark`` is ``?``."""
    if key in _NAMES:
        return _NAMES[key]
    return "Ctrl+" + key[5:].upper() if key.startswith("ctrl+") else key


def bindings(*places: str) -> list[BindingType]:
    """The bindings of every command that works in ``places``; of two for one key the later wins."""
    made: list[BindingType] = []
    for command in COMMANDS:
        if command.where in places:
            made.append(
                Binding(
                    command.keys,
                    command.action,
                    command.title,
                    show=False,
                    priority=command.priority,
                    id=command.id,
                )
            )
    return made


def bar(*places: str) -> list[Command]:
    """The commands the bottom line shows for ``places``, in order."""
    return sorted((command for command in COMMANDS if command.where in places and command.bar), key=lambda c: c.bar)
