# SPDX-License-Identifier: Apache-2.0
"""The data of DNS records: a part for each type. Where no RFC stands beside a type it is RFC 1035's or RFC 1183's."""

from __future__ import annotations

from ringscope.decode.forms import coded, hex2, hex4, plain
from ringscope.decode.protocols.app.dns.names import DIGESTS
from ringscope.decode.protocols.app.dns.parts import (
    Part,
    address,
    base64,
    hexadecimal,
    kinds,
    name,
    number,
    sequence,
    sized,
    string,
    strings,
    text,
)
from ringscope.decode.protocols.app.dns.security import (
    algorithm,
    key,
    next_secure,
    signature,
    transaction_key,
    transaction_signature,
)
from ringscope.decode.protocols.app.dns.services import service
from ringscope.decode.protocols.app.dns.special import (
    gateway,
    host_identity,
    location,
    locator64,
    old_ipv6,
    prefixes,
    relay,
    well_known,
    windows,
)

_CERTIFICATES = {1: "PKIX", 2: "SPKI", 3: "PGP", 4: "IPKIX", 5: "ISPKI", 6: "IPGP", 7: "ACPKIX", 8: "IACPKIX"}
_FINGERPRINTS = {1: "SHA-1", 2: "SHA-256"}
_HOST_KEYS = {1: "RSA", 2: "DSA", 3: "ECDSA", 4: "Ed25519", 6: "Ed448"}
_USAGES = {0: "CA constraint", 1: "service certificate", 2: "trust anchor", 3: "domain-issued certificate"}
_SELECTORS = {0: "full certificate", 1: "public key"}
_MATCHES = {0: "exact", 1: "SHA-256", 2: "SHA-512"}
_SCHEMES = {1: "simple"}
_ZONE_HASHES = {1: "SHA-384", 2: "SHA-512"}
_NEXT_HASHES = {1: "SHA-1"}
_ANSWERS = {1: "NOTIFY"}

_LOOKUP = name("Name")
_TEXTS = strings("Text")
_DIGEST = sequence(
    number("Key tag", 2), algorithm("Algorithm"), number("Digest type", 1, DIGESTS), hexadecimal("Digest")
)
_ASSOCIATION = sequence(
    number("Usage", 1, _USAGES),
    number("Selector", 1, _SELECTORS),
    number("Matching type", 1, _MATCHES),
    hexadecimal("Association"),
)
_PREFERRED = sequence(number("Preference", 2), name("Host"))
_HASHED = (number("Hash", 1, _NEXT_HASHES), number("Flags", 1, hex2), number("Iterations", 2), sized("Salt", 1))

