# SPDX-License-Identifier: Apache-2.0
"""ONC RPC (RFC 5531), as Portmap, NFS and their kin use it."""
