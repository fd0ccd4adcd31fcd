"""What a run counts: stages, media, the pool. Whoever is handed none of it counts nothing itself."""

from __future__ import annotations

from typing import Protocol

from tobs._util.pool import PoolCounters


class Meter(Protocol):
    """The counters of one run; never blocks, never fails."""

    def record_stage(
        self, stage_name: str, duration_s: float, error: bool = False, *, count: int = 1, queue_s: float = 0
    ) -> None:
        """Count `count` pieces of a stage that together took `duration_s`, after `queue_s` of waiting."""
        ...

    def record_media(self, active: int, *, processed: int = 0, throttled: int = 0) -> None:
        """Note that from now on so many files are processed at once.

        `processed` have just ended; `throttled` have to wait for memory.
        """
        ...

    def record_pool(self, counters: PoolCounters) -> None:
        """Note how the worker pool stands; the last word counts."""
        ...
