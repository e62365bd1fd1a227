# SPDX-License-Identifier: Apache-2.0
"""OSPF version 2 (RFC 2328) and version 3 (RFC 5340): hellos, database exchange and all kinds of link state
advertisements, with opaque ones (RFC 5250) and their type-length-values."""
