# SPDX-License-Identifier: Apache-2.0
"""A followed stream has the bytes that ``tshark -z follow`` gives, side by side.

Where packets are missing ours may have more: tshark drops what comes behind a hole once that was acknowledged (5 810
bytes of mercury-9c3bb312-bittorrent.pcap), and of a stream whose packets contradict each other the two need not keep
the same. So only whole streams must be equal, and of the others none may have less. Not compared are streams that
tshark makes of other packets: it joins UDP flows that a protocol announced (RPC, TFTP, CIP), and counts a packet in a
packet twice.
"""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ringscope.decode.streams import Event, Follow, Stream, Transport, transport
from support.capturefile import packets
from support.oracles import require_captures, require_tool
from support.streams import sides

FILES = (
    "ICS-Security-Tools-312ec57f-Sample_File_MMS_and_GOOSE.pcap",
    "ICS-Security-Tools-326c044e-TestDissectIec104.pcap",
    "ICS-Security-Tools-bc3a535a-cip_only.pcap",
    "PcapPlusPlus-1c239696-Ftp.pcap",
    "PcapPlusPlus-9161d1d5-no-ip-frag-all.pcap",
    "arkime-0408b0aa-http-wrapped-header.pcap",
    "mercury-7904f497-emix.pcap",
    "mercury-9c3bb312-bittorrent.pcap",
    "zeek-41cf06ab-conn-size.pcap",
    "zeek-623af30a-rpc-portmap-sadmind.pcap",
    "zeek-6deda278-mixed-vlan-mpls.pcap",
    "zeek-7c0a1866-mapi.pcap",
    "zeek-94056ba4-xmpp-starttls.pcap",
    "zeek-9752a64e-ocsp-stapling.pcap",
    "zeek-97a7043f-q-in-q.pcap",
    "zeek-b748b3c1-smtp.pcap",
)
PACKETS_A_FILE = 5000
STREAMS_A_FILE = {"tcp": 10, "udp": 5}
SECONDS = 60

Key = tuple[str, int]
Bytes = dict[str, bytes]
"""What each end (``address:port``) has sent."""

_RULE = "=" * 67
_MISSING = re.compile(rb"\[\d+ bytes missing in capture file\]\0?")


def _asked(tool: str, path: Path) -> tuple[dict[Key, list[int]], dict[Key, Bytes]]:
    """The packets of each stream, and its bytes, in one run."""
    words = [tool, "-n", "-r", str(path), "-c", str(PACKETS_A_FILE), "-T", "fields"]
    words += ["-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE"]
    words += ["-e", "frame.number", "-e", "tcp.stream", "-e", "udp.stream"]
    for kind, count in STREAMS_A_FILE.items():
        for index in range(count):
            words += ["-z", f"follow,{kind},raw,{index}"]
    out = subprocess.run(words, capture_output=True, text=True, check=False, timeout=SECONDS).stdout
    listed, *blocks = out.split(f"{_RULE}\nFollow: ")
    members: dict[Key, list[int]] = defaultdict(list)
    for line in listed.splitlines():
        number, *streams = line.split("\t") if line.count("\t") == 2 else ("", "", "")
        for kind, found in zip(("tcp", "udp"), streams, strict=True):
            for index in found.split(","):
                if index:
                    members[kind, int(index)].append(int(number))
    return members, dict(map(_read, blocks))


def _read(block: str) -> tuple[Key, Bytes]:
    """``tcp,raw``, the filter, both ends, and a line of hexadecimal digits a chunk, behind a tab for the second end."""
    lines = block.split(_RULE)[0].splitlines()
    ends = [line.split(": ", 1)[1] for line in lines if line.startswith("Node ")]
    said = [bytearray(), bytearray()]
    for line in lines[4:]:
        said[line.startswith("\t")] += bytes.fromhex(line.strip())
    key = lines[0].split(",")[0], int(lines[1].rsplit(" ", 1)[1])
    return key, {end: _MISSING.sub(b"", bytes(one)) for end, one in zip(ends, said, strict=True)}


def _followed(path: Path, members: list[int], brought: dict[int, Transport | None]) -> Stream | None:
    """The stream of the first of these packets, if it is made of just these."""
    first = brought.get(members[0])
    if first is None or members != [number for number, one in brought.items() if one and one.flow == first.flow]:
        return None
    follow = Follow(first, members[0])
    for number in members:
        follow.add(number, brought[number])
    follow.settle()
    return follow.stream


def _ours(stream: Stream) -> Bytes:
    names = [f"[{address}]:{port}" if ":" in address else f"{address}:{port}" for address, port in stream.ends]
    return dict(zip(names, sides(stream), strict=True))


def _contradicts(stream: Stream) -> bool:
    return any(isinstance(entry, Event) and "came again as others" in entry.text for entry in stream.order)


def _compared(tool: str, path: Path) -> Iterator[tuple[Key, Stream, Bytes]]:
    members, theirs = _asked(tool, path)
    brought = {one.number: transport(one.data, one.link_type, one.length) for one in packets(path, PACKETS_A_FILE)}
    for key, said in theirs.items():
        stream = _followed(path, members[key], brought) if key in members else None
        if stream is not None and said.keys() == _ours(stream).keys():
            yield key, stream, said


def test_followed_streams_are_those_of_tshark() -> None:
    tool, folder = require_tool("tshark"), require_captures()
    paths = [folder / name for name in FILES if (folder / name).is_file()]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda path: list(_compared(tool, path)), paths))
    wrong, whole = [], 0
    for path, streams in zip(paths, found, strict=True):
        for key, stream, theirs in streams:
            ours = _ours(stream)
            if any(missing for _, missing, _ in stream.totals()):
                if not _contradicts(stream) and any(len(ours[end]) < len(theirs[end]) for end in ours):
                    wrong.append((path.name, key))
            elif not _contradicts(stream):
                whole += 1
                if ours != theirs:
                    wrong.append((path.name, key))
    print(f"{whole} whole streams equal, of {sum(map(len, found))} compared; wrong: {wrong}")
    assert not wrong
    assert whole > 60 or len(paths) < len(FILES)
