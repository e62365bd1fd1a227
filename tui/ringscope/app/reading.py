# SPDX-License-Identifier: Apache-2.0
"""A file while it is read, and what was found to be wrong with it. No Textual here."""

from __future__ import annotations

from ringscope.app.units import group, packets
from ringscope.capture.session import Loading, Session, Snapshot


class Reading:
    """Asked once a tick. ``span`` has the times of the first and the last packet, None as long as there is none."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen = ""
        self._ends = (0, 0)
        self.is_file = session.kind == "file"
        self.is_pipe = session.kind == "pipe"
        self.loading: Loading | None = None
        self.span: tuple[int, int] | None = None

    def update(self, snapshot: Snapshot) -> None:
        """Take the moment of a snapshot."""
        if not (self.is_file or self.is_pipe):
            return
        self.loading = self._session.loading()
        if snapshot.head and self._ends != (snapshot.tail, snapshot.head):
            self._ends = (snapshot.tail, snapshot.head)
            ends = [self._session.read(number, 1, 1) for number in self._ends]
            if all(ends):
                self.span = (ends[0][0].time_ns, ends[1][0].time_ns)

    @property
    def busy(self) -> bool:
        """Whether there is more that has not been read."""
        return self.loading is not None and self.loading.state == "reading"

    @property
    def fault(self) -> str:
        """What is wrong with the file, with its byte offset; empty: nothing was found to be."""
        # The first line names the file.
        return self.loading.fault.removeprefix(f"{self._session.interface}, ") if self.loading else ""

    @property
    def loud(self) -> bool:
        """Whether there is a fault that nobody has seen."""
        return bool(self.fault) and self.fault != self._seen

    def seen(self) -> bool:
        """Somebody has seen it. Returns whether there was anything to see."""
        was, self._seen = self.loud, self.fault
        return was

    def cancel(self) -> bool:
        """Read no further. Whether there was anything to stop."""
        if not self.busy:
            return False
        self._session.cancel()
        return True

    def told(self) -> tuple[str, float | None] | None:
        """What is being done and how far it is, while a file is read. A pipe has no end to be away from."""
        if self.loading is None or not self.busy or self.is_pipe:
            return None
        return f"reading {self._session.interface}, {packets(self.loading.packets)}", self.loading.share

    def state(self) -> tuple[str, str]:
        """The state in words, and their role."""
        loading = self.loading
        if loading is None or loading.state == "done":
            return ("ended", "text") if self.is_pipe else ("read", "good")
        match loading.state:
            case "reading" if loading.share is not None:
                return f"reading {min(99, int(loading.share * 100))} %", "warning"
            case "reading" | "waiting":
                return "live" if self.is_pipe else "waiting for more", "good"
            case "cancelled":
                return f"STOPPED at {group(loading.packets)}", "warning"
            case _:
                return "ended early", "warning"
