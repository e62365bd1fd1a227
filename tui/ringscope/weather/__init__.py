# SPDX-License-Identifier: Apache-2.0
"""The way of a packet through host and capture together: what was lost where, why, and what would help.

Pure functions over readings of the host (`ringscope.host`) and snapshots of a capture (`ringscope.capture`): a
`Moment` is one of both. `path` is the account by stages, `judge` what was lost between two moments and why, `Tally`
adds that up, `verdict` says it in one sentence with the cures that fit."""

from __future__ import annotations
