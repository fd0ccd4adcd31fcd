"""What a collector counts is what the clock says."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tobs._util.clock import ManualClock
from tobs._util.pool import PoolCounters
from tobs.core.metrics import (
    LATENCY_BOUNDS_S,
    CacheMetrics,
    GaugeMetrics,
    MediaMetrics,
    PoolMetrics,
    RunMetrics,
    StageMetrics,
)
from tobs.monitoring.collector import MetricsCollector
from tobs.monitoring.files import read_metrics
from tobs.monitoring.resources import ResourceMonitor
from tobs.monitoring.tallies import BusyTime


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def collector(clock: ManualClock) -> MetricsCollector:
    return MetricsCollector(clock, "2026-01-01T00:00:00.000000Z")


def test_a_stage_adds_up_to_the_truth_of_the_clock(collector: MetricsCollector, clock: ManualClock) -> None:
    clock.advance(2)
    collector.record_stage("pipeline_write", 2, queue_s=0.5)
    clock.advance(10)  # nothing to do
    clock.advance(4)
    collector.record_stage("pipeline_write", 4, error=True, queue_s=1.5)
    assert collector.sum_up().stages == {
        "pipeline_write": StageMetrics(
            count=2,
            total_duration_s=6,
            avg_duration_s=3,
            min_duration_s=2,
            max_duration_s=4,
            throughput_per_s=round(2 / 6, 3),
            errors=1,
            queue_duration_s=2,
            busy_duration_s=6,
        )
    }
    assert collector.sum_up().duration_s == 16


def test_pieces_at_the_same_time_make_more_work_than_time(
    collector: MetricsCollector, clock: ManualClock
) -> None:
    clock.advance(3)
    for _ in range(4):
        collector.record_stage("download", 3)
    stage = collector.sum_up().stages["download"]
    assert (stage.total_duration_s, stage.busy_duration_s) == (12, 3)
    assert stage.throughput_per_s == round(4 / 3, 3)


def test_several_pieces_told_at_once_count_each(collector: MetricsCollector, clock: ManualClock) -> None:
    clock.advance(10)
    collector.record_stage("render", 10, count=5)
    stage = collector.sum_up().stages["render"]
    assert (stage.count, stage.avg_duration_s, stage.min_duration_s, stage.max_duration_s) == (5, 2, 2, 2)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), max_size=40))
def test_busy_time_is_that_of_all_pieces_together(pieces: list[tuple[int, int]]) -> None:
    busy = BusyTime()
    ended = sorted((start + length, start) for start, length in pieces)
    for end, start in ended:
        busy.add(start, end)
    assert busy.seconds == len({second for end, start in ended for second in range(start, end)})


def test_latencies_fall_into_fixed_buckets(collector: MetricsCollector) -> None:
    for latency_s in (0.005, 0.01, 0.011, 0.3, 90):
        collector.record_request("messages.getHistory", latency_s, 1000)
    collector.record_retry("messages.getHistory")
    collector.record_wait("messages.getHistory", 48)
    request = collector.sum_up().requests["messages.getHistory"]
    counts = dict(zip((*LATENCY_BOUNDS_S, "more"), request.latency.counts, strict=True))
    assert {bound: count for bound, count in counts.items() if count} == {
        0.01: 2,
        0.025: 1,
        0.5: 1,
        "more": 1,
    }
    assert request.latency.sum_s == pytest.approx(90.326)
    assert request.latency.max_s == 90
    assert [request.latency.find_quantile(share) for share in (0.4, 0.5, 0.8, 0.95)] == [0.01, 0.025, 0.5, 90]
    assert (request.count, request.bytes, request.retries, request.flood_wait_s) == (5, 5000, 1, 48)


def test_a_method_that_was_never_asked_has_no_quantile() -> None:
    collector = MetricsCollector(ManualClock())
    collector.record_retry("messages.search")
    assert collector.sum_up().requests["messages.search"].latency.find_quantile(0.5) == 0


def test_a_gauge_is_weighed_by_time(collector: MetricsCollector, clock: ManualClock) -> None:
    collector.record_gauge("requests_limit", 2)
    clock.advance(30)
    collector.record_gauge("requests_limit", 10)
    clock.advance(10)
    assert collector.sum_up().gauges == {"requests_limit": GaugeMetrics(2, 10, 4, 10)}


def test_files_at_once_are_weighed_by_the_time_in_which_there_is_one(
    collector: MetricsCollector, clock: ManualClock
) -> None:
    clock.advance(100)
    collector.record_media(1)
    clock.advance(10)
    collector.record_media(3, throttled=2)
    clock.advance(10)
    collector.record_media(0, processed=3)
    clock.advance(100)
    assert collector.media == MediaMetrics(3, 3, 2, 2)


def test_of_caches_and_the_pool_the_last_word_counts(collector: MetricsCollector) -> None:
    collector.record_cache("name_cache", 1, 1, 0, 10)
    collector.record_cache("name_cache", 9, 1, 2, 1 << 20, expirations=3, entries=7)
    collector.record_pool(PoolCounters(active=1, queued=2, completed=3, failed=1, latency_s=2))
    found = collector.sum_up()
    assert found.caches == {"name_cache": CacheMetrics(9, 1, 90.0, 2, 3, 7, 1.0)}
    assert found.pool == PoolMetrics(1, 2, 3, 1, 0.5)


def test_a_cache_that_nobody_asked_has_no_rate(collector: MetricsCollector) -> None:
    collector.record_cache("name_cache", 0, 0, 0, 0)
    assert collector.sum_up().caches["name_cache"].hit_rate_pct == 0


def test_resources_and_rates_follow_the_clock(collector: MetricsCollector, clock: ManualClock) -> None:
    collector.record_resources(0, 50, (0, 0), (0, 0))
    clock.advance(5)
    collector.record_messages(1000)
    collector.record_traffic(1 << 20, 10 << 20)
    collector.record_gauge("requests_limit", 4)
    collector.record_resources(80, 100, (1, 2), collector.traffic_mb)
    clock.advance(15)
    collector.record_messages(600)
    collector.record_gauge("requests_limit", 8)
    collector.record_resources(20, 90, (3, 4), collector.traffic_mb)
    found = collector.sum_up().resources
    assert (found.avg_cpu_percent, found.peak_cpu_percent, found.cpu_samples) == (35, 80, 2)
    assert (found.avg_memory_mb, found.peak_memory_mb, found.memory_samples) == (80, 100, 3)
    assert (found.disk_read_mb, found.disk_write_mb) == (3, 4)
    assert (found.network_sent_mb, found.network_received_mb) == (1, 10)
    at, rates, received = zip(
        *((each.at_s, each.messages_per_s, each.received_mb_per_s) for each in found.timeline), strict=True
    )
    assert (at, rates, received) == ((0, 5, 20), (0, 200, 40), (0, 2, 0))
    assert [each.gauges for each in found.timeline] == [{}, {"requests_limit": 4}, {"requests_limit": 8}]


def test_a_timeline_of_weeks_keeps_to_its_length_and_loses_no_message(
    collector: MetricsCollector, clock: ManualClock
) -> None:
    for number in range(10_001):
        clock.advance(5)
        collector.record_messages(3)
        collector.record_resources(50, 1000 if number == 4321 else 100, (0, 0), (0, 0))
    found = collector.sum_up().resources.timeline
    assert 300 <= len(found) <= 600
    assert sum(each.span_s for each in found) == 5 * 10_001
    assert sum(each.messages_per_s * each.span_s for each in found) == pytest.approx(3 * 10_001, rel=1e-3)
    assert max(each.memory_mb for each in found) == 1000
    assert {each.cpu_percent for each in found} == {50}
    assert len({each.span_s for each in found[:-1]}) == 1


def test_what_is_exported_reads_back_equal(
    collector: MetricsCollector, clock: ManualClock, tmp_path: Path
) -> None:
    clock.advance(1)
    collector.record_stage("render", 0.25)
    collector.record_request("messages.getHistory", 0.08, 1)
    collector.record_resources(1, 2, (3, 4), (5, 6))
    collector.export_json(tmp_path / "metrics.json")
    assert read_metrics(tmp_path / "metrics.json") == collector.sum_up()


def test_every_call_is_counted(collector: MetricsCollector) -> None:
    for _ in range(3):
        collector.record_messages(100)
    collector.record_gauge("requests_limit", 1)
    assert collector.sum_up().calls == {"messages": 3, "gauge": 1}


async def test_the_computer_is_looked_at_until_the_monitor_is_stopped() -> None:
    collector, looked = MetricsCollector(ManualClock()), asyncio.Event()

    def tell() -> None:
        if collector.sum_up().resources.memory_samples == 3:
            looked.set()

    monitor = ResourceMonitor(collector, 0.001, tell)
    monitor.start()
    await looked.wait()
    monitor.stop()
    stopped = collector.sum_up().resources
    assert stopped.memory_samples == 4
    assert stopped.peak_memory_mb > 10
    monitor.stop()
    assert collector.sum_up().resources == stopped


async def test_the_load_is_the_processor_time_of_this_process(
    collector: MetricsCollector, clock: ManualClock
) -> None:
    monitor = ResourceMonitor(collector)
    monitor.start()
    assert sum(number * number for number in range(6_000_000)) > 0  # keeps a core busy for a while
    clock.advance(1)
    monitor.stop()
    assert collector.sum_up().resources.peak_cpu_percent > 5


def test_an_empty_run_is_a_whole_document(collector: MetricsCollector, tmp_path: Path) -> None:
    collector.export_json(tmp_path / "metrics.json")
    document = json.loads((tmp_path / "metrics.json").read_bytes())
    assert list(document) == list(RunMetrics.__dataclass_fields__)
