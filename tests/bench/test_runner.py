"""The benchmark measures two real processes against one real server, and says where."""

from __future__ import annotations

import json
import os
import platform
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec
import pytest

import tobs
from cli.program import run_tobs
from tobs.archive.store import open_archive
from tobs.bench.measuring import Measured, describe_machine
from tobs.bench.runner import (
    BenchResult,
    Round,
    Weather,
    check_stored,
    run_export_bench,
)
from tobs.cli.tables import print_json, print_record
from tobs.core.events import Event, Said
from tobs.core.model import Chat
from tobs.errors import TobsError

MESSAGES = 300


async def test_a_benchmark_says_what_was_measured_how_fast_and_where(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said: list[Event] = []
    result = await run_export_bench(MESSAGES, 1, 1, said.append)
    assert said == [Said("info", "Round 1 of 1")]
    assert_adds_up(result)
    print_json(result)
    printed = capsys.readouterr().out
    assert msgspec.json.decode(printed, type=BenchResult) == result
    assert_complete(json.loads(printed))
    print_record(result)
    shown = capsys.readouterr().out
    assert re.search(r"^messages +300$", shown, re.MULTILINE)
    assert f"python {platform.python_version()}" in shown


def assert_adds_up(result: BenchResult) -> None:
    """The numbers of one round belong together."""
    [only] = result.rounds
    for measured in (only.floor, only.export):
        assert measured.per_second == pytest.approx(MESSAGES / measured.seconds, rel=0.02)
        assert measured.peak_rss_mb > 1
        assert measured.cpu_seconds > 0
    assert (result.scenario, result.messages) == ("export", MESSAGES)
    assert result.lowest_ratio == result.median_ratio == result.highest_ratio
    assert result.median_ratio == pytest.approx(only.floor.seconds / only.export.seconds, abs=0.01)
    assert result.export_messages_per_second == only.export.per_second
    assert result.floor_messages_per_second == only.floor.per_second
    assert result.export_peak_rss_mb == only.export.peak_rss_mb
    assert result.floor_peak_rss_mb == only.floor.peak_rss_mb
    assert result.server_cpu_seconds > 0


def assert_complete(document: dict[str, Any]) -> None:
    """The JSON has every field and no other."""
    assert list(document) == [each.name for each in fields(BenchResult)]
    [round_] = document["rounds"]
    assert set(round_) == {"floor", "export", "fetch_seconds"}
    for measured in (round_["floor"], round_["export"]):
        assert list(measured) == [each.name for each in fields(Measured)]


async def test_a_slow_server_is_the_same_for_both_and_is_named() -> None:
    said: list[Event] = []
    weather = Weather(latency_ms=60)
    result = await run_export_bench(MESSAGES, 1, 1, said.append, weather)
    # Each of the floor's requests waits; below that no machine can be.
    assert result.rounds[0].floor.seconds > (MESSAGES / 100) * 0.060
    assert result.weather == weather
    assert result.share_of_limit is None


async def test_under_a_limit_the_share_of_it_is_said() -> None:
    said: list[Event] = []
    result = await run_export_bench(MESSAGES, 1, 1, said.append, Weather(messages_per_second=5000))
    assert result.share_with_notes == pytest.approx(result.export_messages_per_second / 5000, abs=0.001)
    assert result.share_of_limit == pytest.approx(MESSAGES / result.rounds[0].fetch_seconds / 5000, abs=0.001)
    assert result.rounds[0].fetch_seconds < result.rounds[0].export.seconds


async def test_an_export_that_lacks_a_message_is_no_result(tmp_path: Path) -> None:
    archive = await open_archive(tmp_path, library="telethon 1.45.0")
    await archive.add_chat(Chat(0, -1000000000005, "supergroup", "Bench"))
    await archive.close()
    with pytest.raises(TobsError, match="stored 0 of 300 messages"):
        check_stored(tmp_path, MESSAGES)


def test_faults_that_do_not_exist_are_refused() -> None:
    done = run_tobs("bench", "export", "--faults", "sunshine")
    assert (done.code, done.out) == (2, "")
    assert "storm" in done.err


def test_a_reader_learns_on_what_machine_it_was_measured() -> None:
    machine = describe_machine()
    assert machine["cores"] == os.cpu_count()
    assert machine["python"] == platform.python_version()
    assert machine["client"].startswith("telethon ")
    assert machine["tobs"] == tobs.__version__


def test_the_ratio_is_above_one_when_the_export_is_the_faster_of_the_two() -> None:
    fast, slow = Measured(1.0, 1.0, 50.0, 300.0), Measured(4.0, 1.0, 50.0, 75.0)
    assert Round(floor=slow, export=fast, fetch_seconds=1).ratio == 4
    assert Round(floor=fast, export=slow, fetch_seconds=1).ratio == 0.25


@pytest.mark.parametrize("arguments", [("--messages", "0"), ("--rounds", "0"), ("--messages", "many")])
def test_a_benchmark_of_nothing_is_refused(arguments: tuple[str, str]) -> None:
    done = run_tobs("bench", "export", *arguments)
    assert (done.code, done.out) == (2, "")
    assert arguments[0] in done.err
