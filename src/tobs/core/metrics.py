"""What a run measured, as it stands in `export_metrics.json`, in the run file and in `tobs metrics show`.

docs/METRICS_GUIDE.md explains every number; src/tobs/monitoring/schema.json is made from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

METRICS_VERSION = 1
"""Grows when a file can no longer be read as one of the version before; new keys do not count."""

METRICS_FILE = "export_metrics.json"
"""The metrics of the last run, in the export folder."""

StageName: TypeAlias = Literal[
    "pipeline_fetch", "pipeline_process", "pipeline_write", "render", "place", "download", "transcode"
]
"""What is done in a run; docs/METRICS_GUIDE.md says what a piece of each is."""

LATENCY_BOUNDS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds (seconds, inclusive) of the latency histograms; one more bucket holds what is above."""


@dataclass(slots=True)
class StageMetrics:
    """One stage: `count` pieces, the seconds of work on them, and the seconds that they waited before it.

    `busy_duration_s` is the time in which at least one piece was worked on; `throughput_per_s` is pieces by that time.
    """

    count: int = 0
    total_duration_s: float = 0
    avg_duration_s: float = 0
    min_duration_s: float = 0
    max_duration_s: float = 0
    throughput_per_s: float = 0
    errors: int = 0
    queue_duration_s: float = 0
    busy_duration_s: float = 0


@dataclass(slots=True)
class Moment:
    """A stretch of a run that ends `at_s` after its start, with its rates and what held at its end.

    `memory_mb` is the most of the stretch. `gauges` are the last values of what steers requests and parts.
    """

    at_s: float
    span_s: float
    messages_per_s: float
    received_mb_per_s: float
    cpu_percent: float
    memory_mb: float
    gauges: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class ResourceMetrics:
    """What the run took of the computer; one core in full use is 100 %, a MB 1,048,576 bytes."""

    avg_cpu_percent: float = 0
    peak_cpu_percent: float = 0
    avg_memory_mb: float = 0
    peak_memory_mb: float = 0
    disk_read_mb: float = 0
    disk_write_mb: float = 0
    network_sent_mb: float = 0
    network_received_mb: float = 0
    cpu_samples: int = 0
    memory_samples: int = 0
    timeline: list[Moment] = field(default_factory=list)


@dataclass(slots=True)
class CacheMetrics:
    """What a cache did in this run."""

    hits: int = 0
    misses: int = 0
    hit_rate_pct: float = 0
    evictions: int = 0
    expirations: int = 0
    entries: int = 0
    size_mb: float = 0


@dataclass(slots=True)
class MediaMetrics:
    """Pictures and videos that were processed; the average counts only the time in which there was one."""

    total_media_processed: int = 0
    concurrent_peak: int = 0
    avg_concurrency: float = 0
    memory_throttles: int = 0


@dataclass(slots=True)
class PoolMetrics:
    """The threads of the worker pool; latency is from handing work in to its end."""

    active: int = 0
    queued: int = 0
    completed: int = 0
    failed: int = 0
    avg_latency_s: float = 0


@dataclass(slots=True)
class LatencyHistogram:
    """How long answers took: `counts[i]` of at most `bounds_s[i]` and more than the bound before; the last of more than all."""

    bounds_s: list[float] = field(default_factory=lambda: [*LATENCY_BOUNDS_S])
    counts: list[int] = field(default_factory=lambda: [0] * (len(LATENCY_BOUNDS_S) + 1))
    sum_s: float = 0
    max_s: float = 0

    def find_quantile(self, share: float) -> float:
        """Return a bound (seconds) that at least this share of the answers kept to; 0 without any."""
        wanted = share * sum(self.counts)
        reached = 0
        for bound, count in zip((*self.bounds_s, self.max_s), self.counts, strict=True):
            reached += count
            if count and reached >= wanted:
                return min(bound, self.max_s)
        return 0.0


@dataclass(slots=True)
class RequestMetrics:
    """One method of Telegram, or one at another data centre, `upload.getFile (DC 2)`.

    `count` answers, repeats because of faults and of told waits, seconds spent waiting since Telegram said so, and
    the bytes of answers that are taken as bytes: pages and parts of files.
    """

    count: int = 0
    latency: LatencyHistogram = field(default_factory=LatencyHistogram)
    flood_wait_s: float = 0
    retries: int = 0
    bytes: int = 0


@dataclass(slots=True)
class GaugeMetrics:
    """A value that moved during the run; the average is by time."""

    lowest: float = 0
    highest: float = 0
    average: float = 0
    last: float = 0


@dataclass(slots=True)
class ChatMetrics:
    """One chat: what was stored of it in this run, and how long its pages took to come."""

    title: str
    messages: int = 0
    new: int = 0
    edited: int = 0
    deleted: int = 0
    pages: int = 0
    fetch_duration_s: float = 0
    messages_per_s: float = 0
    files: int = 0
    files_mb: float = 0


@dataclass(slots=True)
class OutcomeMetrics:
    """How the run ended."""

    exit_code: int = 0
    error: str = ""
    messages: int = 0
    notes_written: int = 0
    takeout: str = "unused"


@dataclass(slots=True)
class RunMetrics:
    """Everything that a run measured; keys that are not known to this version are ignored when it is read."""

    schema_version: int
    start_time: str
    duration_s: float = 0
    stages: dict[str, StageMetrics] = field(default_factory=dict)
    resources: ResourceMetrics = field(default_factory=ResourceMetrics)
    caches: dict[str, CacheMetrics] = field(default_factory=dict)
    media: MediaMetrics = field(default_factory=MediaMetrics)
    pool: PoolMetrics = field(default_factory=PoolMetrics)
    requests: dict[str, RequestMetrics] = field(default_factory=dict)
    gauges: dict[str, GaugeMetrics] = field(default_factory=dict)
    chats: dict[str, ChatMetrics] = field(default_factory=dict)
    report: OutcomeMetrics = field(default_factory=OutcomeMetrics)
    calls: dict[str, int] = field(default_factory=dict)
