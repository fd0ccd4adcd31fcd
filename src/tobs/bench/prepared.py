"""An export of the bench chat, made by the command itself, that scenarios go on from."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tobs._util.pool import Pool
from tobs.archive.connect import archive_path
from tobs.bench.measuring import Measured, make_environment, measure
from tobs.bench.runner import check_stored, export_command, log_in
from tobs.core.events import Said
from tobs.core.ports.services import Emit
from tobs.core.report import RunReport
from tobs.core.words import say_count
from tobs.simulator.process import SimulatorProcess


@dataclass(frozen=True, slots=True)
class Prepared:
    """An export folder with everything of the chat in it, and the server it came from."""

    output: Path
    environment: dict[str, str]
    pool: Pool
    first: Measured

    @property
    def archive(self) -> Path:
        """Where the archive is."""
        return archive_path(self.output)

    def read_runs(self) -> list[RunReport]:
        """Return the reports of all runs, earliest first."""
        runs = sorted((self.output / ".tobs" / "runs").iterdir())
        return [msgspec.json.decode(each.read_bytes(), type=RunReport) for each in runs]


@asynccontextmanager
async def prepared(messages: int, seed: int, emit: Emit) -> AsyncIterator[Prepared]:
    """Export a chat of `messages` messages; server and folder are there as long as the block runs."""
    async with Pool(1) as pool:
        with (
            tempfile.TemporaryDirectory(prefix="tobs-bench-") as folder,
            SimulatorProcess("bench", seed=seed, messages=messages) as server,
        ):
            environment = make_environment(await log_in(Path(folder), server))
            output = Path(folder) / "out"
            emit(Said("info", f"Exporting {say_count(messages, 'message')} to begin with"))
            first = await pool.run(measure, export_command(output), environment, messages)
            check_stored(output, messages)
            yield Prepared(output, environment, pool, first)
