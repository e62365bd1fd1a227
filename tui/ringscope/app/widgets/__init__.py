# SPDX-License-Identifier: Apache-2.0
"""The widgets, one a module. Each draws its own lines; none owns a timer or talks to the session by itself."""
