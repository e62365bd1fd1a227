# SPDX-License-Identifier: Apache-2.0
"""TCP (RFC 9293) with its options, and the step to what it carries."""
