"""`tobs bench all`: every scenario, and what of SPEC's targets it reached."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tobs.bench.caches import run_cache_bench
from tobs.bench.copies import run_copy_bench
from tobs.bench.decoding import run_decode_bench
from tobs.bench.drawings import run_render_bench
from tobs.bench.measuring import describe_machine
from tobs.bench.media import MediaPlan, run_media_bench
from tobs.bench.memory import run_memory_bench
from tobs.bench.metering import run_metrics_bench
from tobs.bench.processes import run_process_bench
from tobs.bench.resume import run_resume_bench
from tobs.bench.runner import CALM, Weather, run_export_bench
from tobs.bench.searches import run_search_bench
from tobs.bench.startup import run_startup_bench
from tobs.bench.targets import Target, judge
from tobs.core.events import Said
from tobs.core.ports.services import Emit
from tobs.errors import UsageError

SUITE_VERSION = 1
"""Grows when a file of results can no longer be compared with one of the version before."""

_SEED = 1


@dataclass(slots=True)
class Suite:
    """Everything that was measured, by scenario; of tiny sizes (`is_quick`) no target says anything."""

    version: int
    is_quick: bool
    machine: dict[str, Any]
    targets: list[Target] = field(default_factory=list)
    scenarios: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Sizes:
    messages: int
    rounds: int
    fewer: int
    """Messages where a scenario exports several times, or at a limit."""
    more: int
    limit: int
    late_rounds: int
    media: MediaPlan
    copy_mb: int
    images: int
    videos: int
    starts: int


_FULL = _Sizes(
    messages=100_000, rounds=3, fewer=20_000, more=1_000_000, limit=1000, late_rounds=2,
    media=MediaPlan(), copy_mb=256, images=24, videos=8, starts=10,
)  # fmt: skip
_QUICK = _Sizes(
    messages=400, rounds=1, fewer=200, more=800, limit=1000, late_rounds=1,
    media=MediaPlan(2, 64_000, 5), copy_mb=4, images=2, videos=1, starts=1,
)  # fmt: skip


async def run_suite(emit: Emit, *, is_quick: bool) -> Suite:
    """Run every scenario, one behind the other. Raises TobsError when one fails."""
    suite = Suite(SUITE_VERSION, is_quick, describe_machine())
    for name, run in _list_scenarios(_QUICK if is_quick else _FULL, emit).items():
        emit(Said("info", f"Scenario {name}"))
        suite.scenarios[name] = asdict(await run())
    if not is_quick:
        suite.targets = judge(suite.scenarios)
    return suite


def _list_scenarios(sizes: _Sizes, emit: Emit) -> dict[str, Callable[[], Awaitable[Any]]]:
    late, limited = Weather(latency_ms=80), Weather(messages_per_second=sizes.limit)
    common = (sizes.rounds, _SEED, emit)
    return {
        "startup": lambda: run_startup_bench(sizes.starts, emit),
        "export": lambda: run_export_bench(sizes.messages, *common, CALM),
        "export_late": lambda: run_export_bench(sizes.messages, sizes.late_rounds, _SEED, emit, late),
        "export_limited": lambda: run_export_bench(sizes.fewer, 1, _SEED, emit, limited),
        "resume": lambda: run_resume_bench(sizes.fewer, *common),
        "render": lambda: run_render_bench(sizes.messages, *common),
        "decode": lambda: run_decode_bench(sizes.messages, *common),
        "search": lambda: run_search_bench(sizes.messages, *common),
        "cache": lambda: run_cache_bench(sizes.fewer, *common),
        "metrics": lambda: run_metrics_bench(sizes.fewer, *common),
        "memory": lambda: run_memory_bench(sizes.messages, sizes.more, _SEED, emit),
        "media": lambda: run_media_bench(sizes.media, emit),
        "copy": lambda: run_copy_bench(sizes.copy_mb, sizes.rounds, None, emit),
        "process": lambda: run_process_bench(sizes.images, sizes.videos, sizes.rounds, _SEED, emit),
    }


def save_suite(suite: Suite, path: Path) -> None:
    """Write the result as JSON. Raises UsageError where that cannot be."""
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(suite), indent=2) + b"\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
