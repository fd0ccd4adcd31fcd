"""An export measures itself: what its file says is what the server, the clock and the archive say."""

from __future__ import annotations

import json
import logging
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from e2e.film_club import CLUB, PICTURES, build_films
from e2e.stage import Stage, open_stage, query
from tobs._util.clock import ManualClock
from tobs.core.choice import MediaChoice
from tobs.core.events import Said
from tobs.core.metrics import METRICS_FILE, RunMetrics
from tobs.errors import EXIT_INTERRUPTED, GaveUpWaiting, UsageError
from tobs.monitoring.files import read_metrics
from tobs.simulator.corpus.media_club import MEDIA_CLUB_USERNAME, build_media
from tobs.simulator.faults import FaultScript, Flood, Refusal
from tobs.simulator.world import BENCH_CHAT, WORLDS

HISTORY = "messages.getHistory"


def read_run(output: Path) -> dict[str, Any]:
    """Return the file of the last run."""
    found: dict[str, Any] = json.loads(max((output / ".tobs/runs").iterdir()).read_bytes())
    return found


def said(stage: Stage) -> str:
    return "\n".join(each.text for each in stage.events if isinstance(each, Said))


async def test_requests_messages_and_bytes_are_those_of_the_server_and_the_archive(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(build_media(1, 24), tmp_path) as stage:
        answered: Counter[str] = Counter()
        stage.answered.append(lambda method, _total: answered.update([method]))
        report = await stage.export(f"@{MEDIA_CLUB_USERNAME}", output=output, media=MediaChoice())
        assert report.exit_code == 0
        sizes = stage.simulator.downloads.total_bytes
    metrics = read_metrics(output / METRICS_FILE)
    asked: Counter[str] = Counter()
    for name, request in metrics.requests.items():
        asked[name.partition(" (")[0]] += request.count
        assert sum(request.latency.counts) == request.count
    assert asked == answered
    assert asked == report.requests
    files = [each for name, each in metrics.requests.items() if name.startswith("upload.getFile (DC ")]
    assert sizes < sum(each.bytes for each in files) < metrics.resources.network_received_mb * (1 << 20)
    [chat] = metrics.chats.values()
    [[stored]] = query(output, "SELECT count(*) FROM messages")
    assert (chat.messages, metrics.report.messages, chat.files) == (stored, stored, 24)
    stages = metrics.stages
    assert stages["download"].count == 24
    assert stages["pipeline_fetch"].count == stages["pipeline_process"].count >= chat.pages
    assert stages["pipeline_write"].count == chat.pages
    assert stages["place"].count >= len(report.render.written)
    assert stages["render"].count > 0
    assert metrics.gauges["parts_in_flight"].last == metrics.gauges["requests_in_flight"].last == 0
    assert 1 <= metrics.gauges["requests_in_flight"].highest <= metrics.gauges["requests_limit"].highest
    assert metrics.pool.completed > 0
    assert metrics.pool.failed == 0


async def test_the_file_is_in_the_run_file_too_and_in_nobody_elses_hands(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(WORLDS["bench"](1, 300), tmp_path) as stage:
        report = await stage.export(BENCH_CHAT, output=output)
    path = output / METRICS_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_bytes()) == read_run(output)["metrics"]
    metrics = read_metrics(path)
    assert metrics == report.metrics
    assert metrics.duration_s == report.duration_s
    assert metrics.resources.memory_samples == len(metrics.resources.timeline) == 2
    assert sum(each.messages_per_s * each.span_s for each in metrics.resources.timeline) == pytest.approx(
        metrics.report.messages, rel=0.05
    )


async def test_an_hour_of_told_waits_is_an_hour_by_the_clock(tmp_path: Path) -> None:
    faults = FaultScript([Flood(1800, methods=(HISTORY,), at=(3, 9))])
    async with open_stage(WORLDS["bench"](1, 1_500), tmp_path, faults=faults) as stage:
        report = await stage.export(BENCH_CHAT, output=tmp_path / "out", clock=ManualClock())
    metrics = report.metrics
    assert metrics is not None
    history = metrics.requests[HISTORY]
    assert (history.flood_wait_s, history.retries) == (3600, 2)
    assert metrics.duration_s == pytest.approx(3600, abs=60)
    assert metrics.stages["pipeline_fetch"].queue_duration_s >= 3600
    assert metrics.stages["pipeline_fetch"].total_duration_s < 60
    limit = metrics.gauges["requests_limit"]
    assert limit.lowest <= limit.last < limit.highest


async def test_faults_that_pass_count_as_repeats(tmp_path: Path) -> None:
    faults = FaultScript([Refusal(methods=(HISTORY,), at=(2, 5, 6))])
    async with open_stage(WORLDS["bench"](1, 1_500), tmp_path, faults=faults) as stage:
        report = await stage.export(BENCH_CHAT, output=tmp_path / "out", clock=ManualClock())
    assert report.metrics is not None
    assert report.metrics.requests[HISTORY].retries == 3
    assert report.metrics.requests[HISTORY].flood_wait_s == 0


async def test_a_run_that_gives_up_leaves_its_metrics(tmp_path: Path) -> None:
    faults = FaultScript([Flood(9000, methods=(HISTORY,), at=(3,))])
    output = tmp_path / "out"
    async with open_stage(WORLDS["bench"](1, 1_500), tmp_path, faults=faults) as stage:
        report = await stage.export(BENCH_CHAT, output=output, clock=ManualClock())
    assert report.exit_code == GaveUpWaiting.exit_code
    found = read_metrics(output / METRICS_FILE)
    assert found.report.exit_code == GaveUpWaiting.exit_code
    assert "longer than" in found.report.error
    assert found.requests[HISTORY].retries == 0
    assert found.stages["pipeline_fetch"].errors >= 1


async def test_a_run_that_is_interrupted_leaves_its_metrics(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(build_media(1, 12, file_bytes=1_500_000), tmp_path) as stage:
        child = await stage.start("export", f"@{MEDIA_CLUB_USERNAME}", "--media", "all", "-o", str(output))
        parts = 0

        def interrupt(method: str, _total: int) -> None:
            nonlocal parts
            parts += method == "upload.getFile"
            if parts == 10 and method == "upload.getFile":
                child.send_signal(signal.SIGINT)

        stage.answered.append(interrupt)
        await child.communicate()
        assert await child.wait() == EXIT_INTERRUPTED
    found = read_metrics(output / METRICS_FILE)
    assert found.report.exit_code == EXIT_INTERRUPTED
    assert found.report.messages >= 12
    assert sum(each.count for name, each in found.requests.items() if name.startswith("upload.getFile ")) > 0


async def test_switched_off_nothing_is_measured_or_written(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(WORLDS["bench"](1, 300), tmp_path) as stage:
        report = await stage.export(BENCH_CHAT, output=output, metrics_enabled=False)
        assert (report.exit_code, report.metrics) == (0, None)
        assert not (output / METRICS_FILE).exists()
        assert read_run(output)["metrics"] is None
        finished = await stage.tobs("metrics", "show", str(max((output / ".tobs/runs").iterdir())))
        assert finished.code == UsageError.exit_code
        assert "is not a metrics file" in finished.err


@pytest.mark.parametrize("body", ['{"mine": 1}', ""])
async def test_a_file_of_somebody_else_under_that_name_stays(tmp_path: Path, body: str) -> None:
    output = tmp_path / "out"
    output.mkdir()
    (output / METRICS_FILE).write_text(body)
    async with open_stage(WORLDS["bench"](1, 300), tmp_path) as stage:
        report = await stage.export(BENCH_CHAT, output=output)
        assert report.exit_code == 0
        assert (output / METRICS_FILE).read_text() == body
        assert "is not from tobs and was left alone" in said(stage)
    assert msgspec.convert(read_run(output)["metrics"], RunMetrics) == report.metrics


async def test_pictures_that_are_processed_are_a_stage_of_their_own(tmp_path: Path) -> None:
    async with open_stage(build_films(), tmp_path) as stage:
        report = await stage.export(
            CLUB, output=tmp_path / "out", media=MediaChoice(), process=("image",), max_parallel_media=2
        )
    assert report.metrics is not None
    assert report.processed is not None
    transcode = report.metrics.stages["transcode"]
    assert (transcode.count, transcode.errors) == (report.processed.made, 0)
    assert report.metrics.media.total_media_processed == PICTURES
    assert 1 <= report.metrics.media.concurrent_peak <= 2


async def test_each_run_replaces_the_file_of_the_one_before(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(WORLDS["bench"](1, 300), tmp_path) as stage:
        first = await stage.export(BENCH_CHAT, output=output)
        second = await stage.export(BENCH_CHAT, output=output)
    assert first.start_time < second.start_time
    assert read_metrics(output / METRICS_FILE).start_time == second.start_time


async def test_prometheus_gets_its_text_and_its_refusal_comes_before_the_run(tmp_path: Path) -> None:
    target = tmp_path / "tobs.prom"
    async with open_stage(WORLDS["bench"](1, 300), tmp_path) as stage:
        arguments = ("export", BENCH_CHAT, "-o", str(tmp_path / "out"), "--prometheus")
        assert (await stage.tobs(*arguments, str(target))).code == 0
        assert "tobs_run_exit_code 0.0" in target.read_text()
        wrong = await stage.tobs(*arguments, str(tmp_path / "tobs.txt"))
        assert (wrong.code, "ends in .prom" in wrong.err) == (UsageError.exit_code, True)
        off = await stage.tobs(*arguments, str(target), TOBS_METRICS_ENABLED="false")
        assert (off.code, "METRICS_ENABLED switches them off" in off.err) == (UsageError.exit_code, True)


async def test_metrics_that_cannot_be_written_fail_no_run(tmp_path: Path) -> None:
    target = tmp_path / "tobs.prom"
    target.mkdir()
    async with open_stage(WORLDS["bench"](1, 300), tmp_path) as stage:
        report = await stage.export(BENCH_CHAT, output=tmp_path / "out", prometheus_file=target)
        assert report.exit_code == 0
        assert "The metrics were not written: " in said(stage)


async def test_the_end_of_a_run_says_its_metrics_on_the_screen_and_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    from tobs.cli.summary import print_run

    caplog.set_level(logging.INFO, "tobs.metrics")
    async with open_stage(WORLDS["bench"](1, 300), tmp_path) as stage:
        report = await stage.export(BENCH_CHAT, output=tmp_path / "out")
    logged = [each.getMessage() for each in caplog.records if each.name == "tobs.metrics"]
    assert logged[0].startswith("pipeline_fetch: ")
    assert "held the run back" in logged[-1]
    print_run(report, tmp_path / "out")
    shown = capsys.readouterr().out
    assert logged[-1] in shown
    assert "Stage " in shown
    assert "pipeline_write" in shown
