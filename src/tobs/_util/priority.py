"""The order in which waiting work is taken."""

from __future__ import annotations

from enum import IntEnum


class TaskPriority(IntEnum):
    """Which waiting work a free thread takes first: the highest."""

    LOW = 0
    NORMAL = 1
    HIGH = 2
