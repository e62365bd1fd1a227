# SPDX-License-Identifier: Apache-2.0
"""Numbers of TLS and what they are called: records, messages, alerts (IANA registry "TLS Parameters")."""

from __future__ import annotations

RECORDS = {
    20: "Change Cipher Spec",
    21: "Alert",
    22: "Handshake",
    23: "Application Data",
    24: "Heartbeat",
    25: "Connection ID",
    26: "ACK",
}

VERSIONS = {
    0x0002: "SSLv2",
    0x0300: "SSLv3",
    0x0301: "TLSv1",
    0x0302: "TLSv1.1",
    0x0303: "TLSv1.2",
    0x0304: "TLSv1.3",
    0x0100: "DTLSv1.0",  # OpenSSL before 0.9.8f
    0xFEFF: "DTLSv1.0",
    0xFEFD: "DTLSv1.2",
    0xFEFC: "DTLSv1.3",
    **{0x7F00 | draft: f"TLSv1.3 draft {draft}" for draft in range(14, 29)},
}

TLS13 = 0x0304

HANDSHAKES = {
    0: "Hello Request",
    1: "Client Hello",
    2: "Server Hello",
    3: "Hello Verify Request",
    4: "New Session Ticket",
    5: "End of Early Data",
    6: "Hello Retry Request",
    8: "Encrypted Extensions",
    9: "Request Connection ID",
    10: "New Connection ID",
    11: "Certificate",
    12: "Server Key Exchange",
    13: "Certificate Request",
    14: "Server Hello Done",
    15: "Certificate Verify",
    16: "Client Key Exchange",
    17: "Client Certificate Request",
    20: "Finished",
    21: "Certificate URL",
    22: "Certificate Status",
    23: "Supplemental Data",
    24: "Key Update",
    25: "Compressed Certificate",
    67: "Next Protocol",
    203: "Channel ID",
    254: "Message Hash",
}

LEVELS = {1: "Warning", 2: "Fatal"}

ALERTS = {
    0: "Close Notify",
    10: "Unexpected Message",
    20: "Bad Record MAC",
    21: "Decryption Failed",
    22: "Record Overflow",
    30: "Decompression Failure",
    40: "Handshake Failure",
    41: "No Certificate",
    42: "Bad Certificate",
    43: "Unsupported Certificate",
    44: "Certificate Revoked",
    45: "Certificate Expired",
    46: "Certificate Unknown",
    47: "Illegal Parameter",
    48: "Unknown CA",
    49: "Access Denied",
    50: "Decode Error",
    51: "Decrypt Error",
    52: "Too Many CIDs Requested",
    60: "Export Restriction",
    70: "Protocol Version",
    71: "Insufficient Security",
    80: "Internal Error",
    86: "Inappropriate Fallback",
    90: "User Canceled",
    100: "No Renegotiation",
    109: "Missing Extension",
    110: "Unsupported Extension",
    111: "Certificate Unobtainable",
    112: "Unrecognized Name",
    113: "Bad Certificate Status Response",
    114: "Bad Certificate Hash Value",
    115: "Unknown PSK Identity",
    116: "Certificate Required",
    117: "General Error",
    120: "No Application Protocol",
    121: "ECH Required",
}

HEARTBEATS = {1: "Request", 2: "Response"}

RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a Server Hello that is a Hello Retry Request (RFC 8446 section 4.1.3)."""


def is_grease(number: int) -> bool:
    """A number that says nothing, put in so that unknown ones are tolerated (RFC 8701)."""
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF
