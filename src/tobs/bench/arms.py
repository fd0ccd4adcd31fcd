"""Ways of doing the same (the arms of a scenario), measured in turn, each in a fresh process."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from tobs._util.pool import Pool
from tobs.bench.measuring import Measured, describe_machine, run_measured
from tobs.core.events import Said
from tobs.core.ports.services import Emit
from tobs.errors import TobsError


@dataclass(frozen=True, slots=True)
class Arm:
    """One way: what stands behind `python` on its command line.

    With `is_telling` it prints a Measured of its own, without the start of Python and of its modules; else its life from
    start to exit counts.
    """

    name: str
    command: Sequence[object]
    is_telling: bool = False


@dataclass(slots=True)
class ArmResult:
    """One way over all rounds: medians, and the most memory that it ever held."""

    name: str
    seconds: float
    lowest_seconds: float
    highest_seconds: float
    cpu_seconds: float
    peak_rss_mb: float
    per_second: float


@dataclass(slots=True)
class Ratio:
    """How fast a way is, with the baseline as 1: ratios of neighbours in one round."""

    name: str
    median_ratio: float
    lowest_ratio: float
    highest_ratio: float


@dataclass(slots=True)
class Sample:
    """One way in one round."""

    round: int
    name: str
    measured: Measured


@dataclass(slots=True)
class ArmsResult:
    """What a scenario found; `per_second` of an arm counts `pieces` of `unit`. `figures` are what else it found."""

    scenario: str
    pieces: int
    unit: str
    baseline: str
    figures: dict[str, float]
    machine: dict[str, Any]
    arms: list[ArmResult] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    rounds: list[Sample] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: the first arm is the baseline. `pieces` of `unit` are what each arm works through."""

    scenario: str
    arms: Sequence[Arm]
    rounds: int
    pieces: int = 1
    unit: str = "runs"


async def run_arms(plan: Plan, environment: Mapping[str, str], pool: Pool, emit: Emit) -> ArmsResult:
    """Run every arm once a round, one behind the other. Raises TobsError when one fails."""
    samples = []
    for number in range(1, plan.rounds + 1):
        emit(Said("info", f"{plan.scenario}: round {number} of {plan.rounds}"))
        for arm in plan.arms:
            measured = await pool.run(partial(_run_arm, arm, environment, plan.pieces))
            samples.append(Sample(number, arm.name, measured))
    return sum_up(plan, samples)


def _run_arm(arm: Arm, environment: Mapping[str, str], pieces: int) -> Measured:
    measured, printed = run_measured([sys.executable, *arm.command], environment, pieces)
    if not arm.is_telling:
        return measured
    try:
        told = msgspec.json.decode(printed, type=Measured)
    except msgspec.MsgspecError:
        raise TobsError(f"The process of {arm.name} did not say how it went.") from None
    told.peak_rss_mb = measured.peak_rss_mb
    return told


def sum_up(plan: Plan, samples: list[Sample]) -> ArmsResult:
    """Return the medians and ratios of all rounds."""
    by_arm = {arm.name: [each.measured for each in samples if each.name == arm.name] for arm in plan.arms}
    baseline = plan.arms[0].name
    return ArmsResult(
        scenario=plan.scenario,
        pieces=plan.pieces,
        unit=plan.unit,
        baseline=baseline,
        figures={},
        machine=describe_machine(),
        arms=[_sum_up_arm(name, measured) for name, measured in by_arm.items()],
        ratios=[
            _compare(name, measured, by_arm[baseline])
            for name, measured in by_arm.items()
            if name != baseline
        ],
        rounds=samples,
    )


def _sum_up_arm(name: str, measured: list[Measured]) -> ArmResult:
    seconds = [each.seconds for each in measured]
    return ArmResult(
        name,
        round(statistics.median(seconds), 4),
        round(min(seconds), 4),
        round(max(seconds), 4),
        round(statistics.median(each.cpu_seconds for each in measured), 4),
        max(each.peak_rss_mb for each in measured),
        round(statistics.median(each.per_second for each in measured), 1),
    )


def _compare(name: str, measured: list[Measured], baseline: list[Measured]) -> Ratio:
    ratios = [base.seconds / own.seconds for own, base in zip(measured, baseline, strict=True)]
    return Ratio(name, round(statistics.median(ratios), 3), round(min(ratios), 3), round(max(ratios), 3))
