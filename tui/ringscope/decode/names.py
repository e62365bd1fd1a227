# SPDX-License-Identifier: Apache-2.0
"""Numbers of link, network and transport headers and what they are called.

The tables hold what a server operator meets, spelled as Wireshark's columns spell it; every lookup has a numeric
fallback, so a number missing here is shown as a number. Sources: the IANA registries of the same names,
linux/if_ether.h and linux/if_arp.h.
"""

from __future__ import annotations

ETHERTYPES = {
    0x0800: "IPv4",
    0x0806: "ARP",
    0x0842: "WOL",
    0x22EA: "SRP",
    0x22F0: "AVTP",
    0x22F3: "TRILL",
    0x6558: "TEB",
    0x8035: "RARP",
    0x809B: "AppleTalk",
    0x8100: "802.1Q",
    0x8137: "IPX",
    0x86DD: "IPv6",
    0x8808: "MAC CTRL",
    0x8809: "Slow Protocols",
    0x8847: "MPLS",
    0x8848: "MPLS multicast",
    0x8863: "PPPoED",
    0x8864: "PPPoES",
    0x888E: "EAPOL",
    0x8892: "PROFINET",
    0x889A: "HyperSCSI",
    0x88A2: "AoE",
    0x88A4: "ECAT",
    0x88A8: "802.1ad",
    0x88B8: "GOOSE",
    0x88CA: "TIPC",
    0x88CC: "LLDP",
    0x88E1: "HomePlug AV",
    0x88E5: "MACsec",
    0x88E7: "802.1ah",
    0x88F5: "MVRP",
    0x88F7: "PTPv2",
    0x8902: "CFM",
    0x8906: "FCoE",
    0x8914: "FIP",
    0x8915: "RoCE",
    0x892F: "HSR",
    0x893A: "ieee1905",
    0x893F: "802.1BR",
    0x8926: "VN-Tag",
    0x894F: "NSH",
    0x9000: "LOOP",
    0x9100: "QinQ",
}

LINUX_PROTOCOLS = {
    0x0001: "IPX",
    0x0002: "AX.25",
    0x0003: "Ethernet",
    0x0004: "LLC",
    0x0005: "SNAP",
    0x0007: "PPP",
    0x0008: "PPP",
    0x000C: "CAN",
    0x000D: "CAN FD",
    0x000E: "CAN XL",
    0x0019: "HDLC",
    0x001A: "ARCNET",
    0x00F5: "Phonet",
    0x00F6: "IEEE 802.15.4",
    0x00F7: "CAIF",
    0x00F8: "DSA",
    0x00FA: "MCTP",
}
"""Numbers that Linux has where others have Ethertypes, all below 0x0600."""

HARDWARE = {
    1: "Ethernet",
    3: "AX.25",
    6: "IEEE 802",
    7: "ARCNET",
    15: "Frame Relay",
    17: "HDLC",
    18: "Fibre Channel",
    24: "IEEE 1394",
    27: "EUI-64",
    32: "InfiniBand",
}
"""Hardware types of ARP and DHCP."""

ARPHRD = {
    **HARDWARE,
    256: "SLIP",
    257: "CSLIP",
    271: "X.25",
    280: "CAN",
    290: "MCTP",
    512: "PPP",
    513: "Cisco HDLC",
    518: "raw HDLC",
    519: "raw IP",
    768: "IP in IP tunnel",
    769: "IPv6 tunnel",
    770: "Frame Relay access device",
    772: "loopback",
    774: "FDDI",
    776: "IPv6 in IPv4 tunnel",
    778: "GRE over IPv4",
    779: "PIM register",
    801: "IEEE 802.11",
    802: "IEEE 802.11 with Prism header",
    803: "IEEE 802.11 with radiotap header",
    804: "IEEE 802.15.4",
    805: "IEEE 802.15.4 monitor",
    820: "Phonet",
    822: "CAIF",
    823: "GRE over IPv6",
    824: "Netlink",
    825: "6LoWPAN",
    826: "vsock monitor",
    0xFFFE: "no link header",
    0xFFFF: "unknown",
}
"""Link types of Linux's interfaces: the hardware types, and from 256 on its own."""

