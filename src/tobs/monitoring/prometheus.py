"""Metrics as the text that Prometheus' node exporter reads from a folder (textfile collector)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from tobs._util.atomic import save
from tobs.core.metrics import RunMetrics
from tobs.errors import UsageError

if TYPE_CHECKING:
    from prometheus_client.core import Metric


def check_prometheus(path: Path) -> None:
    """Raise UsageError unless the text can be written to this file: better before a run than behind it."""
    if find_spec("prometheus_client") is None:
        raise UsageError(
            "--prometheus needs the package prometheus-client, which is not installed.",
            hint="Install it with `pip install 'tobs[prometheus]'`.",
        )
    if path.suffix != ".prom":
        raise UsageError(
            f"--prometheus names a file that ends in .prom, not {path.name}.",
            hint="The node exporter reads no others.",
        )
    if not path.parent.is_dir():
        raise UsageError(
            f"The folder {path.parent} of the Prometheus file does not exist.",
            hint="Make it, or name the folder that the node exporter reads.",
        )


def save_prometheus(path: Path, metrics: RunMetrics) -> None:
    """Write the metrics of a run as text, whole or not at all. Raises DiskFull or ForeignFolder."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.registry import Collector

    class Run(Collector):
        def collect(self) -> Iterator[Metric]:
            yield from _list_families(metrics)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Run())
    # Read by another user, the node exporter's; nothing in it names a chat.
    save(path, generate_latest(registry), mode=0o644)


def _list_families(metrics: RunMetrics) -> Iterator[Metric]:
    yield from _list_run(metrics)
    yield from _list_stages(metrics)
    yield from _list_requests(metrics)
    yield from _list_caches(metrics)


def _list_run(metrics: RunMetrics) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    found, mib = metrics.resources, 1 << 20
    start = datetime.fromisoformat(metrics.start_time).timestamp()
    for name, text, value in (
        ("start_timestamp_seconds", "When the last run began.", start),
        ("duration_seconds", "How long the last run took.", metrics.duration_s),
        ("exit_code", "How the last run ended; 0 is well.", metrics.report.exit_code),
        ("messages", "Messages that the last run stored or read again.", metrics.report.messages),
        ("cpu_average_ratio", "Cores in use on average.", found.avg_cpu_percent / 100),
        ("memory_peak_bytes", "The most memory held.", found.peak_memory_mb * mib),
        ("network_sent_bytes", "Sent to Telegram.", found.network_sent_mb * mib),
        ("network_received_bytes", "Received from Telegram.", found.network_received_mb * mib),
    ):
        yield GaugeMetricFamily(f"tobs_run_{name}", text, value=value)


def _list_stages(metrics: RunMetrics) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    for name, text in (
        ("count", "Pieces of a stage."),
        ("errors", "Pieces of a stage that failed."),
        ("total_duration_s", "Seconds of work on the pieces of a stage."),
        ("queue_duration_s", "Seconds that pieces waited before a stage."),
        ("busy_duration_s", "Seconds in which a stage had a piece."),
    ):
        family = GaugeMetricFamily(
            f"tobs_stage_{name.replace('_s', '_seconds') if name.endswith('_s') else name}",
            text,
            labels=["stage"],
        )
        for stage, each in metrics.stages.items():
            family.add_metric([stage], getattr(each, name))
        yield family


def _list_requests(metrics: RunMetrics) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily

    latency = HistogramMetricFamily(
        "tobs_request_latency_seconds", "How long Telegram's answers took.", labels=["method"]
    )
    waits = GaugeMetricFamily(
        "tobs_request_flood_wait_seconds", "Seconds that Telegram had a method wait.", labels=["method"]
    )
    repeats = GaugeMetricFamily("tobs_request_retries", "Requests sent again.", labels=["method"])
    for method, each in metrics.requests.items():
        bounds = [*map(str, each.latency.bounds_s), "+Inf"]
        sums = accumulate(each.latency.counts)
        latency.add_metric([method], [*zip(bounds, sums, strict=True)], sum_value=each.latency.sum_s)
        waits.add_metric([method], each.flood_wait_s)
        repeats.add_metric([method], each.retries)
    yield from (latency, waits, repeats)


def _list_caches(metrics: RunMetrics) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    for name, text in (("hits", "Lookups that were answered."), ("misses", "Lookups that were not.")):
        family = GaugeMetricFamily(f"tobs_cache_{name}", text, labels=["cache"])
        for cache, each in metrics.caches.items():
            family.add_metric([cache], getattr(each, name))
        yield family
