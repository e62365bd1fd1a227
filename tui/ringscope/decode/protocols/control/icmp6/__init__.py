# SPDX-License-Identifier: Apache-2.0
"""ICMPv6 (RFC 4443) with quoted packets and their extensions (RFC 4884), neighbour discovery (RFC 4861), multicast
listeners (RFC 2710, RFC 3810), RPL (RFC 6550), node information (RFC 4620), and the other types by name."""
