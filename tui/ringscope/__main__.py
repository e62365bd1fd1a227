# SPDX-License-Identifier: Apache-2.0
"""``python -m ringscope``: the same as the ``ringscope`` command."""

from __future__ import annotations

import sys

from ringscope.cli import main

sys.exit(main())
