"""`tobs bench memory`: records with slots and without, and how much an export takes of a chat and of a larger one."""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tobs.bench.measuring import describe_machine, run_measured
from tobs.bench.prepared import prepared
from tobs.bench.records import RecordCost
from tobs.core.ports.services import Emit


@dataclass(slots=True)
class ExportMemory:
    """The most memory that an export of so many messages held (MiB): its process, its largest worker, and all together."""

    messages: int
    seconds: float
    main_mb: float
    worker_mb: float
    tree_mb: float


@dataclass(slots=True)
class MemoryResult:
    """What `tobs bench memory` found; `growth` is the larger export's peak, with that of the smaller as 1."""

    scenario: str
    median_saved_pct: float
    lowest_saved_pct: float
    median_creation_ratio: float
    median_access_ratio: float
    growth: float
    machine: dict[str, Any]
    exports: list[ExportMemory] = field(default_factory=list)
    records: list[RecordCost] = field(default_factory=list)


async def run_memory_bench(messages: int, more: int, seed: int, emit: Emit) -> MemoryResult:
    """Export a chat of `messages` messages and one of `more`, and look at the records of the smaller."""
    exports: list[ExportMemory] = []
    records: list[RecordCost] = []
    for each in (messages, more):
        async with prepared(each, seed, emit) as ready:
            taken = ready.first
            exports.append(
                ExportMemory(each, taken.seconds, taken.peak_rss_mb, taken.worker_rss_mb, taken.tree_rss_mb)
            )
            if not records:
                command = [sys.executable, "-m", "tobs.bench.records", ready.archive]
                _, printed = await ready.pool.run(run_measured, command, ready.environment, 1)
                records = msgspec.json.decode(printed, type=list[RecordCost])
    return MemoryResult(
        scenario="memory",
        median_saved_pct=round(statistics.median(each.saved_pct for each in records), 1),
        lowest_saved_pct=min(each.saved_pct for each in records),
        median_creation_ratio=round(statistics.median(each.creation_ratio for each in records), 2),
        median_access_ratio=round(statistics.median(each.access_ratio for each in records), 2),
        growth=round(exports[1].main_mb / exports[0].main_mb, 3),
        machine=describe_machine(),
        exports=exports,
        records=records,
    )
