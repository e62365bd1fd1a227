# SPDX-License-Identifier: Apache-2.0
"""``python -m support.fake_screen``: the screens on a fake session, for tests that want a program in a terminal."""

from __future__ import annotations

import sys

from ringscope.app import RingscopeApp
from support.fake_session import FakeCompiler, FakeSession


def main() -> int:
    app = RingscopeApp(FakeSession(capacity=10**9, rate=5000), FakeCompiler(), theme="midnight")
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
