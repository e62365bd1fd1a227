# SPDX-License-Identifier: Apache-2.0
"""ringscope: a full-screen terminal traffic analyzer that shows packets and whether it is telling the truth.

The rooms of the package, and who may import whom, from top to bottom::

    cli -> app -> {capture, filter, decode, host} -> native -> the C core in csrc

Only ``app`` imports Textual, only ``native`` touches cffi; the import contract in pyproject.toml holds both.
"""

from __future__ import annotations

__version__ = "0.1.0"
