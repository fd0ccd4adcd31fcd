"""How much memory an export takes does not follow from how many messages it has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tobs.bench.runner import run_export_bench
from tobs.writers.registry import FORMATS

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for the peak")


def measure_peak(output: Path, messages: int, format_: str = "markdown") -> int:
    """Return the most memory (KiB) that a process takes that stores so many messages and draws all there are."""
    done = subprocess.run(
        [sys.executable, "-m", "e2e.filling", output, str(messages), format_],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.timeout(600)
def test_ten_times_as_many_messages_need_no_more_memory(tmp_path: Path) -> None:
    few, many = measure_peak(tmp_path / "few", 12_000), measure_peak(tmp_path / "many", 120_000)
    assert many < 1.2 * few
    # Both have months of several parts, or they could not be compared.
    assert all([*(tmp_path / each).rglob("*(2).md")] for each in ("few", "many"))


@pytest.mark.long
async def test_a_million_messages_need_as_much_memory_as_a_hundred_thousand() -> None:
    few = await run_export_bench(100_000, 1, 1, lambda _event: None)
    many = await run_export_bench(1_000_000, 1, 1, lambda _event: None)
    assert many.export_peak_rss_mb < 1.2 * few.export_peak_rss_mb
    assert many.export_peak_rss_mb < 150


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_drawing_a_million_messages_in_any_format_needs_as_much_as_a_hundred_thousand(tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    peaks = {"markdown": (measure_peak(few, 100_000), measure_peak(many, 1_000_000))}
    for each in FORMATS:
        if each not in peaks:
            peaks[each] = (measure_peak(few, 0, each), measure_peak(many, 0, each))
    print(peaks)  # noqa: T201 - numbers to quote
    assert all(large < 1.2 * small for small, large in peaks.values()), peaks
