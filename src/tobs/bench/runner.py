"""Runs scenarios: each measurement in a fresh process, baseline and candidate in turn on one server."""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tobs._util.pool import Pool
from tobs.app import accounts
from tobs.archive.connect import archive_path
from tobs.archive.info import archive_info
from tobs.bench.measuring import Measured, describe_machine, make_environment, measure
from tobs.core.events import Said
from tobs.core.ports.services import Emit
from tobs.core.report import RunReport
from tobs.errors import TobsError
from tobs.settings import SecretStr, Settings
from tobs.simulator.process import SimulatorProcess
from tobs.simulator.world import BENCH_CHAT
from tobs.telegram.asking import Nobody, PresetAsk


@dataclass(frozen=True, slots=True)
class Weather:
    """How the server answers: `latency_ms` later, so many `messages_per_second` an account (0: no limit), faults by name."""

    latency_ms: float = 0
    messages_per_second: float = 0
    faults: str = "calm"


CALM = Weather()


@dataclass(slots=True)
class Round:
    """Floor and export, one behind the other; `fetch_seconds` of the export until all pages were committed."""

    floor: Measured
    export: Measured
    fetch_seconds: float

    @property
    def ratio(self) -> float:
        """How fast the export is, with the floor as 1."""
        return self.floor.seconds / self.export.seconds


@dataclass(slots=True)
class BenchResult:
    """What `tobs bench export` found; ratios are export : floor, more is better.

    `share_of_limit` is how much of what the server allows was used while pages were fetched, and
    `share_with_notes` the same from the command's start to its end; None without a limit.
    """

    scenario: str
    messages: int
    weather: Weather
    median_ratio: float
    lowest_ratio: float
    highest_ratio: float
    share_of_limit: float | None
    share_with_notes: float | None
    export_messages_per_second: float
    floor_messages_per_second: float
    export_peak_rss_mb: float
    floor_peak_rss_mb: float
    server_cpu_seconds: float
    machine: dict[str, Any]
    rounds: list[Round] = field(default_factory=list)


async def run_export_bench(
    messages: int, rounds: int, seed: int, emit: Emit, weather: Weather = CALM
) -> BenchResult:
    """Export a chat of `messages` messages and read it by the floor, `rounds` times each in turn.

    Every process starts anew, imports and connects; the export keeps all guarantees of a real one:
    archive committed page by page, notes written and synced. Raises TobsError when a round fails, or
    when it does not end with every message stored.
    """
    with tempfile.TemporaryDirectory(prefix="tobs-bench-") as folder:
        home = Path(folder)
        with SimulatorProcess(
            "bench",
            seed=seed,
            messages=messages,
            latency_ms=weather.latency_ms,
            rate=weather.messages_per_second,
            faults=weather.faults,
        ) as server:
            settings = await log_in(home, server)
            pool = Pool(1)
            done = []
            for number in range(1, rounds + 1):
                emit(Said("info", f"Round {number} of {rounds}"))
                done.append(await pool.run(_measure_round, settings, messages, home / f"out-{number}"))
            await pool.close()
    return _sum_up(messages, weather, done, server.statistics.cpu_seconds)


async def log_in(home: Path, server: SimulatorProcess) -> Settings:
    """Log the server's first account in and return the settings to go on with."""
    key_file = home / "key.pem"
    key_file.write_text(server.key, encoding="ascii")
    settings = Settings(
        home=home, server=server.address, server_key=key_file, api_id=1, api_hash=SecretStr("0" * 32)
    )
    card = server.accounts[0]
    await accounts.login(settings, PresetAsk(Nobody(), card.phone, card.code, card.password or ""))
    return settings


def _measure_round(settings: Settings, messages: int, output: Path) -> Round:
    account = accounts.list_accounts(settings)[0]
    folder = accounts.account_path(settings, account.user_id)
    floor = [
        sys.executable,
        "-m",
        "tobs.bench.floor",
        settings.server,
        settings.server_key,
        folder,
        BENCH_CHAT,
    ]
    environment = make_environment(settings)
    baseline, measured = (
        measure(floor, environment, messages),
        measure(export_command(output), environment, messages),
    )
    check_stored(output, messages)
    return Round(baseline, measured, _read_fetch_seconds(output))


def export_command(output: Path) -> list[object]:
    """Return the command line of an export of the bench chat, as anyone would type it."""
    return [sys.executable, *export_arguments(output)]


def export_arguments(output: Path) -> list[object]:
    """Return it without the interpreter."""
    return ["-m", "tobs", "-q", "export", BENCH_CHAT, "--media", "none", "-o", output]


def _read_fetch_seconds(output: Path) -> float:
    [run] = (output / ".tobs" / "runs").iterdir()
    return sum(each.fetch_seconds for each in msgspec.json.decode(run.read_bytes(), type=RunReport).chats)


def check_stored(output: Path, messages: int) -> None:
    """Raise TobsError unless the export holds every message of the chat: only then was it an export."""
    [chat] = archive_info(archive_path(output)).chats
    if chat.messages != messages:
        raise TobsError(f"The export stored {chat.messages} of {messages} messages.")


def _sum_up(messages: int, weather: Weather, rounds: list[Round], server_cpu_seconds: float) -> BenchResult:
    ratios = [each.ratio for each in rounds]
    speed = statistics.median(each.export.per_second for each in rounds)
    fetch_speed = messages / statistics.median(each.fetch_seconds for each in rounds)
    limit = weather.messages_per_second
    return BenchResult(
        scenario="export",
        messages=messages,
        weather=weather,
        median_ratio=round(statistics.median(ratios), 3),
        lowest_ratio=round(min(ratios), 3),
        highest_ratio=round(max(ratios), 3),
        share_of_limit=round(fetch_speed / limit, 3) if limit else None,
        share_with_notes=round(speed / limit, 3) if limit else None,
        export_messages_per_second=speed,
        floor_messages_per_second=statistics.median(each.floor.per_second for each in rounds),
        export_peak_rss_mb=max(each.export.peak_rss_mb for each in rounds),
        floor_peak_rss_mb=max(each.floor.peak_rss_mb for each in rounds),
        server_cpu_seconds=round(server_cpu_seconds, 2),
        machine=describe_machine(),
        rounds=rounds,
    )
