# SPDX-License-Identifier: Apache-2.0
"""Numbers of BGP and what they are called (IANA's BGP registries)."""

from __future__ import annotations

MESSAGES = {1: "OPEN", 2: "UPDATE", 3: "NOTIFICATION", 4: "KEEPALIVE", 5: "ROUTE-REFRESH", 6: "CAPABILITY"}

FAMILIES = {
    1: "IPv4",
    2: "IPv6",
    3: "NSAP",
    25: "L2VPN",
    26: "MPLS-TP",
    16388: "BGP-LS",
    16397: "service chains",
}

SUBSEQUENT = {
    1: "unicast",
    2: "multicast",
    4: "labeled unicast",
    5: "multicast VPN",
    6: "pseudowires",
    8: "MCAST-VPLS",
    9: "service chains",
    65: "VPLS",
    66: "MDT",
    70: "EVPN",
    71: "BGP-LS",
    72: "BGP-LS-VPN",
    73: "SR policy",
    78: "tunneled traffic",
    80: "classful transport",
    85: "MUP",
    128: "labeled VPN unicast",
    129: "labeled VPN multicast",
    132: "route target constraint",
    133: "flow specification",
    134: "VPN flow specification",
}

CAPABILITIES = {
    1: "Multiprotocol",
    2: "Route refresh",
    3: "Outbound route filtering",
    4: "Multiple routes",
    5: "Extended next hop",
    6: "Extended message",
    7: "BGPsec",
    8: "Multiple labels",
    9: "Role",
    64: "Graceful restart",
    65: "Four-byte AS numbers",
    66: "Dynamic capability (old)",
    67: "Dynamic capability",
    68: "Multisession",
    69: "Additional paths",
    70: "Enhanced route refresh",
    71: "Long-lived graceful restart",
    72: "Routing policy distribution",
    73: "Host name",
    75: "Software version",
    128: "Route refresh (Cisco)",
    130: "Outbound route filtering (Cisco)",
    131: "Multisession (Cisco)",
}

ROLES = {0: "provider", 1: "route server", 2: "client of a route server", 3: "customer", 4: "peer"}

ATTRIBUTES = {
    1: "ORIGIN",
    2: "AS_PATH",
    3: "NEXT_HOP",
    4: "MULTI_EXIT_DISC",
    5: "LOCAL_PREF",
    6: "ATOMIC_AGGREGATE",
    7: "AGGREGATOR",
    8: "COMMUNITIES",
    9: "ORIGINATOR_ID",
    10: "CLUSTER_LIST",
    11: "DPA",
    12: "ADVERTISER",
    13: "RCID_PATH",
    14: "MP_REACH_NLRI",
    15: "MP_UNREACH_NLRI",
    16: "EXTENDED_COMMUNITIES",
    17: "AS4_PATH",
    18: "AS4_AGGREGATOR",
    19: "SSA",
    20: "CONNECTOR",
    22: "PMSI_TUNNEL",
    23: "TUNNEL_ENCAPSULATION",
    24: "TRAFFIC_ENGINEERING",
    25: "IPV6_EXTENDED_COMMUNITIES",
    26: "AIGP",
    27: "PE_DISTINGUISHER_LABELS",
    29: "BGP-LS",
    32: "LARGE_COMMUNITY",
    33: "BGPSEC_PATH",
    34: "COMMUNITY_CONTAINER",
    35: "ONLY_TO_CUSTOMER",
    36: "DOMAIN_PATH",
    37: "SFP",
    38: "BFD_DISCRIMINATOR",
    40: "PREFIX_SID",
    128: "ATTR_SET",
}

ORIGINS = {0: "IGP", 1: "EGP", 2: "INCOMPLETE"}

SEGMENTS = {1: "AS_SET", 2: "AS_SEQUENCE", 3: "AS_CONFED_SEQUENCE", 4: "AS_CONFED_SET"}

COMMUNITIES = {
    0xFFFF0000: "GRACEFUL_SHUTDOWN",
    0xFFFF0001: "ACCEPT_OWN",
    0xFFFF0006: "LLGR_STALE",
    0xFFFF0007: "NO_LLGR",
    0xFFFF029A: "BLACKHOLE",
    0xFFFFFF01: "NO_EXPORT",
    0xFFFFFF02: "NO_ADVERTISE",
    0xFFFFFF03: "NO_EXPORT_SUBCONFED",
    0xFFFFFF04: "NOPEER",
}

ERRORS = {
    1: "Message Header Error",
    2: "OPEN Message Error",
    3: "UPDATE Message Error",
    4: "Hold Timer Expired",
    5: "Finite State Machine Error",
    6: "Cease",
    7: "ROUTE-REFRESH Message Error",
    8: "Send Hold Timer Expired",
}

SUBERRORS = {
    1: {1: "Connection Not Synchronized", 2: "Bad Message Length", 3: "Bad Message Type"},
    2: {
        1: "Unsupported Version Number",
        2: "Bad Peer AS",
        3: "Bad BGP Identifier",
        4: "Unsupported Optional Parameter",
        5: "Authentication Failure",
        6: "Unacceptable Hold Time",
        7: "Unsupported Capability",
        11: "Role Mismatch",
    },
    3: {
        1: "Malformed Attribute List",
        2: "Unrecognized Well-known Attribute",
        3: "Missing Well-known Attribute",
        4: "Attribute Flags Error",
        5: "Attribute Length Error",
        6: "Invalid ORIGIN Attribute",
        7: "AS Routing Loop",
        8: "Invalid NEXT_HOP Attribute",
        9: "Optional Attribute Error",
        10: "Invalid Network Field",
        11: "Malformed AS_PATH",
    },
    5: {
        1: "Unexpected Message in OpenSent State",
        2: "Unexpected Message in OpenConfirm State",
        3: "Unexpected Message in Established State",
    },
    6: {
        1: "Maximum Number of Prefixes Reached",
        2: "Administrative Shutdown",
        3: "Peer De-configured",
        4: "Administrative Reset",
        5: "Connection Rejected",
        6: "Other Configuration Change",
        7: "Connection Collision Resolution",
        8: "Out of Resources",
        9: "Hard Reset",
        10: "BFD Down",
    },
    7: {1: "Invalid Message Length"},
}


def family_name(family: int, subsequent: int) -> str:
    """An address family and its subsequent identifier, "IPv4 unicast"."""
    one = FAMILIES.get(family, f"family {family}")
    other = SUBSEQUENT.get(subsequent, f"SAFI {subsequent}")
    return other if other.startswith(one) else f"{one} {other}"
