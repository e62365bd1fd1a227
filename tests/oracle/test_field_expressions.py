# SPDX-License-Identifier: Apache-2.0
"""The expression of a field compiles and selects the packet that the field is of, over a folder of captures.

One packet is taken for every field in every stack of headers; `pytest -s` prints how many have an expression.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import pack

from ringscope.app.expression import Expression, field_expression, layer_expression
from ringscope.capture.files import FileSession
from ringscope.capture.views import View
from ringscope.decode import Field, Layer, dissect
from ringscope.filter import Compiler, FilterError
from support.capturefile import Captured, packets
from support.oracles import missing, require_captures

PACKETS_A_FILE = 40
MOST = 1200
FEWEST = 500
SHARE = 0.6  # of the fields and layers that have bytes; most of the others are longer than a value to filter by


@dataclass(frozen=True, slots=True)
class Made:
    """An expression, and the packet it was made of. `what` is the field in its stack of headers."""

    what: str
    expression: Expression
    packet: Captured


def _fields() -> Iterator[tuple[str, Captured, tuple[Layer, ...], int, Field | None]]:
    """Every field, and every layer as a whole, of every stack of headers once."""
    seen: set[str] = set()
    for path in sorted(require_captures().iterdir()):
        for packet in packets(path, PACKETS_A_FILE):
            layers = dissect(packet.data, packet.link_type, packet.length)
            for place, layer in enumerate(layers):
                stack = f"{packet.link_type} {':'.join(each.name for each in layers[: place + 1])}"
                for field in (None, *layer.fields):
                    what = stack if field is None else f"{stack} {field.name} {field.length} {field.bits}"
                    if what not in seen and (field is None or field.length):
                        seen.add(what)
                        yield what, packet, layers, place, field


def _made() -> list[Made]:
    made = []
    for what, packet, layers, place, field in _fields():
        if field is None:
            expression = layer_expression(layers, place, packet.data, packet.link_type)
        else:
            expression = field_expression(layers, place, field, packet.data, packet.link_type)
        made.append(Made(what, expression, packet))
    return made


def _kind(made: Made) -> tuple[int, str]:
    """Link type and byte order: the header of LINKTYPE_NULL is in that of the file."""
    packet = made.packet
    return packet.link_type, ">" if packet.link_type == 0 and packet.data[:1] == b"\0" else "<"


def _written(folder: Path, link_type: int, order: str, chosen: list[Captured]) -> Path:
    path = folder / f"{link_type}{'big' if order == '>' else ''}.pcap"
    records = (pack(f"{order}IIII", 0, 0, len(each.data), each.length) + each.data for each in chosen)
    path.write_bytes(pack(f"{order}IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link_type) + b"".join(records))
    return path


def _selects(view: View, head: int, code: bytes, link_type: int, number: int) -> bool:
    view.start({link_type: code})
    while view.state().examined < head:
        time.sleep(0.0001)
    return number in view.numbers(1, head)


def _reason(note: str) -> str:
    return note.partition(": ")[2] or "longer than what a filter compares"


def test_the_expression_of_a_field_selects_its_packet(tmp_path: Path) -> None:
    made = _made()
    having = [each for each in made if each.expression.text]
    if len(having) < FEWEST:
        missing(f"the folder of captures has only {len(having)} fields with an expression")
    print(f"\n{len(made)} fields and layers in stacks of headers, with an expression {len(having)}")
    reasons = Counter(_reason(each.expression.note) for each in made if not each.expression.text)
    print("\n".join(f"{count:7} {reason}" for reason, count in reasons.most_common()))
    assert len(having) >= SHARE * len(made)
    step = max(1, len(having) // MOST)
    wrong: list[str] = []
    with Compiler() as compiler:
        for kind in sorted({_kind(each) for each in having}):
            some = [each for each in having if _kind(each) == kind][::step]
            wrong += _wrong(some, *kind, compiler, tmp_path)
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:30])


def _wrong(made: list[Made], link_type: int, order: str, compiler: Compiler, folder: Path) -> Iterator[str]:
    numbers: dict[Captured, int] = {}
    for each in made:
        numbers.setdefault(each.packet, len(numbers) + 1)
    path = _written(folder, link_type, order, list(numbers))
    with FileSession.open(str(path), store_bytes=1 << 24) as session, session.view() as view:
        while session.loading():
            time.sleep(0.001)
        head = session.newest()
        for each in made:
            text = each.expression.text
            try:
                program = compiler.compile(
                    text,
                    link_type=link_type,
                    snaplen=262144,
                    live=False,
                    loops=True,
                    swapped=session.swapped,
                    timeout=20,
                )
            except FilterError as error:
                yield f"{each.what}: {text}: {error}"
                continue
            if not _selects(view, head, program.code, link_type, numbers[each.packet]):
                yield f"{each.what}: {text} does not select its packet"
