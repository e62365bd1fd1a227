# SPDX-License-Identifier: Apache-2.0
"""The demo network: a private network namespace in which real processes really talk to each other.

``ringscope demo`` shows a ring with traffic in it to somebody who has neither root nor traffic. The network is
made of the kernel's own parts (a user namespace, two network namespaces, a veth pair), so what is captured went
through the same driver, tap, filter and ring as on any interface. Nothing here imports the native core or Textual.
"""

from ringscope.capture.demo.namespace import DemoError
from ringscope.capture.demo.network import DemoNetwork

__all__ = ["DemoError", "DemoNetwork"]
