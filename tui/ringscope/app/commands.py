# SPDX-License-Identifier: Apache-2.0
"""The one table of commands. Bindings, the bottom line and the help screen are made from it and from nothing else."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from ringscope.frozen import frozen


@frozen
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
    "rings": "Rings",
    "whatif": "In the table of other rings",
    "reshape": "While typing what rings to have",
    "path": "Path",
    "follow": "In a followed stream",
    "rows": "In every list",
    "list": "In the packet list",
    "layers": "In the layers",
    "bytes": "In the bytes",
    "stream": "In the bytes of a followed stream",
    "filter": "While typing a capture filter",
    "view": "While typing a view",
    "search": "While typing what to search for",
    "save": "While typing the name of a file",
    "goto": "While typing where to go",
    "values": "In the full values of a row",
    "columns": "While choosing columns",
    "order": "While choosing an order",
    "stages": "Among the stages of the path",
    "opened": "In an opened stage",
    "number": "Where a number is from",
    "copy": "After y: what is copied",
    "select": "After a: what is made of the expression",
    "help": "On this page",
}

COMMANDS: tuple[Command, ...] = (
    Command("packets.filter", "f", "screen.filter", "filter",
            "Change the capture filter of the running capture. A filter that does not compile changes nothing.",
            "packets", 10),
    Command("packets.view", "v", "screen.view", "view",
            "Show only packets that pass an expression, while you type it. A view hides packets; none is lost by it.",
            "packets", 12),
    Command("packets.search", "slash", "screen.search", "search",
            "Search the bytes, as text, in hexadecimal or by a regular expression, or the info column.",
            "packets", 14),
    Command("packets.next", "n", "screen.again(True)", "next", "The next packet that has what was searched for.",
            "packets"),
    Command("packets.previous", "N", "screen.again(False)", "previous", "The packet before that has it.", "packets"),
    Command("packets.as_filter", "a", "screen.as_filter", "as filter",
            "Make a filter of the field under the cursor, or in the list of the packet's flow; then one letter.",
            "packets", 16),
    Command("packets.copy", "y", "screen.copy", "copy",
            "Copy the field, its bytes, the row, the layers or a filter expression; then one letter.", "packets", 36),
    Command("packets.deep", "D", "screen.deep", "by tshark",
            "Ask tshark for its layers of this packet, where it is installed; once more: ringscope's own again.",
            "packets", 40),
    Command("packets.pause", "space", "screen.pause", "pause",
            "Hold the list still, or let it run again. The capture itself goes on.", "packets", 20),
    Command("packets.mark", "m", "screen.mark", "mark", "Mark this packet, or take its mark away.", "packets", 32),
    Command("packets.next_mark", "apostrophe", "screen.to_mark(True)", "next mark", "To the next marked packet.",
            "packets"),
    Command("packets.previous_mark", "quotation_mark", "screen.to_mark(False)", "mark before",
            "To the marked packet before.", "packets"),
    Command("packets.save", "s", "screen.save", "save",
            "Write packets to a file: all kept, those in view, those marked, this flow, or a range.", "packets", 34),
    Command("packets.recorder", "W", "screen.recorder", "write the last minute",
            "Write what the recorder keeps of a capture, its last minute, to a file at once, and the next ten seconds;"
            " again: that is enough.", "packets"),
    Command("packets.follow", "F", "screen.follow", "follow",
            "Follow the TCP or UDP stream of this packet: what both sides said, put together.", "packets", 33),
    Command("packets.goto", "g", "screen.goto", "go to",
            "Go to a packet: its number, +100 or -100 from here, 50% of what is kept; to a time: 12:04:31, -30s; or "
            "to the next loss: gap, -gap.", "packets"),
    Command("packets.next_in_flow", "full_stop", "screen.flow(True)", "next of flow",
            "The next packet of the same flow, behind the end the first.", "packets"),
    Command("packets.previous_in_flow", "comma", "screen.flow(False)", "of flow before",
            "The packet of the same flow before it.", "packets"),
    Command("packets.columns", "C", "screen.columns", "columns",
            "Choose the columns, also of any field of the layers: there, of the field under the cursor.", "packets"),
    Command("packets.sort", "o", "screen.sort", "sort",
            "Sort by a column. What is sorted is a picture of the packets there are; sort again for those that came.",
            "packets"),
    Command("packets.time", "t", "screen.time_format", "times",
            "Another format of the times: of day, dates, since the first packet, the one above, the mark, UTC, Unix.",
            "packets"),
    Command("packets.values", "x", "screen.values", "full values", "All columns of this row, whole and wrapped.",
            "packets"),
    Command("packets.pane", "tab", "screen.pane(1)", "pane",
            "Next pane: list, layers, bytes. On a small screen the lower pane turns: layers, bytes, none.",
            "packets", 50),
    Command("packets.pane_back", "shift+tab", "screen.pane(-1)", "pane back", "The pane before.", "packets"),
    Command("packets.back", "escape", "screen.back", "back",
            "End what is being read, searched or written. Else what the loud line reports has been seen: it turns"
            " quiet. Else come back a pane.", "packets"),
    Command("rings.queue", "enter,right,l", "screen.panel('queue')", "details",
            "All there is to know of the ring under the cursor, and its own past.", "rings", 5),
    Command("rings.blame", "b", "screen.panel('blame')", "blame",
            "The flows that fed the ring under the cursor when it was last nearly full, else of late.", "rings", 10),
    Command("rings.cures", "c", "screen.panel('cures')", "cures",
            "What would help, as text to copy, each with what it would have saved. None is ever run by itself.",
            "rings", 15),
    Command("rings.copy", "y", "screen.copy", "copy", "Copy a cure; again, the next one.", "rings", 16),
    Command("rings.span", "z", "screen.span", "past",
            "The past of the last ten seconds, minute, or ten minutes.", "rings", 20),
    Command("rings.order", "o", "screen.order", "order",
            "The ring that needs looking at first on top, or all by their number.", "rings", 30),
    Command("rings.back", "escape,left,h", "screen.back", "back",
            "What the loud line reports has been seen: it turns quiet. Else come back from what was opened.",
            "rings"),
    Command("rings.whatif", "w", "screen.what_if", "what if",
            "What rings of another size would have lost of the last minute; Enter has such rings.", "rings", 24),
    Command("rings.reshape", "r", "screen.reshape", "change rings",
            "Other rings while the capture runs, without a gap: 128 x 1M, fanout cpu, timeout 50 ms.", "rings"),
    Command("whatif.choose", "enter", "choose", "use this ring",
            "Have rings of this size at once; the capture goes on without a gap.", "whatif", 5),
    Command("whatif.back", "escape", "screen.back", "back", "Back to the rings as they are.", "whatif", 10),
    Command("reshape.go", "enter", "attach", "change", "Have such rings at once; the capture goes on without a gap.",
            "reshape", 5),
    Command("reshape.give_up", "escape", "give_up", "give up", "Leave the rings as they are.", "reshape", 10),
    Command("path.explain", "e", "screen.explain", "explain",
            "Why the verdict is this and no other: what the counters were asked, and what they said.", "path", 10),
    Command("path.cures", "c", "screen.cures", "cures",
            "What would help, as text to copy, each with what it would have saved. Nothing of it is run.", "path", 12),
    Command("path.back", "escape", "screen.back", "back",
            "What the loud line reports has been seen: it turns quiet. Else back to the stages.", "path"),
    Command("follow.to_packet", "enter", "screen.to_packet", "packet",
            "Back to the list, to the packet that brought the byte under the cursor.", "follow", 5),
    Command("follow.back", "escape", "screen.back", "list",
            "End what is being read, searched or written. Else back to the list, where it was.", "follow", 6),
    Command("follow.form", "tab", "screen.form", "bytes", "Text or bytes in hexadecimal.", "follow", 10),
    Command("follow.search", "slash", "screen.search", "search",
            "Search both sides for text or for bytes in hexadecimal, also across packets.", "follow", 14),
    Command("follow.next", "n", "screen.again(True)", "next", "The next place that has what was searched for.",
            "follow"),
    Command("follow.previous", "N", "screen.again(False)", "previous", "The place before that has it.", "follow"),
    Command("follow.save", "s", "screen.save", "save",
            "Write the bytes of both sides or of one to a file, or all of it as text.", "follow", 34),
    Command("follow.before", "left_square_bracket", "screen.part(False)", "before",
            "What is before the part that is shown: of a long stream, or the conversation before of the same ports.",
            "follow"),
    Command("follow.behind", "right_square_bracket", "screen.part(True)", "behind",
            "What is behind the part that is shown.", "follow"),
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
    Command("stream.left", "left,h", "byte(-1)", "byte", "One byte back.", "stream"),
    Command("stream.right", "right,l", "byte(1)", "byte on", "One byte on.", "stream"),
    Command("stream.end", "end,G", "last", "live", "To the end, and stay there while it grows.", "stream", 20),
    Command("filter.attach", "enter", "attach", "attach", "Attach the filter to the running capture.", "filter", 5),
    Command("filter.give_up", "escape", "give_up", "give up", "Leave the filter in force as it is.", "filter", 10),
    Command("filter.older", "up", "recall(-1)", "history", "The filter used before.", "filter", 20),
    Command("filter.newer", "down", "recall(1)", "newer", "The filter used after.", "filter"),
    Command("view.keep", "enter", "attach", "keep", "Keep the view; an empty one shows all packets.", "view", 5),
    Command("view.give_up", "escape", "give_up", "give up", "Go back to the view before.", "view", 10),
    Command("view.older", "up", "recall(-1)", "history", "The view used before.", "view", 20),
    Command("view.newer", "down", "recall(1)", "newer", "The view used after.", "view"),
    Command("search.go", "enter", "attach", "search", "Search from the cursor on.", "search", 5),
    Command("search.give_up", "escape", "give_up", "give up", "Stay here.", "search", 10),
    Command("search.mode", "tab", "turn(1)", "text, hex, re, info", "Another kind of search.", "search", 15),
    Command("search.mode_back", "shift+tab", "turn(-1)", "kind before", "The kind of search before.", "search"),
    Command("search.older", "up", "recall(-1)", "history", "What was searched for before.", "search", 20),
    Command("search.newer", "down", "recall(1)", "newer", "What was searched for after.", "search"),
    Command("save.go", "enter", "attach", "write", "Write the file; what was there stays until it is whole.", "save",
            5),
    Command("save.give_up", "escape", "give_up", "give up", "Write nothing.", "save", 10),
    Command("save.what", "tab", "turn(1)", "all, view, marked, flow, range", "Another choice of packets.", "save", 15),
    Command("save.what_back", "shift+tab", "turn(-1)", "choice before", "The choice before.", "save"),
    Command("goto.go", "enter", "attach", "go", "Go there.", "goto", 5),
    Command("goto.give_up", "escape", "give_up", "give up", "Stay here.", "goto", 10),
    Command("values.close", "escape,x", "screen.values", "back to the list", "Back to the list.", "values", 5),
    Command("columns.keep", "enter", "attach", "keep", "Keep these columns, also for the next time.", "columns", 5),
    Command("columns.give_up", "escape", "give_up", "give up", "Go back to the columns before.", "columns", 10),
    Command("columns.complete", "tab", "turn(1)", "complete", "The next column that begins so, or has it inside.",
            "columns", 15),
    Command("columns.complete_back", "shift+tab", "turn(-1)", "complete back", "The one before.", "columns"),
    Command("columns.left", "up", "recall(-1)", "to the left", "Move the column at the cursor to the left.", "columns",
            20),
    Command("columns.right", "down", "recall(1)", "to the right", "Move it to the right.", "columns", 21),
    Command("order.go", "enter", "attach", "sort", "Sort; without a column, by packet numbers again.", "order", 5),
    Command("order.give_up", "escape", "give_up", "give up", "Leave the list as it is.", "order", 10),
    Command("order.column", "tab", "turn(1)", "column", "Another column.", "order", 15),
    Command("order.column_back", "shift+tab", "turn(-1)", "column before", "The column before.", "order"),
    Command("order.rising", "up", "recall(-1)", "rising", "The least first.", "order", 20),
    Command("order.falling", "down", "recall(1)", "falling", "The greatest first.", "order", 21),
    Command("copy.field", "f", "choose('field')", "field", "Name and value: TTL: 64.", "copy", 1),
    Command("copy.value", "v", "choose('value')", "value", "The value alone.", "copy", 2),
    Command("copy.hex", "h", "choose('hex')", "hex", "The bytes of the field, or of the packet, in hexadecimal.",
            "copy", 3),
    Command("copy.array", "c", "choose('array')", "C", "The bytes as an array in C.", "copy", 4),
    Command("copy.text", "t", "choose('text')", "text", "The bytes as text; what is none is escaped.", "copy", 5),
    Command("copy.base64", "b", "choose('base64')", "base64", "The bytes in base64.", "copy", 6),
    Command("copy.row", "r", "choose('row')", "row", "The row of the list.", "copy", 7),
    Command("copy.layers", "l", "choose('layers')", "tree", "All layers and fields, as indented text.", "copy", 8),
    Command("copy.expression", "e", "choose('expression')", "filter",
            "The filter expression of the field, or of the flow.", "copy", 9),
    Command("select.view", "v", "choose('view only')", "view", "View only packets with this value.", "select", 1),
    Command("select.hide", "x", "choose('view not')", "hide", "Leave them out of the view.", "select", 2),
    Command("select.and", "a", "choose('view and')", "and", "Of those in view only packets with this value.", "select",
            3),
    Command("select.or", "o", "choose('view or')", "or", "Add them to those in view.", "select", 4),
    Command("select.capture", "f", "choose('capture only')", "capture", "Capture only packets with this value.",
            "select", 5),
    Command("select.leave_out", "X", "choose('capture not')", "leave out", "Capture them no more.", "select", 6),
    Command("select.capture_and", "A", "choose('capture and')", "and",
            "Of those that pass the capture filter only packets with this value.", "select", 7),
    Command("select.capture_or", "O", "choose('capture or')", "or", "Capture them besides.", "select", 8),
    Command("screen.packets", "1", "app.go('packets')", "Packets", "The packets as they come.", "everywhere"),
    Command("screen.rings", "2", "app.go('rings')", "Rings",
            "The rings that packets pass on their way in: how full they are, and what would help.", "everywhere"),
    Command("stages.open", "enter", "open", "open",
            "Into this stage: all its figures, and what could not be read; of the tap every packet socket.",
            "stages", 5),
    Command("stages.left", "left,h", "stage(-1)", "stage", "The stage before.", "stages", 30),
    Command("stages.right", "right,l", "stage(1)", "next stage", "The next stage.", "stages"),
    Command("opened.enter", "enter", "enter", "closer",
            "Of a number where it is from, of a packet socket its filter; a cure is copied.", "opened", 5),
    Command("opened.copy", "y", "screen.copy", "copy", "Copy the cure of this line, or else the line.", "opened", 8),
    Command("number.close", "escape", "app.provenance", "close", "Back to the screen of the number.", "number", 5),
    Command("screen.path", "4", "app.go('path')", "Path",
            "The way of a packet: what is lost where, why, and what would help.", "everywhere"),
    Command("app.provenance", "i", "app.provenance", "where from",
            "Where a number is read, what it counts, and what is wrong with it; from there on for every number of the"
            " screen.", "everywhere", 90),
    Command("app.theme", "T", "app.next_theme", "theme", "The next colour theme.", "everywhere"),
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
    "question_mark": "?", "slash": "/", "apostrophe": "'", "quotation_mark": '"',
    "full_stop": ".", "comma": ",",
    "left_square_bracket": "[", "right_square_bracket": "]",
    "escape": "Esc", "enter": "Enter", "space": "Space", "tab": "Tab", "shift+tab": "Shift+Tab",
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


def screens() -> list[Command]:
    """The commands that bring a screen to the front, in the order of their numbers."""
    return sorted((command for command in COMMANDS if command.id.startswith("screen.")), key=lambda c: c.keys)


def elsewhere(key: str, shown: str) -> str:
    """What to say of a key that does nothing here; ``shown`` is how people write it."""
    numbers = {command.id.removeprefix("screen."): command for command in screens()}
    found = [command for command in COMMANDS if key in command.keys.split(",") and command.where in numbers]
    if not found:
        return f"{shown} does nothing here; ? lists the keys"
    places = [f"{screen.keys} {screen.title}" for screen in (numbers[command.where] for command in found)]
    titles = list(dict.fromkeys(command.title for command in found))
    if len(titles) > 1:
        return f"{shown} works on " + ", ".join(f"{at} ({one.title})" for at, one in zip(places, found, strict=True))
    return f"{shown} ({titles[0]}) works on {' and '.join(places)}"
