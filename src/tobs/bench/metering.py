"""`tobs bench metrics`: what it costs an export to measure itself."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tobs._util.clock import SystemClock
from tobs._util.pool import Pool, PoolCounters
from tobs.bench.measuring import Measured, describe_machine, make_environment, measure
from tobs.bench.runner import check_stored, export_command, log_in
from tobs.core.events import Said
from tobs.core.metrics import METRICS_FILE, RunMetrics
from tobs.core.ports.services import Emit
from tobs.monitoring.collector import MetricsCollector
from tobs.monitoring.files import read_metrics
from tobs.monitoring.resources import ResourceMonitor
from tobs.settings import Settings
from tobs.simulator.process import SimulatorProcess

_CALLS = 20_000
_LOAD = "import time; begun = time.thread_time(); import psutil; print(time.thread_time() - begun)"
_SAMPLES = 100
_TRIES = 5


@dataclass(slots=True)
class CallCost:
    """One kind of call: how often the export made it, and the processor time of each and of all."""

    call: str
    calls: int
    cost_us: float
    total_ms: float


@dataclass(slots=True)
class MetricsRound:
    """An export that measures itself and one that does not, one behind the other."""

    measured: Measured
    unmeasured: Measured

    @property
    def ratio(self) -> float:
        """The processor time of the measured export, with that of the other as 1."""
        return self.measured.cpu_seconds / self.unmeasured.cpu_seconds


@dataclass(slots=True)
class MetricsResult:
    """What `tobs bench metrics` found.

    `share_of_cpu_pct` is calls × cost per call as a share of the export's processor time, the highest of all rounds:
    the pairs beside it differ by more than that from one round to the next.
    """

    scenario: str
    messages: int
    share_of_cpu_pct: float
    median_pair_ratio: float
    lowest_pair_ratio: float
    highest_pair_ratio: float
    machine: dict[str, Any]
    calls: list[CallCost] = field(default_factory=list)
    rounds: list[MetricsRound] = field(default_factory=list)


async def run_metrics_bench(messages: int, rounds: int, seed: int, emit: Emit) -> MetricsResult:
    """Export a chat with and without metrics, `rounds` times in turn, and count what the calls cost."""
    done: list[MetricsRound] = []
    runs: list[RunMetrics] = []
    async with Pool(1) as pool:
        costs = await pool.run(find_costs)
        with (
            tempfile.TemporaryDirectory(prefix="tobs-bench-") as folder,
            SimulatorProcess("bench", seed=seed, messages=messages) as server,
        ):
            settings = await log_in(Path(folder), server)
            for number in range(1, rounds + 1):
                emit(Said("info", f"Round {number} of {rounds}"))
                output = Path(folder) / f"out-{number}"
                done.append(await pool.run(_measure_round, settings, messages, output))
                runs.append(read_metrics(output / METRICS_FILE))
    return _sum_up(messages, costs, done, runs)


def _measure_round(settings: Settings, messages: int, output: Path) -> MetricsRound:
    measured = _export(settings, messages, output, "true")
    return MetricsRound(
        measured, _export(settings, messages, output.with_name(f"{output.name}-off"), "false")
    )


def _export(settings: Settings, messages: int, output: Path, is_measured: str) -> Measured:
    found = measure(
        export_command(output), make_environment(settings), messages, TOBS_METRICS_ENABLED=is_measured
    )
    check_stored(output, messages)
    return found


def find_costs() -> dict[str, float]:
    """Return the processor seconds of one call of each kind, the lowest of a few tries; `start` loads what looks at the computer."""
    collector = MetricsCollector(SystemClock())
    kinds: dict[str, Callable[[], None]] = {
        "stage": lambda: collector.record_stage("pipeline_write", 0.001, queue_s=0.001),
        "messages": lambda: collector.record_messages(100),
        "request": lambda: collector.record_request("messages.getHistory", 0.08, 20_000),
        "retry": lambda: collector.record_retry("messages.getHistory"),
        "wait": lambda: collector.record_wait("messages.getHistory", 1),
        "traffic": lambda: collector.record_traffic(100, 20_000),
        "gauge": lambda: collector.record_gauge("requests_in_flight", 8),
        "media": lambda: collector.record_media(1),
        "cache": lambda: collector.record_cache("input_peer_cache", 1, 1, 0, 100),
        "pool": lambda: collector.record_pool(PoolCounters()),
    }
    loaded = subprocess.run([sys.executable, "-c", _LOAD], check=True, capture_output=True).stdout  # noqa: S603  # ours
    costs = {name: _time_calls(call, _CALLS) for name, call in kinds.items()}
    monitor = ResourceMonitor(collector)
    return costs | {"resources": _time_calls(monitor.sample, _SAMPLES), "start": float(loaded)}


def _time_calls(call: Callable[[], None], count: int) -> float:
    lowest = float("inf")
    for _ in range(_TRIES):
        begun = time.thread_time()
        for _ in range(count):
            call()
        lowest = min(lowest, time.thread_time() - begun)
    return lowest / count


def _sum_up(
    messages: int, costs: dict[str, float], rounds: list[MetricsRound], runs: list[RunMetrics]
) -> MetricsResult:
    counts = [{**run.calls, "start": 1} for run in runs]
    ratios = [each.ratio for each in rounds]
    shares = [
        sum(number * costs[name] for name, number in calls.items()) / each.measured.cpu_seconds
        for calls, each in zip(counts, rounds, strict=True)
    ]
    return MetricsResult(
        scenario="metrics",
        messages=messages,
        share_of_cpu_pct=round(100 * max(shares), 3),
        median_pair_ratio=round(statistics.median(ratios), 3),
        lowest_pair_ratio=round(min(ratios), 3),
        highest_pair_ratio=round(max(ratios), 3),
        machine=describe_machine(),
        calls=[
            CallCost(name, number, round(1e6 * costs[name], 3), round(1000 * number * costs[name], 3))
            for name, number in counts[-1].items()
        ],
        rounds=rounds,
    )
