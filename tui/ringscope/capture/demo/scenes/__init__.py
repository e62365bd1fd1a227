# SPDX-License-Identifier: Apache-2.0
"""The conversations of the demo network, one a module.

A scene has a part for the near process, the far process, or both: functions that get their `Side` and run until the
process is killed. What can go wrong on a network (OSError) they leave to `ringscope.capture.demo.stage`, which
begins them anew. All sockets are real ones of the kernel.
"""
