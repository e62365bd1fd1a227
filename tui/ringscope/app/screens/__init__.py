# SPDX-License-Identifier: Apache-2.0
"""The screens, one a module: they lay widgets out and move facts between them and the session."""
