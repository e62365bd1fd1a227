# SPDX-License-Identifier: Apache-2.0
"""SNMP versions 1 (RFC 1157), 2c (RFC 1901, RFC 3416) and 3 (RFC 3412, with the user-based security of RFC 3414), in
datagrams and (RFC 3430) in streams."""
