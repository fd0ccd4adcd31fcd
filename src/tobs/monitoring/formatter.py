"""Metrics as plain text: tables of words and numbers, a plot, and the ratios of two runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tobs.core.metrics import Moment, RunMetrics
from tobs.core.words import say_count
from tobs.monitoring.verdict import judge_metrics

Row = tuple[object, ...]

_BLOCKS = " ▁▂▃▄▅▆▇█"
_ASCII_BLOCKS = " .:-=+*#@"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a header; none is drawn without rows."""

    header: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)


def list_tables(metrics: RunMetrics) -> Iterator[Table]:
    """Yield everything that a run measured, table by table."""
    yield make_stages(metrics)
    yield make_requests(metrics)
    yield make_resources(metrics)
    yield Table(
        ("Cache", "Hits", "Misses", "Hit rate", "Entries", "MB"),
        [
            (
                name,
                f"{each.hits:,}",
                f"{each.misses:,}",
                _percent(each.hit_rate_pct),
                f"{each.entries:,}",
                f"{each.size_mb:.2f}",
            )
            for name, each in metrics.caches.items()
        ],
    )
    yield Table(
        ("Steering", "Lowest", "Highest", "Average", "Last"),
        [
            (name, f"{each.lowest:g}", f"{each.highest:g}", f"{each.average:.1f}", f"{each.last:g}")
            for name, each in metrics.gauges.items()
        ],
    )
    yield Table(
        ("Chat", "Messages", "New", "Pages", "Fetched in s", "Messages/s", "Files", "MB", "Title"),
        [
            (
                number,
                *(f"{count:,}" for count in (each.messages, each.new, each.pages)),
                f"{each.fetch_duration_s:.1f}",
                f"{each.messages_per_s:,.0f}",
                f"{each.files:,}",
                f"{each.files_mb:,.1f}",
                each.title,
            )
            for number, each in metrics.chats.items()
        ],
    )


def make_stages(metrics: RunMetrics) -> Table:
    """Return the table of the stages."""
    return Table(
        ("Stage", "Duration s", "Count", "Avg ms", "Max ms", "Waited s", "Busy s", "Per s", "Errors"),
        [
            (
                name,
                f"{each.total_duration_s:,.2f}",
                f"{each.count:,}",
                f"{1000 * each.avg_duration_s:,.1f}",
                f"{1000 * each.max_duration_s:,.1f}",
                f"{each.queue_duration_s:,.2f}",
                f"{each.busy_duration_s:,.2f}",
                f"{each.throughput_per_s:,.1f}",
                f"{each.errors:,}",
            )
            for name, each in metrics.stages.items()
        ],
    )


def make_requests(metrics: RunMetrics) -> Table:
    """Return the table of the methods that Telegram was asked."""
    return Table(
        ("Request", "Count", "Median ≤ ms", "95 % ≤ ms", "Max ms", "Told to wait s", "Repeats", "MB"),
        [
            (
                name,
                f"{each.count:,}",
                f"{1000 * each.latency.find_quantile(0.5):,.0f}",
                f"{1000 * each.latency.find_quantile(0.95):,.0f}",
                f"{1000 * each.latency.max_s:,.0f}",
                f"{each.flood_wait_s:,.1f}",
                f"{each.retries:,}",
                f"{each.bytes / (1 << 20):,.1f}",
            )
            for name, each in metrics.requests.items()
        ],
    )


def make_resources(metrics: RunMetrics) -> Table:
    """Return the table of what the computer gave."""
    found = metrics.resources
    rows: list[Row] = [
        ("Processor", _percent(found.avg_cpu_percent), _percent(found.peak_cpu_percent)),
        ("Memory", f"{found.avg_memory_mb:.1f} MB", f"{found.peak_memory_mb:.1f} MB"),
    ]
    return Table(("Resource", "Average", "Peak"), rows if found.memory_samples else [])


def list_totals(metrics: RunMetrics) -> Iterator[str]:
    """Yield sentences about the whole run."""
    found, pool, media = metrics.resources, metrics.pool, metrics.media
    yield (
        f"{metrics.start_time}: {metrics.duration_s:,.1f} s, {say_count(metrics.report.messages, 'message')},"
        f" exit code {metrics.report.exit_code}."
    )
    yield (
        f"Network: {found.network_sent_mb:,.2f} MB sent, {found.network_received_mb:,.2f} MB received."
        f" Disk: {found.disk_read_mb:,.2f} MB read, {found.disk_write_mb:,.2f} MB written."
    )
    yield (
        f"Worker threads: {say_count(pool.completed, 'piece')} of work, {pool.failed:,} failed,"
        f" {1000 * pool.avg_latency_s:,.1f} ms on average."
    )
    if media.total_media_processed:
        yield (
            f"Processed: {say_count(media.total_media_processed, 'file')}, {media.avg_concurrency:.1f} at once"
            f" (at most {media.concurrent_peak}), {media.memory_throttles:,} waited for memory."
        )
    yield say_held_back(metrics)


def make_short(metrics: RunMetrics) -> Table:
    """Return the few columns that are shown at the end of a run."""
    return Table(
        ("Stage", "Duration s", "Count", "Avg ms", "Waited s"),
        [row[:4] + row[5:6] for row in make_stages(metrics).rows],
    )


