# SPDX-License-Identifier: Apache-2.0
"""PIM version 2 (RFC 7761, dense mode of RFC 3973, bidirectional of RFC 5015, bootstrap of RFC 5059) and version 1,
which travels in IGMP (draft-ietf-idmr-pim-spec)."""