PACKET_TYPES = {
    0: "unicast to us",
    1: "broadcast",
    2: "multicast",
    3: "unicast to another host",
    4: "sent by us",
}
"""Where a packet was going, as packet(7) has it."""

IP_PROTOCOLS = {
    0: "HOPOPT",
    1: "ICMP",
    2: "IGMP",
    3: "GGP",
    4: "IPv4",
    5: "ST",
    6: "TCP",
    7: "CBT",
    8: "EGP",
    9: "IGP",
    11: "NVP",
    12: "PUP",
    13: "ARGUS",
    14: "EMCON",
    15: "XNET",
    16: "CHAOS",
    17: "UDP",
    18: "MUX",
    22: "XNS-IDP",
    27: "RDP",
    28: "IRTP",
    29: "ISO-TP4",
    30: "NETBLT",
    31: "MFE-NSP",
    33: "DCCP",
    34: "3PC",
    35: "IDPR",
    36: "XTP",
    37: "DDP",
    39: "TP++",
    40: "IL",
    41: "IPv6",
    42: "SDRP",
    43: "IPv6 routing",
    44: "IPv6 fragment",
    45: "IDRP",
    46: "RSVP",
    47: "GRE",
    48: "DSR",
    49: "BNA",
    50: "ESP",
    51: "AH",
    52: "I-NLSP",
    53: "SWIPE",
    54: "NARP",
    55: "IP Mobility",
    56: "TLSP",
    57: "SKIP",
    58: "ICMPv6",
    59: "no next header",
    60: "IPv6 destination options",
    66: "RVD",
    75: "PVP",
    77: "Sun ND",
    80: "ISO-IP",
    81: "VMTP",
    83: "VINES",
    84: "TTP",
    87: "TCF",
    88: "EIGRP",
    89: "OSPF",
    90: "Sprite RPC",
    91: "LARP",
    92: "MTP",
    93: "AX.25",
    94: "IP in IP",
    97: "EtherIP",
    98: "ENCAP",
    100: "GMTP",
    102: "PNNI",
    103: "PIM",
    104: "ARIS",
    105: "SCPS",
    106: "QNX",
    108: "IPComp",
    109: "SNP",
    110: "Compaq Peer",
    111: "IPX in IP",
    112: "VRRP",
    113: "PGM",
    115: "L2TP",
    116: "DDX",
    118: "STP",
    121: "SMP",
    123: "PTP",
    124: "IS-IS over IPv4",
    126: "CRTP",
    127: "CRUDP",
    132: "SCTP",
    133: "FC",
    134: "RSVP E2E",
    135: "Mobile IPv6",
    136: "UDP-Lite",
    137: "MPLS in IP",
    138: "MANET",
    139: "HIP",
    140: "Shim6",
    141: "WESP",
    142: "ROHC",
    143: "Ethernet",
    144: "AGGFRAG",
}
"""IANA registry "Assigned Internet Protocol Numbers"."""

ROUTING_PROTOCOLS = frozenset({"OSPF", "EIGRP", "PIM", "VRRP", "IGMP", "RSVP", "EGP", "IGP"})

ARP_OPERATIONS = {1: "request", 2: "reply", 3: "reverse request", 4: "reverse reply", 8: "InARP request"}

_TCP_FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE")


def _flag_words(flags: int) -> str:
    return ", ".join(name for bit, name in enumerate(_TCP_FLAGS) if flags >> bit & 1) or "<None>"


TCP_FLAG_WORDS = tuple(_flag_words(flags) for flags in range(512))
"""The words of every combination of the nine TCP flags (RFC 9293, RFC 9768), lowest bit first."""


def ethertype(number: int) -> str:
    """The short name of an Ethertype, else "0x88b5"."""
    return ETHERTYPES.get(number) or f"0x{number:04x}"


def ip_protocol(number: int) -> str:
    """The short name of an IP protocol number, else "protocol 253"."""
    return IP_PROTOCOLS.get(number) or f"protocol {number}"


def named(table: dict[int, str], number: int) -> str:
    """The number and its name in parentheses, or the number alone where the table has no name."""
    name = table.get(number)
    return f"{number} ({name})" if name else str(number)
