"""The small counters that the collector is made of; each takes the same room however long a run is."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field

from tobs.core.metrics import LATENCY_BOUNDS_S, GaugeMetrics, LatencyHistogram, RequestMetrics, StageMetrics

_GAPS = 64
"""How many gaps between pieces are remembered, in case that one which ends later fills them."""


class BusyTime:
    """How long at least one of many pieces was under way, told as each of them ends."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._end = float("-inf")
        self._gaps: deque[tuple[float, float]] = deque(maxlen=_GAPS)

    def add(self, start: float, end: float) -> None:
        """Take in a piece; pieces come in the order in which they end."""
        if start < self._end:
            self._fill_gaps(start)
        else:
            self._gaps.append((self._end, start))
        self.seconds += max(0.0, end - max(start, self._end))
        self._end = max(self._end, end)

    def _fill_gaps(self, start: float) -> None:
        while self._gaps and self._gaps[-1][1] > start:
            low, high = self._gaps.pop()
            self.seconds += high - max(low, start)
            if low < start:
                self._gaps.append((low, start))
                return


@dataclass(slots=True)
class StageTally:
    """One stage while the run goes on."""

    count: int = 0
    errors: int = 0
    total_s: float = 0
    queue_s: float = 0
    shortest_s: float = float("inf")
    longest_s: float = 0
    busy: BusyTime = field(default_factory=BusyTime)

    def add(self, duration_s: float, now: float, count: int, queue_s: float, *, is_error: bool) -> None:
        """Take in pieces that ended now."""
        self.count += count
        self.errors += is_error
        self.total_s += duration_s
        self.queue_s += queue_s
        each_s = duration_s / max(1, count)
        self.shortest_s = min(self.shortest_s, each_s)
        self.longest_s = max(self.longest_s, each_s)
        self.busy.add(now - duration_s, now)

    def sum_up(self) -> StageMetrics:
        """Return the stage as it stands."""
        busy_s = self.busy.seconds
        return StageMetrics(
            count=self.count,
            total_duration_s=round(self.total_s, 6),
            avg_duration_s=round(self.total_s / self.count, 6) if self.count else 0,
            min_duration_s=round(self.shortest_s, 6) if self.count else 0,
            max_duration_s=round(self.longest_s, 6),
            throughput_per_s=round(self.count / busy_s, 3) if busy_s else 0,
            errors=self.errors,
            queue_duration_s=round(self.queue_s, 6),
            busy_duration_s=round(busy_s, 6),
        )


@dataclass(slots=True)
class RequestTally:
    """One method while the run goes on."""

    count: int = 0
    retries: int = 0
    wait_s: float = 0
    received_bytes: int = 0
    sum_s: float = 0
    longest_s: float = 0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(LATENCY_BOUNDS_S) + 1))

    def add(self, latency_s: float, received_bytes: int) -> None:
        """Take in an answer."""
        self.count += 1
        self.received_bytes += received_bytes
        self.sum_s += latency_s
        self.longest_s = max(self.longest_s, latency_s)
        self.buckets[bisect_left(LATENCY_BOUNDS_S, latency_s)] += 1

    def sum_up(self) -> RequestMetrics:
        """Return the method as it stands."""
        latency = LatencyHistogram(
            counts=[*self.buckets], sum_s=round(self.sum_s, 6), max_s=round(self.longest_s, 6)
        )
        return RequestMetrics(self.count, latency, round(self.wait_s, 3), self.retries, self.received_bytes)


@dataclass(slots=True)
class GaugeTally:
    """A value that moves; `since` is when it took the last one."""

    last: float
    since: float
    lowest: float
    highest: float
    seconds: float = 0
    weighed: float = 0

    def set(self, value: float, now: float) -> None:
        """Take in a new value."""
        self.weighed += self.last * (now - self.since)
        self.seconds += now - self.since
        self.last, self.since = value, now
        self.lowest = min(self.lowest, value)
        self.highest = max(self.highest, value)

    def sum_up(self, now: float) -> GaugeMetrics:
        """Return the value's course up to now."""
        self.set(self.last, now)
        average = self.weighed / self.seconds if self.seconds else self.last
        return GaugeMetrics(self.lowest, self.highest, round(average, 3), self.last)
