# SPDX-License-Identifier: Apache-2.0
"""What all tests have in common: a property holds or it does not, however slow the machine is."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
