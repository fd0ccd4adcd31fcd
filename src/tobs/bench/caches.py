"""`tobs bench cache`: the cache beside a plain dictionary, and what it saves an export."""

from __future__ import annotations

from tobs.bench.arms import Arm, ArmsResult, Plan, run_arms
from tobs.bench.caching import ENTRIES, WAYS
from tobs.bench.measuring import run_measured
from tobs.bench.prepared import prepared
from tobs.bench.runner import export_command
from tobs.core.ports.services import Emit

_RESOLVE = "contacts.resolveUsername"


async def run_cache_bench(messages: int, rounds: int, seed: int, emit: Emit) -> ArmsResult:
    """Look up and store what an export remembers, and count what a second export need not ask for again."""
    async with prepared(messages, seed, emit) as ready:
        arms = [Arm(name, ["-m", "tobs.bench.caching", name], is_telling=True) for name in WAYS]
        plan = Plan("cache", arms, rounds, ENTRIES, "entries")
        result = await run_arms(plan, ready.environment, ready.pool, emit)
        await ready.pool.run(run_measured, export_command(ready.output), ready.environment, messages)
        first, again = ready.read_runs()
        result.figures = {
            "resolved_by_first_run": first.requests.get(_RESOLVE, 0),
            "resolved_by_second_run": again.requests.get(_RESOLVE, 0),
        }
        return result
