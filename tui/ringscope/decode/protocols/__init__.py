# SPDX-License-Identifier: Apache-2.0
"""The protocols, a module each, in one folder a family.

link: what stands first in a capture; tunnel: what carries whole packets of another network; network: IP and its kin;
transport: what has ports; control: what networks say among themselves; app: what is carried for people and programs.

Importing this package imports every module below it, in the order of their names, and so fills the registry. A new
protocol is a new module: nothing else names it.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

LOADED = tuple(sorted(module.name for module in walk_packages(__path__, f"{__name__}.")))
"""The modules that were found."""

for _name in LOADED:
    import_module(_name)
