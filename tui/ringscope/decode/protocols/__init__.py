# SPDX-License-Identifier: Apache-2.0
"""The protocols, a module each, in one folder a family.

link: what stands first in a capture; tunnel: what carries whole packets of another network; network: IP and its kin;
transport: what has ports; control: what networks say among themselves; app: what is carried for people and programs.

Importing this package fills the registry with all of them. A new protocol is a new module, or a package, found by being
there: nothing else names it. Those that `announced.py` knows are imported when a packet needs them, the others at once.
"""

from __future__ import annotations

from pkgutil import iter_modules

from ringscope.decode.awaited import await_module, import_whole
from ringscope.decode.protocols.announced import ANNOUNCED

FOUND = tuple(
    f"{family.name}.{module.name}"
    for family in sorted(iter_modules(__path__), key=lambda found: found.name)
    if family.ispkg
    for module in sorted(iter_modules([f"{__path__[0]}/{family.name}"]), key=lambda found: found.name)
)
"""Family and name of each module and package of a protocol, sorted."""


def import_all() -> None:
    """Import every module below this package."""
    import_whole(__name__)


for _name in FOUND:
    if _name in ANNOUNCED:
        await_module(_name, ANNOUNCED[_name], f"{__name__}.")
    else:
        import_whole(f"{__name__}.{_name}")
