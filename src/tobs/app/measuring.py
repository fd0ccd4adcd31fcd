"""The metrics of a run, wired: counted while it goes on, written at its end, or switched off whole."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from tobs._util.pool import PoolCounters
from tobs.core.events import Said
from tobs.core.metrics import METRICS_FILE, ChatMetrics, OutcomeMetrics, RunMetrics
from tobs.core.ports.meter import NO_METER, Meter
from tobs.core.ports.services import Clock, Emit
from tobs.core.report import ChatReport, RunReport
from tobs.errors import TobsError, UsageError
from tobs.monitoring.collector import MetricsCollector, save_metrics
from tobs.monitoring.files import is_ours
from tobs.monitoring.formatter import list_summary
from tobs.monitoring.prometheus import check_prometheus, save_prometheus
from tobs.monitoring.resources import ResourceMonitor
from tobs.settings import Settings

log = logging.getLogger("tobs.metrics")


class Measuring:
    """What a run is measured with; `meter` is for everybody who has something to count."""

    def __init__(self, settings: Settings, clock: Clock, start_time: str) -> None:
        """Raise UsageError when the text for Prometheus cannot be written where it is wanted."""
        self._prometheus_file = settings.prometheus_file
        if self._prometheus_file:
            check_prometheus(self._prometheus_file)
            if not settings.metrics_enabled:
                raise UsageError(
                    "--prometheus writes metrics, and METRICS_ENABLED switches them off.",
                    hint="Leave out one of the two.",
                )
        self._collector = MetricsCollector(clock, start_time) if settings.metrics_enabled else None
        self._monitor = (
            ResourceMonitor(self._collector, settings.metrics_interval) if self._collector else None
        )

    @property
    def meter(self) -> Meter:
        """The collector, or what counts nothing."""
        return self._collector or NO_METER

    def start(self) -> None:
        """Begin to look at the computer's resources."""
        if self._monitor:
            self._monitor.start()

    def finish(self, report: RunReport, pool: PoolCounters) -> None:
        """Put what was measured into the report."""
        if not (self._collector and self._monitor):
            return
        self._monitor.stop()
        self._collector.record_pool(pool)
        _note_caches(self._collector, report)
        metrics = self._collector.sum_up()
        metrics.duration_s = report.duration_s
        metrics.chats = {str(each.id): _describe_chat(each) for each in report.chats if each.id}
        metrics.report = OutcomeMetrics(
            exit_code=report.exit_code,
            error=report.error,
            messages=sum(each.messages for each in metrics.chats.values()),
            notes_written=len(report.render.written),
            takeout=report.takeout,
        )
        report.metrics = metrics
        for line in list_summary(metrics):
            log.info("%s", line)

    def save(self, output: Path, metrics: RunMetrics | None, emit: Emit) -> None:
        """Write the files that others read. Of metrics no run fails: what cannot be written is said."""
        if metrics is None:
            return
        path = output / METRICS_FILE
        if is_ours(path):
            _try_to_save(lambda: save_metrics(path, metrics), emit)
        else:
            emit(
                Said(
                    "warning",
                    f"{path} is not from tobs and was left alone; the metrics stand in the file of the run.",
                )
            )
        if target := self._prometheus_file:
            _try_to_save(lambda: save_prometheus(target, metrics), emit)


def _try_to_save(save: Callable[[], None], emit: Emit) -> None:
    try:
        save()
    except TobsError as error:
        emit(Said("warning", f"The metrics were not written: {error}"))


def _note_caches(meter: Meter, report: RunReport) -> None:
    """Count what the caches of the run did, as its report has it."""
    for name, use in report.caches.items():
        meter.record_cache(
            name,
            use.hits,
            use.misses,
            use.evictions,
            round(use.size_mb * (1 << 20)),
            expirations=use.expirations,
            entries=use.entries,
        )


def _describe_chat(chat: ChatReport) -> ChatMetrics:
    messages = chat.new + chat.edited + chat.same
    return ChatMetrics(
        title=chat.title,
        messages=messages,
        new=chat.new,
        edited=chat.edited,
        deleted=chat.deleted,
        pages=chat.pages,
        fetch_duration_s=round(chat.fetch_seconds, 3),
        messages_per_s=round(messages / chat.fetch_seconds, 1) if chat.fetch_seconds else 0,
        files=chat.media.done,
        files_mb=round(chat.media.done_bytes / (1 << 20), 3),
    )
