"""`tobs bench render`: messages of an archive as files of each format, on one core."""

from __future__ import annotations

from tobs.bench.arms import Arm, ArmsResult, Plan, run_arms
from tobs.bench.drawing import READING
from tobs.bench.prepared import prepared
from tobs.core.ports.services import Emit
from tobs.writers.registry import FORMATS


async def run_render_bench(messages: int, rounds: int, seed: int, emit: Emit) -> ArmsResult:
    """Draw all messages of a chat in each format, in turn with reading them, each in one process and one thread.

    Nothing is written to disk, and `per_second` is of processor time: it is what one core does.
    """
    async with prepared(messages, seed, emit) as ready:
        arms = [
            Arm(name, ["-m", "tobs.bench.drawing", ready.archive, name], is_telling=True)
            for name in (READING, *FORMATS)
        ]
        plan = Plan("render", arms, rounds, messages, "messages")
        return await run_arms(plan, ready.environment, ready.pool, emit)