def say_load(metrics: RunMetrics) -> str:
    """Return what the run took of the computer and of the caches, in one line."""
    found = metrics.resources
    rates = [
        f"; {name} {each.hit_rate_pct:.1f} % hits"
        for name, each in metrics.caches.items()
        if each.hits + each.misses
    ]
    return (
        f"Processor {found.avg_cpu_percent:.0f} % (at most {found.peak_cpu_percent:.0f} %), memory"
        f" {found.avg_memory_mb:.0f} MB (at most {found.peak_memory_mb:.0f} MB), {found.network_received_mb:,.1f} MB"
        f" received{''.join(rates)}."
    )


def say_held_back(metrics: RunMetrics) -> str:
    """Return which stage held the run back, and what could be done."""
    verdict = judge_metrics(metrics)
    return f"{verdict.sentence} {verdict.advice}".rstrip()


def list_summary(metrics: RunMetrics) -> Iterator[str]:
    """Yield what the log says of a run at its end."""
    for name, stage in metrics.stages.items():
        yield (
            f"{name}: {stage.total_duration_s:.1f} s of work for {stage.count:,}, {1000 * stage.avg_duration_s:.1f} ms each,"
            f" {stage.queue_duration_s:.1f} s waited"
        )
    yield say_load(metrics)
    yield say_held_back(metrics)


def draw_plots(metrics: RunMetrics, width: int, *, is_ascii: bool = False) -> Iterator[str]:
    """Yield the lines of the plots over time: messages, bytes received, and memory; none of what stayed 0."""
    curves: list[tuple[str, Callable[[Moment], float]]] = [
        ("messages/s", lambda each: each.messages_per_s),
        ("MB/s received", lambda each: each.received_mb_per_s),
        ("memory in MB", lambda each: each.memory_mb),
        ("processor in %", lambda each: each.cpu_percent),
    ]
    moments = [each for each in metrics.resources.timeline if each.span_s]
    for name, read in curves:
        values = [read(each) for each in moments]
        if len(values) > 1 and max(values) > 0:
            yield f"{name}, at most {max(values):,.1f}"
            yield from _draw_curve(values, width, _ASCII_BLOCKS if is_ascii else _BLOCKS)
            yield f"0 s{f'{moments[-1].at_s:,.0f} s':>{max(4, _columns(values, width) - 3)}}"
            yield ""


def _columns(values: Sequence[float], width: int) -> int:
    return min(width, max(len(values), 20))


def _draw_curve(values: Sequence[float], width: int, blocks: str, height: int = 5) -> Iterator[str]:
    """Yield rows from the top down; each column shows the highest of the values in it."""
    columns, steps = _columns(values, width), len(blocks) - 1
    bounds = [round(at * len(values) / columns) for at in range(columns + 1)]
    highest = [max(values[low : max(high, low + 1)] or values[-1:]) for low, high in pairwise(bounds)]
    top = max(highest)
    levels = [round(each / top * height * steps) for each in highest]
    for row in reversed(range(height)):
        yield "".join(blocks[min(steps, max(0, level - row * steps))] for level in levels).rstrip()


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of two runs; the ratio is the second by the first, None where there is none."""

    figure: str
    before: float | None
    after: float | None
    ratio: float | None

    def say_before(self) -> str:
        """Return the first in words."""
        return _say(self.before)

    def say_after(self) -> str:
        """Return the second in words."""
        return _say(self.after)

    def say_ratio(self) -> str:
        """Return the ratio in words."""
        return "" if self.ratio is None else f"{self.ratio:.2f}"


def compare_metrics(before: RunMetrics, after: RunMetrics) -> list[Compared]:
    """Return the figures of two runs side by side."""
    first, second = list_figures(before), list_figures(after)
    found = []
    for name in dict.fromkeys((*first, *second)):
        one, other = first.get(name), second.get(name)
        ratio = round(other / one, 4) if one and other is not None else None
        found.append(Compared(name, one, other, ratio))
    return found


def list_figures(metrics: RunMetrics) -> dict[str, float]:
    """Return the numbers by which runs are compared."""
    found = metrics.resources
    messages = metrics.report.messages
    figures: dict[str, float] = {
        "duration_s": metrics.duration_s,
        "messages": messages,
        "messages_per_s": round(messages / metrics.duration_s, 1) if metrics.duration_s else 0,
        "avg_cpu_percent": found.avg_cpu_percent,
        "avg_memory_mb": found.avg_memory_mb,
        "peak_memory_mb": found.peak_memory_mb,
        "network_received_mb": found.network_received_mb,
        "disk_write_mb": found.disk_write_mb,
        "requests": sum(each.count for each in metrics.requests.values()),
        "flood_wait_s": round(sum(each.flood_wait_s for each in metrics.requests.values()), 3),
        "retries": sum(each.retries for each in metrics.requests.values()),
    }
    for name, stage in metrics.stages.items():
        figures[f"{name} work s"] = stage.total_duration_s
        figures[f"{name} waited s"] = stage.queue_duration_s
        figures[f"{name} per s"] = stage.throughput_per_s
    for name, cache in metrics.caches.items():
        figures[f"{name} hit rate %"] = cache.hit_rate_pct
    return figures


def _percent(value: float) -> str:
    return f"{value:.1f} %"


def _say(value: float | None) -> str:
    return "" if value is None else f"{value:,.3f}".rstrip("0").rstrip(".")
