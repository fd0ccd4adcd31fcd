"""Ways of doing the same are measured in turn, and what is said of them is of them alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from e2e.stage import open_stage
from tobs._util.pool import Pool
from tobs.bench.arms import Arm, Plan, Sample, run_arms, sum_up
from tobs.bench.measuring import Measured, make_bare_environment, run_measured
from tobs.bench.records import find_costs
from tobs.core.events import Event, Said
from tobs.errors import TobsError
from tobs.simulator.corpus.media_club import MEDIA_CLUB_USERNAME, build_media

LARGE_MB = 60
SLEEPER = "import time; time.sleep(0.3)"
PARENT = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", "import time; held = bytearray({LARGE_MB} << 20); time.sleep(1)"])
"""


def test_medians_and_ratios_are_of_neighbours() -> None:
    def measured(seconds: float) -> Measured:
        return Measured(seconds, seconds / 2, 10 * seconds, 1 / seconds)

    plan = Plan("x", [Arm("base", []), Arm("own", [])], rounds=3)
    seconds = {"base": (4.0, 8.0, 6.0), "own": (2.0, 2.0, 6.0)}
    result = sum_up(
        plan, [Sample(at, name, measured(seconds[name][at])) for at in range(3) for name in seconds]
    )
    [ratio] = result.ratios
    assert (ratio.name, ratio.lowest_ratio, ratio.median_ratio, ratio.highest_ratio) == ("own", 1, 2, 4)
    base = result.arms[0]
    assert (base.seconds, base.lowest_seconds, base.highest_seconds) == (6, 4, 8)
    assert (base.cpu_seconds, base.peak_rss_mb) == (3, 80)


async def test_each_round_runs_every_arm_in_turn(tmp_path: Path) -> None:
    said: list[Event] = []
    log = tmp_path / "log"
    arms = [Arm(name, ["-c", f"open({str(log)!r}, 'a').write('{name}')"]) for name in "ab"]
    async with Pool(1) as pool:
        result = await run_arms(Plan("turns", arms, 2), make_bare_environment(tmp_path), pool, said.append)
    assert log.read_text() == "abab"
    assert said == [Said("info", "turns: round 1 of 2"), Said("info", "turns: round 2 of 2")]
    assert [each.name for each in result.arms] == ["a", "b"]


@pytest.mark.parametrize("code", ["print('nothing')", "raise SystemExit(3)"])
async def test_an_arm_that_fails_or_says_nothing_ends_it(code: str, tmp_path: Path) -> None:
    plan = Plan("x", [Arm("broken", ["-c", code], is_telling=True)], 1)
    async with Pool(1) as pool:
        with pytest.raises(TobsError, match=r"ended with exit code 3|did not say how it went"):
            await run_arms(plan, make_bare_environment(tmp_path), pool, lambda _event: None)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for the peak")
def test_a_process_is_not_charged_with_our_memory_and_its_workers_are_seen(tmp_path: Path) -> None:
    held = bytearray(os.urandom(1) * (100 << 20))
    environment = make_bare_environment(tmp_path)
    alone, _ = run_measured([sys.executable, "-c", SLEEPER], environment, 1)
    assert alone.peak_rss_mb < len(held) >> 21
    assert alone.worker_rss_mb == 0
    assert alone.tree_rss_mb == pytest.approx(alone.peak_rss_mb, abs=2)
    parent, _ = run_measured([sys.executable, "-c", PARENT], environment, 1)
    assert parent.worker_rss_mb > LARGE_MB > parent.peak_rss_mb
    assert parent.tree_rss_mb > parent.worker_rss_mb


async def test_records_with_slots_take_less_than_the_same_without(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 120), tmp_path) as stage:
        await stage.export(f"@{MEDIA_CLUB_USERNAME}", output=tmp_path / "out")
    costs = {each.record: each for each in find_costs(tmp_path / "out" / ".tobs" / "archive.sqlite")}
    assert {"Message", "Content", "Media", "File"} <= set(costs)
    for each in costs.values():
        assert each.bytes_each < each.plain_bytes_each
        assert 0 < each.deep_saved_pct <= each.saved_pct
        assert min(each.creation_ratio, each.access_ratio, each.ms_for_10000) > 0
