# SPDX-License-Identifier: Apache-2.0
"""Where packets come from: a live capture on an interface, and the demo's private network.

Knows the native core; knows nothing of screens, decoding or filter expressions (it takes compiled programs).
"""

from __future__ import annotations
