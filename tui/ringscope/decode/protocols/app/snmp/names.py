# SPDX-License-Identifier: Apache-2.0
"""Numbers of SNMP and what they are called (RFC 1157, RFC 3411 to RFC 3418)."""

from __future__ import annotations

VERSIONS = {0: "v1", 1: "v2c", 2: "v2u", 3: "v3"}

PDUS = {
    0xA0: "get-request",
    0xA1: "get-next-request",
    0xA2: "get-response",
    0xA3: "set-request",
    0xA4: "trap",
    0xA5: "getBulkRequest",
    0xA6: "informRequest",
    0xA7: "snmpV2-trap",
    0xA8: "report",
}

ERRORS = {
    0: "noError",
    1: "tooBig",
    2: "noSuchName",
    3: "badValue",
    4: "readOnly",
    5: "genErr",
    6: "noAccess",
    7: "wrongType",
    8: "wrongLength",
    9: "wrongEncoding",
    10: "wrongValue",
    11: "noCreation",
    12: "inconsistentValue",
    13: "resourceUnavailable",
    14: "commitFailed",
    15: "undoFailed",
    16: "authorizationError",
    17: "notWritable",
    18: "inconsistentName",
}

TRAPS = {
    0: "coldStart",
    1: "warmStart",
    2: "linkDown",
    3: "linkUp",
    4: "authenticationFailure",
    5: "egpNeighborLoss",
    6: "enterpriseSpecific",
}

MODELS = {1: "SNMPv1", 2: "SNMPv2c", 3: "USM", 4: "TSM"}

VALUES = {
    0x02: "Integer32",
    0x04: "OctetString",
    0x05: "unspecified",
    0x06: "ObjectIdentifier",
    0x40: "IpAddress",
    0x41: "Counter32",
    0x42: "Gauge32",
    0x43: "TimeTicks",
    0x44: "Opaque",
    0x45: "NsapAddress",
    0x46: "Counter64",
    0x47: "Unsigned32",
    0x80: "noSuchObject",
    0x81: "noSuchInstance",
    0x82: "endOfMibView",
}

OBJECTS = {
    "1.3.6.1.2.1.1.1": "sysDescr",
    "1.3.6.1.2.1.1.2": "sysObjectID",
    "1.3.6.1.2.1.1.3": "sysUpTime",
    "1.3.6.1.2.1.1.4": "sysContact",
    "1.3.6.1.2.1.1.5": "sysName",
    "1.3.6.1.2.1.1.6": "sysLocation",
    "1.3.6.1.2.1.1.7": "sysServices",
    "1.3.6.1.2.1.2.1": "ifNumber",
    "1.3.6.1.2.1.2.2.1.1": "ifIndex",
    "1.3.6.1.2.1.2.2.1.2": "ifDescr",
    "1.3.6.1.2.1.2.2.1.3": "ifType",
    "1.3.6.1.2.1.2.2.1.4": "ifMtu",
    "1.3.6.1.2.1.2.2.1.5": "ifSpeed",
    "1.3.6.1.2.1.2.2.1.6": "ifPhysAddress",
    "1.3.6.1.2.1.2.2.1.7": "ifAdminStatus",
    "1.3.6.1.2.1.2.2.1.8": "ifOperStatus",
    "1.3.6.1.2.1.2.2.1.9": "ifLastChange",
    "1.3.6.1.2.1.2.2.1.10": "ifInOctets",
    "1.3.6.1.2.1.2.2.1.11": "ifInUcastPkts",
    "1.3.6.1.2.1.2.2.1.13": "ifInDiscards",
    "1.3.6.1.2.1.2.2.1.14": "ifInErrors",
    "1.3.6.1.2.1.2.2.1.16": "ifOutOctets",
    "1.3.6.1.2.1.2.2.1.17": "ifOutUcastPkts",
    "1.3.6.1.2.1.2.2.1.19": "ifOutDiscards",
    "1.3.6.1.2.1.2.2.1.20": "ifOutErrors",
    "1.3.6.1.2.1.31.1.1.1.1": "ifName",
    "1.3.6.1.2.1.31.1.1.1.6": "ifHCInOctets",
    "1.3.6.1.2.1.31.1.1.1.10": "ifHCOutOctets",
    "1.3.6.1.2.1.31.1.1.1.15": "ifHighSpeed",
    "1.3.6.1.2.1.31.1.1.1.18": "ifAlias",
    "1.3.6.1.2.1.25.1.1": "hrSystemUptime",
    "1.3.6.1.6.3.1.1.4.1": "snmpTrapOID",
    "1.3.6.1.6.3.1.1.4.3": "snmpTrapEnterprise",
    "1.3.6.1.6.3.1.1.5.1": "coldStart",
    "1.3.6.1.6.3.1.1.5.2": "warmStart",
    "1.3.6.1.6.3.1.1.5.3": "linkDown",
    "1.3.6.1.6.3.1.1.5.4": "linkUp",
    "1.3.6.1.6.3.1.1.5.5": "authenticationFailure",
    "1.3.6.1.6.3.15.1.1.1": "usmStatsUnsupportedSecLevels",
    "1.3.6.1.6.3.15.1.1.2": "usmStatsNotInTimeWindows",
    "1.3.6.1.6.3.15.1.1.3": "usmStatsUnknownUserNames",
    "1.3.6.1.6.3.15.1.1.4": "usmStatsUnknownEngineIDs",
    "1.3.6.1.6.3.15.1.1.5": "usmStatsWrongDigests",
    "1.3.6.1.6.3.15.1.1.6": "usmStatsDecryptionErrors",
}
"""The objects met most, from MIB-II (RFC 1213), IF-MIB (RFC 2863), SNMPv2-MIB (RFC 3418) and RFC 3414."""


def object_name(identifier: str) -> str:
    """The name of an object and the rest of its identifier, "sysUpTime.0"; "" where it has none here."""
    whole = identifier
    while whole:
        name = OBJECTS.get(whole)
        if name is not None:
            return name + identifier[len(whole) :]
        whole = whole.rpartition(".")[0]
    return ""
