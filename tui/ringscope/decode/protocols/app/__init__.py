# SPDX-License-Identifier: Apache-2.0
"""What is carried for people and programs."""
