# SPDX-License-Identifier: Apache-2.0
"""What cffi makes of csrc/ringscope.cdef.h; typed where it is used, in native.py."""

from typing import Any, Final

ffi: Final[Any]
lib: Final[Any]