RECORDS: dict[int, Part] = {
    1: address("Address", 4),
    2: _LOOKUP,
    3: _LOOKUP,
    4: _LOOKUP,
    5: _LOOKUP,
    6: sequence(
        name("Primary server"),
        name("Mailbox"),
        number("Serial", 4),
        number("Refresh", 4),
        number("Retry", 4),
        number("Expire", 4),
        number("Minimum time to live", 4),
    ),
    7: _LOOKUP,
    8: _LOOKUP,
    9: _LOOKUP,
    10: hexadecimal("Data"),
    11: well_known,
    12: _LOOKUP,
    13: sequence(string("Processor"), string("System")),
    14: sequence(name("Mailbox of the list"), name("Mailbox for errors")),
    15: _PREFERRED,
    16: _TEXTS,
    17: sequence(name("Mailbox"), name("Text at")),
    18: sequence(number("Subtype", 2, {1: "AFS", 2: "DCE"}), name("Host")),
    19: string("Address"),
    20: _TEXTS,
    21: _PREFERRED,
    22: hexadecimal("Address"),  # RFC 1706
    23: _LOOKUP,
    24: signature,  # RFC 2535, RFC 2931
    25: key,  # RFC 2535
    26: sequence(number("Preference", 2), name("RFC 822 name"), name("X.400 name")),  # RFC 2163
    27: sequence(string("Longitude"), string("Latitude"), string("Altitude")),  # RFC 1712
    28: address("Address", 16),  # RFC 3596
    29: location,  # RFC 1876
    30: sequence(name("Next name"), hexadecimal("Types")),  # RFC 2535
    31: hexadecimal("Endpoint"),
    32: hexadecimal("Locator"),
    33: sequence(number("Priority", 2), number("Weight", 2), number("Port", 2), name("Target")),  # RFC 2782
    34: sequence(number("Format", 1), hexadecimal("Address")),
    35: sequence(  # RFC 3403
        number("Order", 2),
        number("Preference", 2),
        string("Flags"),
        string("Services"),
        string("Regular expression"),
        name("Replacement"),
    ),
    36: _PREFERRED,  # RFC 2230
    37: sequence(  # RFC 4398
        number("Certificate type", 2, _CERTIFICATES),
        number("Key tag", 2),
        algorithm("Algorithm"),
        base64("Certificate"),
    ),
    38: old_ipv6,  # RFC 2874
    39: _LOOKUP,  # RFC 6672
    40: sequence(number("Coding", 1), number("Subcoding", 1), base64("Data")),
    42: prefixes,  # RFC 3123
    43: _DIGEST,  # RFC 4034
    44: sequence(  # RFC 4255
        number("Algorithm", 1, _HOST_KEYS), number("Fingerprint type", 1, _FINGERPRINTS), hexadecimal("Fingerprint")
    ),
    45: gateway,  # RFC 4025
    46: signature,  # RFC 4034
    47: next_secure,  # RFC 4034
    48: key,  # RFC 4034
    49: base64("Identity"),  # RFC 4701
    50: sequence(*_HASHED, sized("Next hash", 1), kinds("Types")),  # RFC 5155
    51: sequence(*_HASHED),
    52: _ASSOCIATION,  # RFC 6698
    53: _ASSOCIATION,  # RFC 8162
    55: host_identity,  # RFC 8005
    56: _TEXTS,
    57: sequence(number("Flags", 2, hex4), number("Protocol", 1), algorithm("Algorithm"), base64("Key")),
    58: sequence(name("Previous"), name("Next")),
    59: _DIGEST,  # RFC 7344
    60: key,
    61: base64("Key"),  # RFC 7929
    62: sequence(number("Serial", 4), number("Flags", 2, hex4), kinds("Types")),  # RFC 7477
    63: sequence(  # RFC 8976
        number("Serial", 4), number("Scheme", 1, _SCHEMES), number("Hash", 1, _ZONE_HASHES), hexadecimal("Digest")
    ),
    64: service,  # RFC 9460
    65: service,
    66: sequence(  # RFC 9859
        number("Type", 2), number("Scheme", 1, _ANSWERS), number("Port", 2), name("Target")
    ),
    67: base64("Data"),
    68: base64("Data"),
    99: _TEXTS,  # RFC 7208
    100: text("Information"),
    101: number("User", 4),
    102: number("Group", 4),
    103: hexadecimal("Data"),
    104: locator64,  # RFC 6742, and the next three
    105: sequence(number("Preference", 2), address("Locator", 4)),
    106: locator64,
    107: _PREFERRED,
    108: address("Address", 6),  # RFC 7043
    109: address("Address", 8),
    249: transaction_key,  # RFC 2930
    250: transaction_signature,  # RFC 8945
    256: sequence(number("Priority", 2), number("Weight", 2), text("Target")),  # RFC 7553
    257: sequence(number("Flags", 1, coded(2, {0: "none", 128: "critical"})), string("Tag"), text("Value")),  # RFC 8659
    258: _TEXTS,
    259: sequence(  # draft-durand-doa-over-dns
        number("Enterprise", 4), number("Type", 4), number("Location", 1), string("Media type"), base64("Data")
    ),
    260: relay,  # RFC 8777
    261: _TEXTS,  # RFC 9606
    262: _TEXTS,
    263: _TEXTS,
    264: number("Number", 8, plain),
    32768: _DIGEST,
    32769: _DIGEST,  # RFC 4431
    65281: windows(4, "Address"),
    65282: windows(0, "Domain"),
}
"""By type. OPT is no record of its own kind and not among them."""
