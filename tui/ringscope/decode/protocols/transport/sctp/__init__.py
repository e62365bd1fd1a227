# SPDX-License-Identifier: Apache-2.0
"""SCTP (RFC 9260): every chunk, padded to four bytes whatever its kind, and what DATA chunks carry; authentication (RFC
4895), address changes (RFC 5061), partial reliability (RFC 3758), resets (RFC 6525), interleaving (RFC 8260)."""
