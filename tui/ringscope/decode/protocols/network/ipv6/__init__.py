# SPDX-License-Identifier: Apache-2.0
"""IPv6 (RFC 8200) and its extension headers, each a protocol of its own: options, routing (RFC 6275, RFC 6554, RFC
8754), fragment, mobility (RFC 6275), host identity (RFC 7401), Shim6 (RFC 5533)."""
