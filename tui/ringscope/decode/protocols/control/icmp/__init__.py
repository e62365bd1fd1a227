# SPDX-License-Identifier: Apache-2.0
"""ICMP (RFC 792) with the packet that an error quotes and its extensions (RFC 4884), router discovery (RFC 1256, mobile
agents of RFC 5944), address masks (RFC 950), the MTU that "fragmentation needed" tells (RFC 1191), probes (RFC
8335)."""
