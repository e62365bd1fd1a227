# SPDX-License-Identifier: Apache-2.0
"""What stands first in a capture, and what Ethernet and PPP put between that and the network."""
