"""Runs that never were, for whatever reads metrics."""

from __future__ import annotations

from tobs.core.metrics import (
    CacheMetrics,
    ChatMetrics,
    GaugeMetrics,
    LatencyHistogram,
    Moment,
    OutcomeMetrics,
    RequestMetrics,
    ResourceMetrics,
    RunMetrics,
    StageMetrics,
)


def make_stage(
    count: int, work_s: float, *, waited_s: float = 0, busy_s: float | None = None
) -> StageMetrics:
    """Return a stage of pieces that each took as long."""
    return StageMetrics(
        count=count,
        total_duration_s=work_s,
        avg_duration_s=work_s / count,
        min_duration_s=work_s / count,
        max_duration_s=work_s / count,
        throughput_per_s=count / (work_s if busy_s is None else busy_s),
        queue_duration_s=waited_s,
        busy_duration_s=work_s if busy_s is None else busy_s,
    )


def make_run(duration_s: float = 100, **stages: StageMetrics) -> RunMetrics:
    """Return a run of ten thousand messages with these stages."""
    counts = [0, 0, 0, 90, 10, 0, 0, 0, 0, 0, 0, 0, 0]
    return RunMetrics(
        schema_version=1,
        start_time="2026-03-14T09:00:00.000000Z",
        duration_s=duration_s,
        stages={**stages},
        resources=ResourceMetrics(
            avg_cpu_percent=40,
            peak_cpu_percent=90,
            avg_memory_mb=80,
            peak_memory_mb=120,
            network_sent_mb=1,
            network_received_mb=20,
            cpu_samples=3,
            memory_samples=4,
            timeline=[
                Moment(0, 0, 0, 0, 0, 60),
                Moment(25, 25, 50, 0.2, 40, 80, {"requests_limit": 4}),
                Moment(50, 25, 100, 0.4, 90, 120, {"requests_limit": 8}),
                Moment(100, 50, 125, 0.1, 15, 100, {"requests_limit": 8}),
            ],
        ),
        caches={"input_peer_cache": CacheMetrics(9, 1, 90, 0, 0, 12, 0.1)},
        requests={
            "messages.getHistory": RequestMetrics(
                100, LatencyHistogram(counts=counts, sum_s=8, max_s=0.2), 0, 2, 2 << 20
            )
        },
        gauges={"requests_limit": GaugeMetrics(2, 8, 6, 8)},
        chats={"-1001": ChatMetrics("Team chat", 10_000, 10_000, pages=100, fetch_duration_s=50)},
        report=OutcomeMetrics(messages=10_000),
    )
