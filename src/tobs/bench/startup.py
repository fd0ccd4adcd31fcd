"""`tobs bench startup`: how long commands take that somebody waits for, beside the least that Typer can do."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec

from tobs._util.pool import Pool
from tobs.bench.arms import Arm, ArmsResult, Plan, run_arms
from tobs.bench.measuring import make_bare_environment
from tobs.core.metrics import METRICS_FILE, METRICS_VERSION, RunMetrics, StageMetrics
from tobs.core.ports.services import Emit

_HELLO = """
import typer
app = typer.Typer(rich_markup_mode=None)
@app.command()
def hello(name: str = "world") -> None:
    print(f"Hello {name}")
app(["--help"])
"""


async def run_startup_bench(rounds: int, emit: Emit) -> ArmsResult:
    """Start each command `rounds` times, in turn with a hello world of Typer that prints its help."""
    with tempfile.TemporaryDirectory(prefix="tobs-bench-") as folder:
        home = Path(folder)
        (home / METRICS_FILE).write_bytes(msgspec.json.encode(_make_metrics()))
        arms = [
            Arm("hello", ["-c", _HELLO]),
            Arm("python alone", ["-c", "pass"]),
            Arm("tobs --help", ["-m", "tobs", "--help"]),
            Arm("tobs --version", ["-m", "tobs", "--version"]),
            Arm("tobs export --help", ["-m", "tobs", "export", "--help"]),
            Arm("tobs metrics show", ["-m", "tobs", "metrics", "show", home / METRICS_FILE]),
        ]
        async with Pool(1) as pool:
            return await run_arms(Plan("startup", arms, rounds), make_bare_environment(home), pool, emit)


def _make_metrics() -> RunMetrics:
    stages = {"pipeline_fetch": StageMetrics(count=10, total_duration_s=1.0)}
    return RunMetrics(METRICS_VERSION, "2026-03-14T09:00:00.000000Z", stages=stages)
