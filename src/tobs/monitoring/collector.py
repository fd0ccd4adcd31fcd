"""Counts what a run does: one collector a run, handed to everybody as core.ports.meter.Meter."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from tobs._util.atomic import save
from tobs._util.pool import PoolCounters
from tobs.core.metrics import (
    METRICS_VERSION,
    CacheMetrics,
    MediaMetrics,
    PoolMetrics,
    ResourceMetrics,
    RunMetrics,
    StageMetrics,
    StageName,
)
from tobs.core.ports.services import Clock
from tobs.monitoring.tallies import GaugeTally, RequestTally, StageTally
from tobs.monitoring.timeline import MIB, Stretch, Timeline

Pair = tuple[float, float]
"""What went in and what went out, or the other way round."""


class MetricsCollector:
    """Implements Meter. Takes the same room however long the run is; for the loop's own thread."""

    def __init__(self, clock: Clock, start_time: str = "") -> None:
        """`start_time` is that of the run, as its report has it."""
        self._clock = clock
        self._start_time = start_time
        self._begun = clock.monotonic()
        self._stages: dict[str, StageTally] = {}
        self._requests: dict[str, RequestTally] = {}
        self._gauges: dict[str, GaugeTally] = {}
        self._caches: dict[str, CacheMetrics] = {}
        self._pool = PoolMetrics()
        self._calls: Counter[str] = Counter()
        self._resources = _Resources(self._begun)
        self._files = _FilesAtOnce(self._begun)

    @property
    def traffic_mb(self) -> Pair:
        """MB sent to and received from Telegram so far."""
        return self._resources.sent_bytes / MIB, self._resources.received_bytes / MIB

    @property
    def stages(self) -> dict[str, StageMetrics]:
        """Every stage that had a piece, as it stands."""
        return {name: each.sum_up() for name, each in self._stages.items()}

    @property
    def media(self) -> MediaMetrics:
        """The files that were processed, as it stands."""
        return self._files.sum_up()

    def record_stage(
        self,
        stage_name: StageName,
        duration_s: float,
        error: bool = False,
        *,
        count: int = 1,
        queue_s: float = 0,
    ) -> None:
        """Add to the stage."""
        self._calls["stage"] += 1
        if (stage := self._stages.get(stage_name)) is None:
            stage = self._stages[stage_name] = StageTally()
        stage.add(duration_s, self._clock.monotonic(), count, queue_s, is_error=error)

    def record_messages(self, count: int) -> None:
        """Add to the messages of the stretch."""
        self._calls["messages"] += 1
        self._resources.messages += count

    def record_request(self, method: str, latency_s: float, received_bytes: int = 0) -> None:
        """Add an answer to the method."""
        self._calls["request"] += 1
        self._find_method(method).add(latency_s, received_bytes)

    def record_retry(self, method: str) -> None:
        """Add a repeat to the method."""
        self._calls["retry"] += 1
        self._find_method(method).retries += 1

    def record_wait(self, method: str, duration_s: float) -> None:
        """Add a wait to the method."""
        self._calls["wait"] += 1
        self._find_method(method).wait_s += duration_s

    def _find_method(self, method: str) -> RequestTally:
        if (found := self._requests.get(method)) is None:
            found = self._requests[method] = RequestTally()
        return found

    def record_traffic(self, sent_bytes: int, received_bytes: int) -> None:
        """Add what went over a connection."""
        self._calls["traffic"] += 1
        self._resources.sent_bytes += sent_bytes
        self._resources.received_bytes += received_bytes

    def record_gauge(self, name: str, value: float) -> None:
        """Weigh the last value by its time, and take the new one."""
        self._calls["gauge"] += 1
        now = self._clock.monotonic()
        if (gauge := self._gauges.get(name)) is None:
            self._gauges[name] = GaugeTally(value, now, value, value)
        else:
            gauge.set(value, now)

    def record_media(self, active: int, *, processed: int = 0, throttled: int = 0) -> None:
        """Weigh the number that was active until now by its time."""
        self._calls["media"] += 1
        self._files.note(active, self._clock.monotonic(), processed, throttled)

    def record_cache(
        self,
        cache_name: str,
        hits: int,
        misses: int,
        evictions: int,
        size_bytes: int,
        *,
        expirations: int = 0,
        entries: int = 0,
    ) -> None:
        """Keep the last word."""
        self._calls["cache"] += 1
        rate = round(100 * hits / (hits + misses), 1) if hits + misses else 0.0
        size_mb = round(size_bytes / MIB, 3)
        self._caches[cache_name] = CacheMetrics(hits, misses, rate, evictions, expirations, entries, size_mb)

    def record_pool(self, counters: PoolCounters) -> None:
        """Keep the last word."""
        self._calls["pool"] += 1
        latency_s = round(counters.average_latency_s, 6)
        self._pool = PoolMetrics(
            counters.active, counters.queued, counters.completed, counters.failed, latency_s
        )

    def record_resources(
        self, cpu_pct: float, memory_mb: float, disk_io_mb: Pair, network_io_mb: Pair
    ) -> None:
        """Note the load since the last time, the memory held now, and what was read and written, sent and received since the start."""
        self._calls["resources"] += 1
        gauges = {name: each.last for name, each in self._gauges.items()}
        self._resources.note(
            self._clock.monotonic(), cpu_pct, memory_mb, disk_io_mb, network_io_mb, gauges=gauges
        )

    def sum_up(self) -> RunMetrics:
        """Return everything as it stands."""
        now = self._clock.monotonic()
        return RunMetrics(
            schema_version=METRICS_VERSION,
            start_time=self._start_time,
            duration_s=round(now - self._begun, 3),
            stages=self.stages,
            resources=self._resources.sum_up(),
            caches={**self._caches},
            media=self.media,
            pool=self._pool,
            requests={name: self._requests[name].sum_up() for name in sorted(self._requests)},
            gauges={name: each.sum_up(now) for name, each in self._gauges.items()},
            calls={**self._calls},
        )

    def export_json(self, path: Path) -> None:
        """Write everything as it stands. Raises DiskFull or ForeignFolder."""
        save_metrics(path, self.sum_up())


