# SPDX-License-Identifier: Apache-2.0
"""IP, its extension headers, and what resolves its addresses."""
