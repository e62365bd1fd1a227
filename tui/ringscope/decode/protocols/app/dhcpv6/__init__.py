# SPDX-License-Identifier: Apache-2.0
"""DHCPv6 (RFC 8415): messages of clients, servers and relays, with options nested in options."""