def save_metrics(path: Path, metrics: RunMetrics) -> None:
    """Write the metrics of a run, whole or not at all. Raises DiskFull or ForeignFolder."""
    save(path, msgspec.json.format(msgspec.json.encode(metrics), indent=2) + b"\n", mode=0o600)


class _Resources:
    """What samples say, and what was counted since the last one."""

    def __init__(self, begun: float) -> None:
        self.messages = self.sent_bytes = self.received_bytes = 0
        self._begun = self._sampled = begun
        self._told_messages = self._told_bytes = 0
        self._cpu_s = self._span_s = self._memory_mb = 0.0
        self._timeline = Timeline()
        self._now = ResourceMetrics()

    def note(
        self,
        now: float,
        cpu_pct: float,
        memory_mb: float,
        disk: Pair,
        network: Pair,
        *,
        gauges: dict[str, float],
    ) -> None:
        """Take in a sample."""
        span_s = now - self._sampled
        cpu_s = cpu_pct / 100 * span_s
        stretch = Stretch(
            end_s=now - self._begun,
            span_s=span_s,
            messages=self.messages - self._told_messages,
            received_bytes=self.received_bytes - self._told_bytes,
            cpu_s=cpu_s,
            memory_mb=memory_mb,
            gauges=gauges,
        )
        self._timeline.add(stretch)
        self._sampled, self._told_messages, self._told_bytes = now, self.messages, self.received_bytes
        self._cpu_s += cpu_s
        self._span_s += span_s
        self._memory_mb += memory_mb
        found = self._now
        found.cpu_samples += span_s > 0
        found.memory_samples += 1
        found.peak_cpu_percent = max(found.peak_cpu_percent, cpu_pct if span_s else 0)
        found.peak_memory_mb = max(found.peak_memory_mb, memory_mb)
        found.disk_read_mb, found.disk_write_mb = disk
        found.network_sent_mb, found.network_received_mb = network

    def sum_up(self) -> ResourceMetrics:
        """Return what all samples say."""
        found = self._now
        return ResourceMetrics(
            avg_cpu_percent=round(100 * self._cpu_s / self._span_s, 1) if self._span_s else 0,
            peak_cpu_percent=round(found.peak_cpu_percent, 1),
            avg_memory_mb=round(self._memory_mb / found.memory_samples, 1) if found.memory_samples else 0,
            peak_memory_mb=round(found.peak_memory_mb, 1),
            disk_read_mb=round(found.disk_read_mb, 3),
            disk_write_mb=round(found.disk_write_mb, 3),
            network_sent_mb=round(found.network_sent_mb, 3),
            network_received_mb=round(found.network_received_mb, 3),
            cpu_samples=found.cpu_samples,
            memory_samples=found.memory_samples,
            timeline=self._timeline.list_moments(),
        )


class _FilesAtOnce:
    """How many files were processed, and how many at once while there was one."""

    def __init__(self, begun: float) -> None:
        self._active = 0
        self._since = begun
        self._busy_s = self._file_s = 0.0
        self._now = MediaMetrics()

    def note(self, active: int, now: float, processed: int, throttled: int) -> None:
        """Weigh the number that was active until now by its time."""
        if self._active:
            self._busy_s += now - self._since
            self._file_s += (now - self._since) * self._active
        self._active, self._since = active, now
        self._now.total_media_processed += processed
        self._now.memory_throttles += throttled
        self._now.concurrent_peak = max(self._now.concurrent_peak, active)

    def sum_up(self) -> MediaMetrics:
        """Return what was counted so far."""
        found = self._now
        average = round(self._file_s / self._busy_s, 3) if self._busy_s else 0
        return MediaMetrics(
            found.total_media_processed, found.concurrent_peak, average, found.memory_throttles
        )
