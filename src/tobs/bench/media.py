"""The scenario `media`: an export with its files, Telethon's downloads, and bare requests, in turn on one server."""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tobs._util.pool import Pool
from tobs.app import accounts
from tobs.archive.connect import archive_path
from tobs.archive.info import archive_info
from tobs.bench.measuring import Measured, describe_machine, make_environment, measure
from tobs.bench.runner import log_in
from tobs.core.events import Said
from tobs.core.ports.services import Emit
from tobs.errors import TobsError
from tobs.settings import Settings
from tobs.simulator.corpus.media_club import MEDIA_CLUB_USERNAME
from tobs.simulator.process import SimulatorProcess

CHAT = f"@{MEDIA_CLUB_USERNAME}"
MEGABYTE = 1_000_000


@dataclass(slots=True)
class MediaRound:
    """One export and what it is held against; `sequential` and `raw` are None where they were not asked for."""

    export: Measured
    raw: Measured
    sequential: Measured | None = None


@dataclass(slots=True)
class MediaResult:
    """What `tobs bench media` found: the export's speed with Telethon's and with the bare requests' as 1."""

    scenario: str
    files: int
    file_mb: float
    latency_ms: float
    times_sequential: float | None
    share_of_raw: float
    export_mb_per_second: float
    raw_mb_per_second: float
    sequential_mb_per_second: float | None
    export_peak_rss_mb: float
    machine: dict[str, Any]
    rounds: list[MediaRound] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MediaPlan:
    """How many files of which size, how late the server answers, and how often all is measured."""

    files: int = 50
    file_bytes: int = 8 << 20
    latency_ms: float = 50
    rounds: int = 1
    seed: int = 1
    is_sequential: bool = True


async def run_media_bench(plan: MediaPlan, emit: Emit) -> MediaResult:
    """Export a chat of files, with everything that a real export does, beside the two ways it is held against.

    Every process starts anew. Raises TobsError when one fails or when a file is missing.
    """
    rounds = []
    with (
        tempfile.TemporaryDirectory(prefix="tobs-bench-") as folder,
        SimulatorProcess(
            "media",
            seed=plan.seed,
            messages=plan.files,
            file_bytes=plan.file_bytes,
            latency_ms=plan.latency_ms,
        ) as server,
    ):
        settings = await log_in(Path(folder), server)
        pool = Pool(1)
        for number in range(1, plan.rounds + 1):
            emit(Said("info", f"Round {number} of {plan.rounds}"))
            rounds.append(await pool.run(_measure_round, settings, plan, Path(folder) / f"out-{number}"))
        await pool.close()
    return _sum_up(plan, rounds)


def _measure_round(settings: Settings, plan: MediaPlan, output: Path) -> MediaRound:
    account = accounts.list_accounts(settings)[0]
    folder = accounts.account_path(settings, account.user_id)
    module = [sys.executable, "-m", "tobs.bench.downloads"]
    chosen = ["--media", "all", "--max-size", "0"]
    export = [sys.executable, "-m", "tobs", "-q", "export", CHAT, *chosen, "-o", output]
    bytes_in_all = plan.files * plan.file_bytes
    place = [settings.server, settings.server_key, folder, CHAT, bytes_in_all]
    environment = make_environment(settings)
    raw = measure([*module, "raw", *place], environment, bytes_in_all)
    measured = measure(export, environment, bytes_in_all)
    _check_files(output, plan)
    sequential = (
        measure([*module, "sequential", *place], environment, bytes_in_all) if plan.is_sequential else None
    )
    return MediaRound(measured, raw, sequential)


def _check_files(output: Path, plan: MediaPlan) -> None:
    """Raise TobsError unless every file is there with all its bytes."""
    messages = sum(each.messages for each in archive_info(archive_path(output)).chats)
    sizes = [each.stat().st_size for each in output.rglob("media/*/*")]
    if messages != plan.files or sizes != [plan.file_bytes] * plan.files:
        raise TobsError(f"The export has {len(sizes)} of {plan.files} files.")


def _sum_up(plan: MediaPlan, rounds: list[MediaRound]) -> MediaResult:
    def speed(seconds: float) -> float:
        return round(plan.files * plan.file_bytes / MEGABYTE / seconds, 1)

    export = statistics.median(each.export.seconds for each in rounds)
    raw = statistics.median(each.raw.seconds for each in rounds)
    slow = [each.sequential.seconds for each in rounds if each.sequential]
    sequential = statistics.median(slow) if slow else None
    return MediaResult(
        scenario="media",
        files=plan.files,
        file_mb=round(plan.file_bytes / MEGABYTE, 2),
        latency_ms=plan.latency_ms,
        times_sequential=round(sequential / export, 1) if sequential else None,
        share_of_raw=round(raw / export, 2),
        export_mb_per_second=speed(export),
        raw_mb_per_second=speed(raw),
        sequential_mb_per_second=speed(sequential) if sequential else None,
        export_peak_rss_mb=max(each.export.peak_rss_mb for each in rounds),
        machine=describe_machine(),
        rounds=rounds,
    )
