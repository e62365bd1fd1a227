# SPDX-License-Identifier: Apache-2.0
"""IGMP versions 1 to 3 (RFC 1112, RFC 2236, RFC 9776) and what shares its number: RGMP (RFC 3488), DVMRP (RFC 1075,
draft-ietf-idmr-dvmrp-v3), multicast router discovery (RFC 4286) and PIM version 1."""
