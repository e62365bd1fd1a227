# SPDX-License-Identifier: Apache-2.0
"""Where packets are missing, and how many: what a capture and its files say, and what the kernel counted."""

from __future__ import annotations

import re
import struct
import time
from itertools import pairwise
from pathlib import Path

from ringscope.capture.config import CaptureConfig
from ringscope.capture.files import FileSession
from ringscope.capture.session import LiveSession
from ringscope.native import Loss
from support.frames import number
from support.namespaces import Net, in_namespace, wait_until
from support.pcapng import read_pcapng

EVERYTHING = struct.pack("HBBI", 0x06, 0, 0, 262144)


def _overflow(net: Net, session: LiveSession, first: int, count: int = 2000) -> int:
    """More frames than the ring has room for, while its reader is held, and one behind them; the number of the next."""
    session.hold(True)
    net.send_frames(count, size=1000, first=first)
    session.hold(False)
    assert wait_until(lambda: session.snapshot().total.ready_blocks == 0)
    net.send_frames(1, first=first + count)
    return first + count + 1


def _all(session: LiveSession | FileSession) -> list[Loss]:
    return session.losses(1, 2**63)


@in_namespace(limit=60)
def test_the_sizes_of_all_gaps_add_up_to_what_the_kernel_dropped_live_evicted_and_in_a_file(
    net: Net, tmp_path: Path
) -> None:
    config = CaptureConfig(("rs0",), block_size=128 << 10, blocks=4, store_bytes=2 << 20)  # some 450 frames a ring
    session = LiveSession.prepare(config)
    session.start("", EVERYTHING)
    with session:
        file = session.saver(str(tmp_path / "lossy.pcapng"))
        net.send_frames(20)
        upcoming = 21
        for pause in (0.4, 0.4, 0.0, 0.0, 0.0, 0.4):  # those without a pause share readings of the kernel's counter
            upcoming = _overflow(net, session, upcoming)
            time.sleep(pause)
        session.stop()
        now, found = session.snapshot(), _all(session)
        assert now.tail > found[0].number, "the first was to be evicted"
        assert len(found) == 6 and not [loss for loss in found if loss.known == "counting" or not loss.lost]
        assert sum(loss.lost for loss in found) == now.total.dropped == upcoming - 1 - now.total.stored
        assert all(loss.cause in ("late", "frozen") and loss.queue == 0 and loss.seconds for loss in found)
        packets = session.read(now.tail, now.head)
        true = {
            two.number: number(two.data) - number(one.data) - 1
            for one, two in pairwise(packets)
            if number(two.data) != number(one.data) + 1
        }
        kept = {loss.number: loss for loss in found if loss.number > now.tail}
        assert kept.keys() == true.keys() and len(kept) > 1
        for place, loss in kept.items():
            assert loss.lost == true[place] or loss.known == "estimated"
        # From one to the next, and back, without a look at the packets.
        places = [loss.number for loss in found]
        assert [session.next_loss(place - 1, forward=True) for place in places] == places
        assert [session.next_loss(place + 1, forward=False) for place in places] == places
        assert session.next_loss(places[-1], forward=True) == session.next_loss(places[0], forward=False) == 0
        file.range(now.tail, now.head)
        file.close()
    _, *in_file = read_pcapng(tmp_path / "lossy.pcapng").packets
    told = [re.match(r"(~?)(\d+) packets? w", one) for packet in in_file for one in packet.comments]
    assert [(bool(one[1]), int(one[2])) for one in told if one] == [
        (loss.known == "estimated", loss.lost) for loss in kept.values()
    ]
    counted = [loss.lost for loss in kept.values() if loss.known == "counted"]
    with FileSession.open(str(tmp_path / "lossy.pcapng"), store_bytes=64 << 20) as saved:
        assert wait_until(lambda: saved.loading() is None)
        told = _all(saved)
        assert [loss.lost for loss in told] == counted and counted
        assert saved.next_loss(0, forward=True) == told[0].number
        assert saved.snapshot().total.dropped >= sum(counted)
