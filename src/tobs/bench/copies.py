"""`tobs bench copy`: a second place for a large file, against a loop of aiofiles."""

from __future__ import annotations

import os
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tobs._util.pool import Pool
from tobs.bench.children import run_modules
from tobs.bench.copying import WAYS, Copied
from tobs.bench.measuring import describe_machine
from tobs.core.events import Said
from tobs.core.ports.services import Emit
from tobs.errors import TobsError

_BASELINE = "aiofiles 1 MiB"
_MIB = 1 << 20


@dataclass(slots=True)
class CopyArm:
    """One way of copying, the median of all rounds."""

    name: str
    seconds: float
    cpu_seconds: float
    mib_per_second: float


@dataclass(slots=True)
class CopyResult:
    """What `tobs bench copy` found.

    `median_ratio`: how much faster than aiofiles with 1 MiB blocks; `median_cpu_share`: the processor time of
    tobs as a share of that loop's. Both are ratios of neighbours in one round.
    """

    scenario: str
    size_mb: int
    rounds: int
    way: str
    median_ratio: float
    lowest_ratio: float
    highest_ratio: float
    median_cpu_share: float
    highest_cpu_share: float
    machine: dict[str, Any]
    arms: list[CopyArm] = field(default_factory=list)


async def run_copy_bench(size_mb: int, rounds: int, folder: Path | None, emit: Emit) -> CopyResult:
    """Copy a file of random bytes `rounds` times in every way, each in a fresh process, none of them synced.

    The file lies in the system's memory when the first copy begins. Raises TobsError when a copy differs.
    """
    taken: list[dict[str, Copied]] = []
    async with Pool(1) as pool:
        with tempfile.TemporaryDirectory(prefix="tobs-bench-", dir=folder) as place:
            source = Path(place) / "source.bin"
            await pool.run(_write_random, source, size_mb)
            for number in range(1, rounds + 1):
                emit(Said("info", f"Round {number} of {rounds}"))
                taken.append({name: await pool.run(_copy, name, source) for name in WAYS})
    return _sum_up(size_mb, taken)


def _write_random(path: Path, size_mb: int) -> None:
    with path.open("wb") as file:
        for _ in range(size_mb):
            file.write(os.urandom(_MIB))
        file.flush()
        os.fsync(file.fileno())  # its own writing must not be done at the expense of the first copy


def _copy(name: str, source: Path) -> Copied:
    target = source.with_name("target.bin")
    [printed] = run_modules([["tobs.bench.copying", name, str(source), str(target)]]).printed
    try:
        if not _is_same(source, target):
            raise TobsError(f"The copy by {name} differs from its source.")
    finally:
        target.unlink()
    return msgspec.json.decode(printed, type=Copied)


def _is_same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while block := first.read(_MIB):
            if block != second.read(_MIB):
                return False
    return True


def _sum_up(size_mb: int, taken: list[dict[str, Copied]]) -> CopyResult:
    ratios = [each[_BASELINE].seconds / each["tobs"].seconds for each in taken]
    shares = [each["tobs"].cpu_seconds / each[_BASELINE].cpu_seconds for each in taken]
    arms = []
    for name in WAYS:
        seconds = statistics.median(each[name].seconds for each in taken)
        cpu_seconds = statistics.median(each[name].cpu_seconds for each in taken)
        arms.append(CopyArm(name, round(seconds, 4), round(cpu_seconds, 4), round(size_mb / seconds, 1)))
    return CopyResult(
        scenario="copy",
        size_mb=size_mb,
        rounds=len(taken),
        way=taken[0]["tobs"].way,
        median_ratio=round(statistics.median(ratios), 3),
        lowest_ratio=round(min(ratios), 3),
        highest_ratio=round(max(ratios), 3),
        median_cpu_share=round(statistics.median(shares), 3),
        highest_cpu_share=round(max(shares), 3),
        machine=describe_machine(),
        arms=arms,
    )
