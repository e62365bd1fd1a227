# SPDX-License-Identifier: Apache-2.0
"""QUIC (RFC 8999, RFC 9000, RFC 9369, drafts from 22 on): headers, and Initial packets, whose keys are no secret."""
