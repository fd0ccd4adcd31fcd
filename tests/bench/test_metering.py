"""What metrics cost is counted call by call, beside pairs of real exports."""

from __future__ import annotations

import pytest

from tobs.bench.measuring import Measured
from tobs.bench.metering import CallCost, MetricsRound, run_metrics_bench
from tobs.cli.tables import print_record
from tobs.core.events import Event, Said


async def test_the_calls_of_a_real_export_are_priced(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[Event] = []
    result = await run_metrics_bench(300, 1, 1, told.append)
    assert told == [Said("info", "Round 1 of 1")]
    costs = {each.call: each for each in result.calls}
    assert (
        costs["stage"].calls >= 12
    )  # four pages come, are decoded and committed; notes are drawn and placed
    assert costs["start"].calls == 1
    assert all(isinstance(each, CallCost) and each.cost_us > 0 for each in result.calls)
    [only] = result.rounds
    spent_s = sum(each.total_ms for each in result.calls) / 1000
    assert result.share_of_cpu_pct == pytest.approx(100 * spent_s / only.measured.cpu_seconds, abs=0.1)
    print_record(result)
    assert "share of cpu pct" in capsys.readouterr().out


def test_the_ratio_is_above_one_when_metrics_cost_something() -> None:
    assert MetricsRound(Measured(1, 3, 1, 1), Measured(1, 2, 1, 1)).ratio == 1.5
