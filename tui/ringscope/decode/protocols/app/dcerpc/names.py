# SPDX-License-Identifier: Apache-2.0
"""Kinds of packets, results and interfaces of DCE RPC. Interfaces are called as tshark calls them."""

from __future__ import annotations

PACKETS = (
    *("Request", "Ping", "Response", "Fault", "Working", "Nocall", "Reject", "Ack", "Cl_cancel", "Fack", "Cancel_ack"),
    *(
        "Bind",
        "Bind_ack",
        "Bind_nak",
        "Alter_context",
        "Alter_context_resp",
        "AUTH3",
        "Shutdown",
        "Co_cancel",
        "Orphaned",
    ),
)
"""In the order of their numbers."""

RESULTS = {0: "Acceptance", 1: "User rejection", 2: "Provider rejection", 3: "Negotiate ACK"}

FAULTS = {
    0x00000001: "nca_s_fault_other",
    0x00000005: "nca_s_fault_access_denied",
    0x000006F7: "nca_s_fault_ndr",
    0x1C010002: "nca_op_rng_error",
    0x1C010003: "nca_unk_if",
    0x1C00000D: "nca_s_fault_cancel",
    0x1C00001A: "nca_s_fault_context_mismatch",
    0x1C00001B: "nca_s_fault_remote_no_memory",
    0x1C01000B: "nca_proto_error",
    0x1C010014: "nca_server_too_busy",
}

AUTHENTICATIONS = {0: "none", 9: "SPNEGO", 10: "NTLMSSP", 14: "SChannel", 16: "Kerberos", 68: "Netlogon"}
LEVELS = {1: "none", 2: "connect", 3: "call", 4: "packet", 5: "packet integrity", 6: "packet privacy"}

INTERFACES = {
    "4b324fc8-1670-01d3-1278-5a47bf6ee188": "SRVSVC",
    "6bffd098-a112-3610-9833-46c3f87e345a": "WKSSVC",
    "12345778-1234-abcd-ef00-0123456789ab": "LSARPC",
    "12345778-1234-abcd-ef00-0123456789ac": "SAMR",
    "12345678-1234-abcd-ef00-01234567cffb": "RPC_NETLOGON",
    "12345678-1234-abcd-ef00-0123456789ab": "SPOOLSS",
    "e1af8308-5d1f-11c9-91a4-08002b14a0fa": "EPMv4",
    "e3514235-4b06-11d1-ab04-00c04fc2dcd2": "DRSUAPI",
    "338cd001-2244-31f1-aaaa-900038001003": "WINREG",
    "367abb81-9844-35f1-ad32-98f038001003": "SVCCTL",
    "1ff70682-0a51-30e8-076d-740be8cee98b": "ATSVC",
    "86d35949-83c9-4044-b424-db363231fd0c": "ITaskSchedulerService",
    "82273fdc-e32a-18c3-3f78-827929dc23ea": "EVENTLOG",
    "4fc742e0-4a10-11cf-8273-00aa004ae673": "DFS",
    "6bffd098-a112-3610-9833-012892020162": "RPC_BROWSER",
    "f5cc5a18-4264-101a-8c59-08002b2f8426": "NSPI",
    "a4f1db00-ca47-1067-b31f-00dd010662da": "MAPI",
    "1544f5e0-613c-11d1-93df-00c04fd7bd09": "RFR",
    "000001a0-0000-0000-c000-000000000046": "ISystemActivator",
    "99fcfec4-5260-101b-bbcb-00aa0021347a": "IOXIDResolver",
    "00000131-0000-0000-c000-000000000046": "IRemUnknown",
    "00000143-0000-0000-c000-000000000046": "IRemUnknown2",
    "00000136-0000-0000-c000-000000000046": "ISCMActivator",
    "3919286a-b10c-11d0-9ba8-00c04fd92ef5": "DSSETUP",
    "885d85fb-c754-4062-a0e7-6872ce0064f4": "MDSSVC",
    "afa8bd80-7d8a-11c9-bef4-08002b102989": "MGMT",
    "50abc2a4-574d-40b3-9d66-ee4fd5fba076": "DNSSERVER",
    "c681d488-d850-11d0-8c52-00c04fd90f7e": "EFS",
    "df1941c5-fe89-4e79-bf10-463657acf44d": "EFS",
    "5a7b91f8-ff00-11d0-a9b2-00c04fb6e6fc": "MESSENGER",
    "91ae6020-9e3c-11cf-8d7c-00aa00c091be": "ICertPassage",
    "3dde7c30-165d-11d1-ab8f-00805f14db40": "BackupKey",
}

TRANSFERS = {
    "8a885d04-1ceb-11c9-9fe8-08002b104860": "32bit NDR",
    "71710533-beba-4937-8319-b5dbef9ccc36": "64bit NDR",
}
