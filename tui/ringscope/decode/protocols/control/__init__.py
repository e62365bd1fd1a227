# SPDX-License-Identifier: Apache-2.0
"""What networks say among themselves."""
