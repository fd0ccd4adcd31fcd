"""How much memory an export takes does not follow from how many messages it has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tobs.bench.runner import run_export_bench

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for the peak")


def measure_peak(folder: Path, messages: int) -> int:
    """Return the most memory (KiB) that a process takes that stores and draws so many messages."""
    done = subprocess.run(
        [sys.executable, "-m", "e2e.filling", folder / str(messages), str(messages)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])},
        capture_output=True,
        text=True,
        check=True,
    )
    notes = list((folder / str(messages)).rglob("*(2).md"))
    assert notes  # both sizes have months of several parts, or they could not be compared
    return int(done.stdout)


@pytest.mark.timeout(600)
def test_ten_times_as_many_messages_need_no_more_memory(tmp_path: Path) -> None:
    few, many = measure_peak(tmp_path, 20_000), measure_peak(tmp_path, 200_000)
    assert many < 1.2 * few


@pytest.mark.long
async def test_a_million_messages_need_as_much_memory_as_a_hundred_thousand() -> None:
    few = await run_export_bench(100_000, 1, 1, lambda _event: None)
    many = await run_export_bench(1_000_000, 1, 1, lambda _event: None)
    assert many.export_peak_rss_mb < 1.2 * few.export_peak_rss_mb
    assert many.export_peak_rss_mb < 150
