# SPDX-License-Identifier: Apache-2.0
"""BOOTP's fixed part (RFC 951) and DHCP's messages and options (RFC 2131, RFC 2132), told by their cookie."""
