# SPDX-License-Identifier: Apache-2.0
"""BGP version 4 (RFC 4271) with capabilities (RFC 5492), four-byte AS numbers (RFC 6793) and many address families
(RFC 4760)."""
