"""What a run takes of the computer, looked at every few seconds and at its start and end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tobs.monitoring.collector import MetricsCollector
from tobs.monitoring.timeline import MIB

_SHORTEST_S = 0.1
"""Processor time is told in hundredths of a second: over less than this a load would be a guess."""


class ResourceMonitor:
    """Samples this process and its children into a collector; `start` and `stop` are called in the loop.

    Samples are taken at the computer's own time, also where a test moves another clock by hand: what they say is of the
    computer. `told` is called with each sample.
    """

    def __init__(
        self, collector: MetricsCollector, interval_s: float = 5, told: Callable[[], None] | None = None
    ) -> None:
        import psutil  # takes a while to load, which only runs that are measured have to wait for

        self._collector = collector
        self._interval_s = interval_s
        self._told = told
        self._timer: asyncio.TimerHandle | None = None
        self._looked_at = self._cpu_s = self._load_pct = 0.0
        self._disk = (0.0, 0.0)
        self._process = psutil.Process()

    def start(self) -> None:
        """Take the first sample, and another every few seconds until `stop`."""
        self._looked_at, self._cpu_s = time.perf_counter(), self._read_cpu()
        self._disk = self._read_disk()
        self._tick()

    def stop(self) -> None:
        """Take the last sample; twice is harmless."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
            self.sample()

    def _tick(self) -> None:
        self.sample()
        self._timer = asyncio.get_running_loop().call_later(self._interval_s, self._tick)

    def sample(self) -> None:
        """Look at the computer and tell the collector."""
        read, written = self._read_disk()
        self._collector.record_resources(
            self._measure_load(),
            self._process.memory_info().rss / MIB,
            (read - self._disk[0], written - self._disk[1]),
            self._collector.traffic_mb,
        )
        if self._told:
            self._told()

    def _measure_load(self) -> float:
        """Return the percent of a core used since the last look."""
        now, cpu_s = time.perf_counter(), self._read_cpu()
        span_s = now - self._looked_at
        if span_s >= _SHORTEST_S:
            self._load_pct = 100 * max(0.0, cpu_s - self._cpu_s) / span_s
            self._looked_at, self._cpu_s = now, cpu_s
        return self._load_pct

    def _read_cpu(self) -> float:
        """Return the processor seconds of this process and its children, of those that have ended too."""
        import psutil

        own = self._process.cpu_times()
        seconds = own.user + own.system + own.children_user + own.children_system
        for child in self._process.children(recursive=True):
            try:
                times = child.cpu_times()
            except psutil.Error:  # it has just ended
                continue
            seconds += times.user + times.system
        return float(seconds)

    def _read_disk(self) -> tuple[float, float]:
        """Return the MB that this process has read and written; nothing where the system does not tell."""
        import psutil

        try:
            counters = self._process.io_counters()
        except (AttributeError, psutil.Error):
            return 0.0, 0.0
        return counters.read_bytes / MIB, counters.write_bytes / MIB
