"""`tobs bench resume`: an export of a chat in which nothing happened since the last one."""

from __future__ import annotations

import statistics

from tobs.bench.arms import Arm, ArmsResult, Plan, run_arms
from tobs.bench.prepared import prepared
from tobs.bench.runner import export_arguments
from tobs.core.ports.services import Emit

_IMPORTS = "import tobs.cli.export, tobs.cli.summary, tobs.cli.screen, tobs.app.exporting, psutil"
"""What a run loads before it can do anything."""


async def run_resume_bench(messages: int, rounds: int, seed: int, emit: Emit) -> ArmsResult:
    """Export a chat, and then `rounds` times again, in turn with a process that only imports what an export does."""
    async with prepared(messages, seed, emit) as ready:
        arms = [Arm("imports alone", ["-c", _IMPORTS]), Arm("again", export_arguments(ready.output))]
        plan = Plan("resume", arms, rounds, messages, "messages")
        result = await run_arms(plan, ready.environment, ready.pool, emit)
        runs = ready.read_runs()[1:]
        imports, again = ([each.measured for each in result.rounds if each.name == arm.name] for arm in arms)
        result.figures = {
            "seconds_after_imports": round(
                statistics.median(
                    one.seconds - other.seconds for one, other in zip(again, imports, strict=True)
                ),
                3,
            ),
            "first_run_seconds": ready.first.seconds,
            "requests": max(sum(each.requests.values()) for each in runs),
            "new_messages": sum(chat.new for each in runs for chat in each.chats),
            "files_written": sum(len(each.render.written) for each in runs),
        }
        return result
