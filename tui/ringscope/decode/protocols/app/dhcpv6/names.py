# SPDX-License-Identifier: Apache-2.0
"""Numbers of DHCPv6 and what they are called (IANA's "Dynamic Host Configuration Protocol for IPv6")."""

from __future__ import annotations

MESSAGES = {
    1: "Solicit",
    2: "Advertise",
    3: "Request",
    4: "Confirm",
    5: "Renew",
    6: "Rebind",
    7: "Reply",
    8: "Release",
    9: "Decline",
    10: "Reconfigure",
    11: "Information-request",
    12: "Relay-forw",
    13: "Relay-reply",
    14: "Leasequery",
    15: "Leasequery-reply",
    16: "Leasequery-done",
    17: "Leasequery-data",
    18: "Reconfigure-request",
    19: "Reconfigure-reply",
    20: "DHCPv4-query",
    21: "DHCPv4-response",
    22: "Active-leasequery",
    23: "StartTLS",
    24: "Bndupd",
    25: "Bndreply",
    26: "Poolreq",
    27: "Poolresp",
    28: "Updreq",
    29: "Updreqall",
    30: "Upddone",
    31: "Connect",
    32: "Connectreply",
    33: "Disconnect",
    34: "State",
    35: "Contact",
    36: "Addr-reg-inform",
    37: "Addr-reg-reply",
}

STATUS = {
    0: "Success",
    1: "UnspecFail",
    2: "NoAddrsAvail",
    3: "NoBinding",
    4: "NotOnLink",
    5: "UseMulticast",
    6: "NoPrefixAvail",
    7: "UnknownQueryType",
    8: "MalformedQuery",
    9: "NotConfigured",
    10: "NotAllowed",
    11: "QueryTerminated",
    12: "DataMissing",
    13: "CatchUpComplete",
    14: "NotSupported",
    15: "TLSConnectionRefused",
    16: "AddressInUse",
    17: "ConfigurationConflict",
    18: "MissingBindingInformation",
    19: "OutdatedBindingInformation",
    20: "ServerShuttingDown",
    21: "DNSUpdateNotSupported",
    22: "ExcessiveTimeSkew",
}

DUIDS = {1: "link-layer address plus time", 2: "enterprise number", 3: "link-layer address", 4: "UUID"}

ENTERPRISES = {
    9: "Cisco",
    311: "Microsoft",
    343: "Intel",
    2636: "Juniper",
    3561: "Broadband Forum",
    4413: "Broadcom",
    4491: "CableLabs",
    8072: "Net-SNMP",
    10415: "3GPP",
    43793: "systemd",
}

QUERIES = {
    1: "by address",
    2: "by client identifier",
    3: "by relay identifier",
    4: "by link address",
    5: "by remote id",
}

ARCHITECTURES = {
    0: "x86 BIOS",
    2: "Itanium EFI",
    6: "x86 UEFI",
    7: "x64 UEFI",
    9: "EFI BC",
    10: "ARM 32-bit UEFI",
    11: "ARM 64-bit UEFI",
    15: "x86 UEFI by HTTP",
    16: "x64 UEFI by HTTP",
    18: "ARM 32-bit UEFI by HTTP",
    19: "ARM 64-bit UEFI by HTTP",
    27: "RISC-V 64-bit UEFI",
}
"""Client system architecture types (RFC 4578, RFC 5970), in DHCP and DHCPv6 alike."""
