"""The benchmark of files measures real exports, and counts none that lacks a file."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import fields, replace
from pathlib import Path

import msgspec
import pytest

from e2e.stage import Stage, open_stage
from tobs.bench import media
from tobs.bench.downloads import PART_BYTES, ask_for_parts, download_one_by_one
from tobs.bench.measuring import Measured, make_environment, measure
from tobs.bench.media import MediaPlan, MediaResult, MediaRound, run_media_bench
from tobs.cli import main
from tobs.cli.tables import print_json
from tobs.core.choice import MediaChoice
from tobs.core.events import Event, Said
from tobs.errors import TobsError
from tobs.simulator.corpus.media_club import build_media
from tobs.telegram.connection import Server
from tobs.telegram.session import AccountFolder

PLAN = MediaPlan(files=4, file_bytes=64_000, latency_ms=0, is_sequential=False)


async def test_files_are_measured_against_requests_that_keep_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said: list[Event] = []
    result = await run_media_bench(PLAN, said.append)
    assert said == [Said("info", "Round 1 of 1")]
    [only] = result.rounds
    assert (result.scenario, result.files, result.file_mb, result.latency_ms) == ("media", 4, 0.06, 0)
    assert (only.sequential, result.times_sequential, result.sequential_mb_per_second) == (None, None, None)
    assert result.share_of_raw == pytest.approx(only.raw.seconds / only.export.seconds, abs=0.01)
    assert only.export.per_second == pytest.approx(4 * 64_000 / only.export.seconds, rel=0.02)
    assert result.export_mb_per_second == pytest.approx(only.export.per_second / 10**6, abs=0.06)
    assert result.export_peak_rss_mb == only.export.peak_rss_mb > 1
    print_json(result)
    printed = capsys.readouterr().out
    assert msgspec.json.decode(printed, type=MediaResult) == result
    assert [*json.loads(printed)] == [each.name for each in fields(MediaResult)]


def test_the_middle_of_several_rounds_is_what_counts() -> None:
    def took(seconds: float, rss: float = 50.0) -> Measured:
        return Measured(seconds, 1.0, rss, 1.0)

    plan = replace(PLAN, files=10, file_bytes=1_000_000)
    rounds = [MediaRound(took(each, rss=each), took(1.0), took(each * 4)) for each in (2.0, 9.0, 4.0)]
    result = media._sum_up(plan, rounds)
    assert (result.times_sequential, result.share_of_raw, result.export_mb_per_second) == (4.0, 0.25, 2.5)
    assert (result.export_peak_rss_mb, result.sequential_mb_per_second) == (9.0, 0.6)


@pytest.mark.parametrize("left", ["nothing", "a part"])
async def test_an_export_that_lacks_a_file_is_no_result(left: str, tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(build_media(1, 4, file_bytes=64_000), tmp_path) as stage:
        await stage.export(media.CHAT, output=output, media=MediaChoice())
    media._check_files(output, PLAN)
    medium, *_ = output.rglob("media/*/*")
    if left == "nothing":
        medium.unlink()
    else:
        medium.write_bytes(bytes(10))
    with pytest.raises(TobsError, match="files"):
        media._check_files(output, PLAN)


async def test_both_ways_bring_the_same_bytes(tmp_path: Path) -> None:
    sizes = PART_BYTES + 1_000
    async with open_stage(build_media(1, 5, file_bytes=sizes), tmp_path) as stage:
        for bring in (ask_for_parts, download_one_by_one):
            before = stage.simulator.downloads.total_bytes
            assert await bring(*place_of(stage), media.CHAT) == 5 * sizes
            assert stage.simulator.downloads.total_bytes - before == 5 * sizes


async def test_a_way_that_lacks_bytes_is_no_result(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 2, file_bytes=2_000), tmp_path) as stage:
        place = [
            stage.simulator.address,
            stage.folder / "server.pem",
            stage.account_folder,
            media.CHAT,
            4_001,
        ]
        command = [sys.executable, "-m", "tobs.bench.downloads", "raw", *place]
        with pytest.raises(TobsError, match=r"ended with exit code 1: 4,000 of 4,001 bytes came\."):
            await asyncio.to_thread(measure, command, make_environment(stage.settings), 4_001)


def place_of(stage: Stage) -> tuple[Server, AccountFolder]:
    key = (stage.folder / "server.pem").read_text(encoding="ascii")
    return Server(stage.simulator.address, key), AccountFolder(stage.account_folder)


@pytest.mark.parametrize("size", ["huge", "0", "0.4"])
def test_a_size_that_is_none_is_refused(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "media", "--size", size]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.splitlines()) == ("", [f"--size takes a size like 8MB, not {size!r}."])
