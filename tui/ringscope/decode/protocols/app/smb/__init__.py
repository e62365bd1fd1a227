# SPDX-License-Identifier: Apache-2.0
"""SMB 1 (MS-CIFS, MS-SMB), SMB 2 and 3 (MS-SMB2), and NetBIOS' session service below (RFC 1001, RFC 1002)."""
