# SPDX-License-Identifier: Apache-2.0
"""IPv4 (RFC 791) and its options."""
