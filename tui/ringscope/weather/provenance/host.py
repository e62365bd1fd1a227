# SPDX-License-Identifier: Apache-2.0
"""Numbers of the host around the rings: interfaces, drivers, CPUs, other taps, protocols, our own process."""

from __future__ import annotations

from typing import Final

from ringscope.weather.provenance.entry import NEVER, Provenance

_LINK = "IFLA_STATS64 of RTM_GETLINK (rtnetlink)"
_REMADE = "when the interface is made anew; with some drivers when it goes down and up"
_SOFTNET = "/proc/net/softnet_stat"
_PACKET_DIAG = "PACKET_DIAG (sock_diag)"

HOST: Final = (
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
    Provenance(
        "softnet.limited",
        f"{_SOFTNET}, eleventh column",
        "part of softnet.dropped",
        "with the system; 32 bits wide, wraps around",
        "CPU, of all interfaces and network namespaces together",
    ),
    Provenance(
        "softirq.share",
        "/proc/stat, time in softirq by time in all, between two looks",
        "no count",
        "every look",
        "CPU, of all that it does in softirq",
        defects="in steps of a clock tick (10 ms or less); work in ksoftirqd is in it",
    ),
    Provenance(
        "cpu.fed",
        "/proc/interrupts with smp_affinity, and rps_cpus of each receive queue",
        "no count",
        NEVER,
        "receive queue of the interface",
        defects="which CPUs may take its interrupts; the one that does is decided by the kernel or irqbalance",
    ),
    Provenance(
        "tap.others",
        _PACKET_DIAG,
        "no count",
        NEVER,
        "network namespace",
        privilege="for the filter's instructions CAP_NET_ADMIN; for processes of others root",
        defects="what a socket with a ring has dropped, and how full it is, the kernel tells only to its owner",
    ),
    Provenance(
        "tap.drops",
        f"{_PACKET_DIAG}: sk_drops",
        "it is a count of losses",
        NEVER,
        "packet socket",
        defects="of sockets without a ring only: 0 for those with one, whatever they lose",
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
