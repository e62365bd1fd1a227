# SPDX-License-Identifier: Apache-2.0
"""DCE RPC over connections (The Open Group's specification C706, chapter 12; MS-RPCE), as Windows uses it."""
