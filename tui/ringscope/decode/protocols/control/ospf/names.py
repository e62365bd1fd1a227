# SPDX-License-Identifier: Apache-2.0
"""Numbers of OSPF and what they are called (IANA's "Open Shortest Path First" registries)."""

from __future__ import annotations

from ringscope.decode.draft import Bits
from ringscope.decode.forms import plain, yes

MESSAGES = {1: "Hello Packet", 2: "DB Description", 3: "LS Request", 4: "LS Update", 5: "LS Acknowledge"}

AUTHENTICATIONS = {0: "none", 1: "password", 2: "cryptographic", 3: "cryptographic, extended sequence"}

KINDS2 = {
    1: "Router-LSA",
    2: "Network-LSA",
    3: "Summary-LSA (network)",
    4: "Summary-LSA (AS boundary router)",
    5: "AS-external-LSA",
    6: "Group membership-LSA",
    7: "NSSA-LSA",
    8: "External attributes-LSA",
    9: "Opaque-LSA (link)",
    10: "Opaque-LSA (area)",
    11: "Opaque-LSA (AS)",
}

KINDS3 = {
    1: "Router-LSA",
    2: "Network-LSA",
    3: "Inter-area-prefix-LSA",
    4: "Inter-area-router-LSA",
    5: "AS-external-LSA",
    6: "Group membership-LSA",
    7: "NSSA-LSA",
    8: "Link-LSA",
    9: "Intra-area-prefix-LSA",
    10: "Intra-area-TE-LSA",
    11: "Grace-LSA",
    12: "Router information-LSA",
    33: "E-Router-LSA",
    34: "E-Network-LSA",
    35: "E-Inter-area-prefix-LSA",
    36: "E-Inter-area-router-LSA",
    37: "E-AS-external-LSA",
    39: "E-NSSA-LSA",
    40: "E-Link-LSA",
    41: "E-Intra-area-prefix-LSA",
}

SCOPES = {0: "link", 1: "area", 2: "AS", 3: "reserved"}

OPAQUES = {
    1: "traffic engineering",
    2: "Sycamore optical topology",
    3: "grace",
    4: "router information",
    5: "L1VPN",
    6: "inter-AS traffic engineering",
    7: "extended prefix",
    8: "extended link",
}

LINKS = {1: "point-to-point", 2: "transit network", 3: "stub network", 4: "virtual link"}

OPTIONS2: tuple[Bits, ...] = (
    ("Down (DN)", 1, yes),
    ("Opaque (O)", 1, yes),
    ("Demand circuits (DC)", 1, yes),
    ("Link-local signalling (L)", 1, yes),
    ("NSSA (N)", 1, yes),
    ("Multicast (MC)", 1, yes),
    ("External routing (E)", 1, yes),
    ("Multi-topology (MT)", 1, yes),
)

OPTIONS3: tuple[Bits, ...] = (
    ("", 8, plain),
    ("", 5, plain),
    ("Authentication trailer (AT)", 1, yes),
    ("Link-local signalling (L)", 1, yes),
    ("Address families (AF)", 1, yes),
    ("", 2, plain),
    ("Demand circuits (DC)", 1, yes),
    ("Router (R)", 1, yes),
    ("NSSA (N)", 1, yes),
    ("Multicast (MC)", 1, yes),
    ("External routing (E)", 1, yes),
    ("IPv6 (V6)", 1, yes),
)

PREFIX_OPTIONS: tuple[Bits, ...] = (
    ("", 2, plain),
    ("Node (N)", 1, yes),
    ("Down (DN)", 1, yes),
    ("Propagate (P)", 1, yes),
    ("", 1, plain),
    ("Local address (LA)", 1, yes),
    ("No unicast (NU)", 1, yes),
)

EXCHANGE: tuple[Bits, ...] = (
    ("", 4, plain),
    ("Out of band (R)", 1, yes),
    ("Initial (I)", 1, yes),
    ("More (M)", 1, yes),
    ("Master (MS)", 1, yes),
)

ROUTER: tuple[Bits, ...] = (
    ("", 2, plain),
    ("NSSA translator (Nt)", 1, yes),
    ("", 1, plain),
    ("Wild-card multicast (W)", 1, yes),
    ("Virtual link (V)", 1, yes),
    ("AS boundary router (E)", 1, yes),
    ("Area border router (B)", 1, yes),
)
