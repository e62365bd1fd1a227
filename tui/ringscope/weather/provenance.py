# SPDX-License-Identifier: Apache-2.0
"""Where every number comes from, what it counts, and what is known to be wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NEVER, ON_READ = "never", "on every read (we add it up)"


@dataclass(frozen=True, slots=True)
class Provenance:
    """``read`` is where it is read. ``drops`` says whether lost packets are counted in it. ``resets`` is when it
    starts from 0 again, ``scope`` what it is a total of, ``privilege`` what reading it needs (empty: nothing),
    ``defects`` what is known to be wrong with it (empty: nothing is)."""

    key: str
    read: str
    drops: str
    resets: str
    scope: str
    privilege: str = ""
    defects: str = ""


_LINK = "IFLA_STATS64 of RTM_GETLINK (rtnetlink)"
_REMADE = "when the interface is made anew; with some drivers when it goes down and up"
_RING = "PACKET_STATISTICS of our own socket, 10 times a second"
_OURS = "the core's own count"
_SOFTNET = "/proc/net/softnet_stat"
_PACKET_DIAG = "PACKET_DIAG (sock_diag)"

_ALL: Final = (
    Provenance(
        "link.rx_packets",
        _LINK,
        "not those that the device lost; those that later stages lose are in it",
        _REMADE,
        "interface",
        defects="frames on the wire: where GRO or LRO puts several together the tap sees fewer",
    ),
    Provenance(
        "link.tx_packets",
        _LINK,
        "only what the driver took",
        _REMADE,
        "interface",
        defects="with TSO some drivers count the segments, others the one large frame that the tap sees; senders with"
        " PACKET_QDISC_BYPASS are counted, but never captured",
    ),
    Provenance(
        "link.rx_errors",
        _LINK,
        "it is a count of losses",
        _REMADE,
        "interface",
        defects="rx_crc_errors, rx_length_errors and rx_frame_errors; some drivers count a frame in two of them",
    ),
    Provenance(
        "link.rx_missed",
        _LINK,
        "it is a count of losses",
        _REMADE,
        "interface; with some devices the whole port, so that all of it seems to be one queue's",
        defects="rx_missed_errors, rx_fifo_errors or rx_over_errors, as the driver likes: never added together, the"
        " largest is taken. vmxnet3, ena, enic and cxgb leave all three at 0: see the driver's own names (ethtool -S)",
    ),
    Provenance(
        "link.rx_dropped",
        _LINK,
        "it is a count of losses, but not of one kind",
        _REMADE,
        "interface",
        defects="packets that found the backlog full, that no protocol wanted, and what the driver likes to add. Those"
        " that no protocol wanted are not counted while any tap is open: capturing makes it stop",
    ),
    Provenance(
        "link.rx_nohandler", _LINK, "it is a count of losses", _REMADE, "interface that is not used, as of a bond"
    ),
    Provenance(
        "link.tx_dropped",
        _LINK,
        "it is a count of losses",
        _REMADE,
        "interface",
        defects="captured all the same: the tap is before the driver. A packet that the driver refused for a moment is"
        " captured twice",
    ),
    Provenance(
        "nic.counter",
        "ETHTOOL_GSTATS (ethtool -S), under the driver's own name",
        "as the driver likes",
        "as the driver likes: often when the interface goes down",
        "queue where the name says so, else interface or port",
        defects="X710 counts drops by port: all of them then seem to be queue 0's",
    ),
    Provenance("nic.ring", "ETHTOOL_GRINGPARAM (ethtool -g)", "no count", NEVER, "each queue of the interface"),
    Provenance(
        "nic.xdp",
        "ETHTOOL_GSTATS (ethtool -S), names with xdp",
        "it is a count of what XDP programs drop",
        "as the driver likes",
        "queue or interface",
        defects="drops of native XDP never reach any tap; whether rx_packets counts them the driver decides",
    ),
    Provenance(
        "softnet.dropped",
        f"{_SOFTNET}, second column, by the CPU number in the 13th",
        "it is a count of losses",
        "with the system; 32 bits wide, wraps around",
        "CPU, of all interfaces and network namespaces together",
        defects="only packets that come by RPS or from a virtual interface pass the backlog; with NAPI they are lost in"
        " the device's ring instead. Of ours at most what rx_dropped grew by",
    ),
    Provenance(
        "softnet.squeezed",
        f"{_SOFTNET}, third column",
        "no loss: netdev_budget ran out with work left",
        "with the system; 32 bits wide, wraps around",
        "CPU, of all interfaces and network namespaces together",
    ),
    Provenance("tap.others", _PACKET_DIAG, "no count", NEVER, "network namespace"),
    Provenance(
        "filter.rejected",
        "~ estimated: what the interface counted, less tp_packets of all its queues",
        "it is no loss: the filter was asked to",
        NEVER,
        "all interfaces of the capture",
        defects="the kernel counts nowhere what a classic BPF program rejects. Wrong by what GRO, LRO and TSO put"
        " together or take apart, by what is on its way at that moment, and by packets that come between the two"
        " readings",
    ),
    Provenance("filter.snapped", _OURS, "not a packet, but bytes of it", NEVER, "queue"),
    Provenance(
        "ring.stored",
        f"{_RING}: tp_packets - tp_drops",
        "no: tp_packets has them in, we take them out",
        ON_READ,
        "queue",
    ),
    Provenance(
        "ring.dropped",
        f"{_RING}: tp_drops",
        "it is a count of losses, of packets that passed the filter",
        ON_READ,
        "queue",
        defects="ss(8) shows 0 drops for sockets with a ring, and skb:kfree_skb hardly any: this is the only place",
    ),
    Provenance(
        "ring.early",
        f"{_RING}: tp_drops without a freeze, on a ring that was not frozen at the last look",
        "part of ring.dropped",
        ON_READ,
        "queue",
        defects="told from the others ten times a second: drops of both kinds within a tenth of a second count as late",
    ),
    Provenance("ring.freezes", f"{_RING}: tp_freeze_q_cnt", "times, not packets", ON_READ, "queue"),
    Provenance(
        "ring.truncated",
        f"{_OURS}: tp_snaplen < tp_len, and the snaplen was not the reason",
        "not a packet, but bytes of it",
        NEVER,
        "queue",
        defects="the kernel does not count it: tp_drops stays 0",
    ),
    Provenance("worker.delivered", _OURS, "no", NEVER, "queue"),
    Provenance("worker.lost", _OURS, "it is a count of losses", NEVER, "queue"),
    Provenance(
        "worker.lag",
        f"{_OURS}: time when a block is read, less ts_last_pkt, less the retire timeout if that closed it",
        "no count",
        "lag: every second; longest_lag: never",
        "queue",
        defects="a step of the system's clock looks like waiting",
    ),
    Provenance("store.head", _OURS, "no", NEVER, "capture"),
    Provenance("store.evicted", _OURS, "it is a count of what is no longer there", NEVER, "capture"),
    Provenance("store.missed", f"{_OURS}: evicted before it was written", "it is a count of losses", NEVER, "file"),
    Provenance("view.hidden", _OURS, "it is no loss: another view filter shows them", "with the view filter", "view"),
    Provenance(
        "account.unaccounted",
        "calculated: the core's sum stored = delivered + in the ring, and without a capture filter also what the"
        " interface counted, less tp_packets",
        "it is what no counter knows of",
        NEVER,
        "capture",
        defects="the second part only where frames are neither put together nor taken apart before the tap",
    ),
    Provenance(
        "qdisc.ingress",
        "TCA_STATS2 of RTM_GETQDISC, ingress or clsact",
        "it is a count of losses, of captured packets",
        "when the qdisc is made anew",
        "interface; clsact counts both directions in one",
    ),
    Provenance(
        "qdisc.drops",
        "TCA_STATS2 of RTM_GETQDISC",
        "it is a count of losses",
        "when the qdisc is made anew",
        "qdisc",
        defects="before the tap of the sending side: in no capture",
    ),
    Provenance(
        "protocol.udp",
        "/proc/net/snmp and snmp6",
        "it is a count of losses, of captured packets",
        "with the namespace",
        "network namespace",
    ),
    Provenance(
        "protocol.conntrack",
        "/proc/net/stat/nf_conntrack, drop",
        "it is a count of losses, of captured packets",
        "with the system",
        "network namespace",
        defects="rules of netfilter count only for who has CAP_NET_ADMIN (nft list ruleset): what they drop is"
        " not here",
    ),
    Provenance("process.cpu", "/proc/self/task/*/schedstat, else stat", "no count", NEVER, "thread"),
    Provenance(
        "process.memory",
        "/proc/self/status",
        "no count",
        NEVER,
        "process",
        defects="rings are in it (RssFile) as soon as they are mapped, and are not charged to any cgroup",
    ),
)

PROVENANCE: Final = {one.key: one for one in _ALL}
"""By the key that a `Figure` names as its source."""
