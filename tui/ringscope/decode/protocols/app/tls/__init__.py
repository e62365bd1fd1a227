# SPDX-License-Identifier: Apache-2.0
"""TLS (RFC 5246, RFC 8446) and SSL 3 (RFC 6101): records, and the messages in them that are readable."""
