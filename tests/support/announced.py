# SPDX-License-Identifier: Apache-2.0
"""What the modules of the protocols announce, as `ringscope/decode/protocols/announced.py` has it.

    python tests/support/announced.py > tui/ringscope/decode/protocols/announced.py

after a protocol came, went, or is announced otherwise.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from itertools import pairwise
from types import ModuleType
from typing import Any

_HEAD = '''# SPDX-License-Identifier: Apache-2.0
"""What each module of a protocol announces, written by tests/support/announced.py; a test holds it against the modules.

Of a protocol: name, title and role; its numbers, by the tables of `ringscope.decode.registry`; what its row and its
guard are in; and of each test of its bytes the carrier, the spans of first bytes that it is asked for, whether it is a
weak one, and what it is in.
"""

from __future__ import annotations

from collections.abc import Mapping

from ringscope.decode.awaited import Announced

ANNOUNCED: Mapping[str, tuple[Announced, ...]] = '''


def written() -> str:
    """The file, by what the modules say when all of them are imported. For a process that has imported none before."""
    _stand_in("ringscope.decode.protocols", FOUND=("none",))  # the registry is wanted before it is filled
    from ringscope.decode import registry

    del sys.modules["ringscope.decode.protocols"]
    _stand_in("ringscope.decode.protocols.announced", ANNOUNCED={})  # so that nothing is awaited

    made: dict[Any, tuple[str, tuple[Any, ...], list[Any]]] = {}
    protocol, recognize = registry.protocol, registry.Carrier.recognize

    def noting(name: str, title: str, *, packet: Any = None, show: Any = None, role: str = "", **numbers: Any) -> Any:
        found = protocol(name, title, role=role, packet=packet, show=show, **numbers)
        claims = {table: tuple(numbers[table]) for table in registry.TABLES if numbers.get(table)}
        made[found] = (_below(sys._getframe(1).f_globals["__name__"]), (name, title, role, claims), [])
        return found

    def noting_tests(carrier: Any, first: Iterable[int], test: Any, found: Any, *, weak: bool) -> None:
        made[found][2].append((carrier.name, _spans(sorted(first)), weak, test))
        recognize(carrier, first, test, found, weak=weak)

    registry.protocol = noting  # type: ignore[assignment]
    registry.Carrier.recognize = noting_tests  # type: ignore[method-assign]
    from ringscope.decode.protocols import FOUND

    by_unit: dict[str, list[Any]] = {unit: [] for unit in FOUND}
    for found, (module, said, tests) in made.items():
        unit = ".".join(module.split(".")[:2])

        def where(function: Any, *others: Any, unit: str = unit) -> str:
            alone = all(function.__module__ != other.__module__ for other in others)
            return _below(function.__module__) if alone else unit

        layer, row, guard = found.dissect, found.summarize, found.accepts
        by_unit[unit].append((
            *said,
            "" if row is registry.unwritten else where(row, layer),
            "" if guard is None else where(guard, layer, row),
            tuple((*test, where(function, layer, row)) for *test, function in tests),
        ))  # fmt: skip
    by_module = {unit: tuple(those) for unit, those in by_unit.items()}
    return _formatted(f"{_HEAD}{by_module!r}\n")


def _below(module: str) -> str:
    """The name of a module below those of the protocols."""
    return module.removeprefix("ringscope.decode.protocols.")


def _stand_in(name: str, **values: object) -> None:
    module = sys.modules[name] = ModuleType(name)
    vars(module).update(values)


def _spans(numbers: list[int]) -> tuple[tuple[int, int], ...]:
    """Sorted numbers as spans, both ends included."""
    breaks = [place for place, (one, next_) in enumerate(pairwise(numbers), 1) if next_ != one + 1]
    return tuple((numbers[low], numbers[high - 1]) for low, high in pairwise([0, *breaks, len(numbers)]))


def _formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--line-length", "120", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    print(written(), end="")
