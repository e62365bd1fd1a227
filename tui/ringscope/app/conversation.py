# SPDX-License-Identifier: Apache-2.0
"""What is said of a followed conversation in words: its title, its holes, its amounts. No Textual here."""

from __future__ import annotations

from ringscope.app import cells
from ringscope.app.following import Following
from ringscope.app.pieces import Fact, Form
from ringscope.app.units import group, packets
from ringscope.decode.streams import CLIENT, SERVER, Endpoint, Hole, Piece

GLYPHS = ("→", "←")
"""What stands before the bytes of the client and of the server."""

ROLES = ("client", "server")


def amount(count: int) -> str:
    """``517 B``, ``64.2 KiB``, ``12.0 MiB``."""
    if count < 1024:
        return f"{count} B"
    value, unit = count / 1024, "KiB"
    if value >= 1023.95:
        value, unit = value / 1024, "MiB"
    if value >= 1023.95:
        value, unit = value / 1024, "GiB"
    return f"{value:.1f} {unit}"


def octets(count: int) -> str:
    """``1 byte``, ``1 204 bytes``."""
    return f"{group(count)} byte{'' if count == 1 else 's'}"


def hole_words(hole: Piece, *, growing: bool) -> tuple[str, str]:
    """Why bytes are missing, and the role to say it in."""
    size = octets(hole.size)
    if hole.hole is Hole.CUT:
        return f"{size} cut off: of packet {group(hole.number)} only the beginning was captured", "warning"
    if hole.hole is Hole.FRAGMENT:
        return f"{size} in later IP fragments of packet {group(hole.number)}, not joined", "warning"
    if hole.acknowledged:
        size = "1 byte, or the end (FIN)," if hole.size == 1 else size
        return f"{size} not captured, though acknowledged", "warning"
    if growing:
        return f"{size} {'has' if hole.size == 1 else 'have'} not come yet", "dim"
    return f"{size} not captured, nor acknowledged", "warning"


def end(endpoint: Endpoint) -> str:
    """``10.0.0.1:443``, ``[fd00::1]:443``."""
    address, port = endpoint
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def title(following: Following) -> list[Fact]:
    """The facts of the line above the bytes, the most important ones last to give way."""
    stream = following.stream
    client, server = (cells.safe(end(one)) for one in stream.ends)
    carrier = following.carrier.upper()
    whole: Form = ((f"{carrier} ", "dim"), (client, "client"), (" → ", "dim"), (server, "server"))
    ports = f"{stream.ends[CLIENT][1]} → {stream.ends[SERVER][1]}"
    facts = [Fact((whole, ((f"{carrier} ", "dim"), (ports, "text"))), 50)]
    missing = holes = 0
    for glyph, role, (here, gone, count) in zip(GLYPHS, ROLES, stream.totals(), strict=True):
        facts.append(Fact((((f"{glyph} {amount(here)}", role),),), 90))
        missing, holes = missing + gone, holes + count
    if holes:
        lost = f"{group(holes)} hole{'' if holes == 1 else 's'}, {amount(missing)} missing"
        facts.append(Fact((((lost, "warning"),), ((f"{amount(missing)} missing", "warning"),)), 60))
    facts.append(Fact((((packets(stream.packets), "dim"),), ()), 20))
    facts.append(_state(following))
    if following.earlier:
        one = f"conversation {following.earlier + 1} of these ports"
        facts.append(Fact((((one, "dim"),), ()), 30))
    if following.later:
        facts.append(Fact((((f"the next begins at packet {group(following.later)}", "dim"),), ()), 25))
    return facts


def _state(following: Following) -> Fact:
    stream = following.stream
    if following.fault:
        return Fact((((cells.safe(following.fault), "bad"),), (("gave up", "bad"),)), 40)
    if following.full:
        more = f", {packets(following.left)} left out" if following.left else ""
        return Fact((((f"too long to keep whole{more}", "warning"),), (("not whole", "warning"),)), 70)
    if following.stopped:
        return Fact(((("reading was ended: not whole", "warning"),), (("not whole", "warning"),)), 70)
    if following.finished:
        missing = following.gone or not stream.opened or any(gone for _, gone, _ in stream.totals())
        return Fact((((("not whole", "warning") if missing else ("whole", "good")),), ()), 35)
    if following.searching or following.left:
        return Fact(((("looking for its packets", "dim"),), ()), 35)
    return Fact(((("grows while packets come", "good"),), (("live", "good"),)), 45)
