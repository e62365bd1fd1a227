# SPDX-License-Identifier: Apache-2.0
"""DNS (RFC 1035, RFC 6891), mDNS (RFC 6762) and LLMNR (RFC 4795), in datagrams and (RFC 7766) in streams."""
