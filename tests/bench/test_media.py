"""The benchmarks of files on disk measure real processes that all made the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from media.clips import make_photo
from tobs.bench import copies, processes
from tobs.bench.children import run_modules
from tobs.bench.copies import run_copy_bench
from tobs.bench.copying import WAYS
from tobs.bench.processes import ProcessRound, run_process_bench
from tobs.core.events import Event, Said
from tobs.core.metrics import MediaMetrics
from tobs.errors import TobsError


async def test_a_copy_is_measured_in_every_way(tmp_path: Path) -> None:
    said: list[Event] = []
    result = await run_copy_bench(11, 2, tmp_path, said.append)
    assert said == [Said("info", "Round 1 of 2"), Said("info", "Round 2 of 2")]
    assert [each.name for each in result.arms] == [*WAYS]
    assert all(each.seconds > 0 for each in result.arms)
    assert result.lowest_ratio <= result.median_ratio <= result.highest_ratio
    assert result.way in {"reflink", "copy_file_range", "sendfile"}
    assert [*tmp_path.iterdir()] == []


async def test_a_copy_that_differs_is_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "_is_same", lambda *_: False)
    with pytest.raises(TobsError, match="The copy by tobs differs"):
        await run_copy_bench(1, 1, tmp_path, lambda _: None)


async def test_pictures_and_films_are_measured_against_two_loops() -> None:
    result = await run_process_bench(2, 2, 1, 1, lambda _: None)
    assert [(each.kind, each.files) for each in result.kinds] == [("image", 2), ("video", 2)]
    assert [each.media.total_media_processed for each in result.rounds] == [2, 2]
    for kind, measured in zip(result.kinds, result.rounds, strict=True):
        assert kind.median_ratio == pytest.approx(measured.ratio, abs=0.01)
        assert measured.media.concurrent_peak <= 2


def test_the_ratio_is_above_one_when_tobs_is_the_faster_of_the_two() -> None:
    media = MediaMetrics()
    assert ProcessRound("image", 8, 4, 2, media).ratio == 2


def test_outputs_that_differ_are_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "fingerprint", str)
    photo = make_photo(tmp_path / "photo.jpg")
    with pytest.raises(TobsError, match="differ, so their times cannot be compared"):
        processes._measure_round("image", tmp_path / "out", [photo])


def test_a_measured_process_that_fails_ends_the_benchmark() -> None:
    with pytest.raises(TobsError, match="ended with exit code 1"):
        run_modules([["tobs.bench.nothing"]])
