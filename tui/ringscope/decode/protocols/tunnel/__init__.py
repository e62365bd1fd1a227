# SPDX-License-Identifier: Apache-2.0
"""What carries whole packets of another network."""
