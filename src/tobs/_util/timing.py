"""Work that says how long it took, wherever it runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def time_work(work: Callable[..., T], *args: Any) -> tuple[T, float]:
    """Return what `work(*args)` returns, and the seconds that it took; for a worker process, too."""
    begun = time.monotonic()
    result = work(*args)
    return result, time.monotonic() - begun
