"""A plain Meter: it counts and says what it counted."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tobs._util.pool import PoolCounters


@dataclass(slots=True)
class StageCount:
    """One stage: pieces, their time together, and how long they had to wait."""

    count: int = 0
    total_duration_s: float = 0
    errors: int = 0
    queue_duration_s: float = 0


@dataclass(slots=True)
class MediaCount:
    """Files that were processed; the average counts only the time in which there was one."""

    total_media_processed: int = 0
    concurrent_peak: int = 0
    avg_concurrency: float = 0
    memory_throttles: int = 0


@dataclass(slots=True)
class CountingMeter:
    """Implements core.ports.meter.Meter."""

    stages: dict[str, StageCount] = field(default_factory=dict)
    media: MediaCount = field(default_factory=MediaCount)
    pool: PoolCounters = field(default_factory=PoolCounters)
    _active: int = 0
    _since: float = 0
    _busy_seconds: float = 0
    _file_seconds: float = 0

    def record_stage(
        self, stage_name: str, duration_s: float, error: bool = False, *, count: int = 1, queue_s: float = 0
    ) -> None:
        """Add to the stage."""
        stage = self.stages.setdefault(stage_name, StageCount())
        stage.count += count
        stage.total_duration_s += duration_s
        stage.errors += error
        stage.queue_duration_s += queue_s

    def record_media(self, active: int, *, processed: int = 0, throttled: int = 0) -> None:
        """Weigh the number that was active until now by its time."""
        now = time.monotonic()
        if self._active:
            self._busy_seconds += now - self._since
            self._file_seconds += (now - self._since) * self._active
            self.media.avg_concurrency = self._file_seconds / self._busy_seconds
        self._active, self._since = active, now
        self.media.total_media_processed += processed
        self.media.memory_throttles += throttled
        self.media.concurrent_peak = max(self.media.concurrent_peak, active)

    def record_pool(self, counters: PoolCounters) -> None:
        """Keep the last word."""
        self.pool = counters
