"""Exports through a takeout: begun when it pays, kept when cut short, finished with the truth, never in the way."""

from __future__ import annotations

import asyncio
import re
import signal
from pathlib import Path

import pytest

from e2e.stage import Stage, open_stage, query
from e2e.takeouts import (
    FINISH,
    HISTORY,
    INIT,
    Watch,
    endings,
    flags_of,
    kept_id,
    sentences,
)
from tobs._util.clock import ManualClock
from tobs.core.events import Waiting
from tobs.core.report import RunReport
from tobs.simulator.corpus.people import OWNER
from tobs.simulator.faults import Flood, TakeoutEnd
from tobs.simulator.world import BENCH_CHAT, WORLDS
from tobs.telegram import takeout

DAY = 86_400
MANY = 2_000


@pytest.fixture
def little_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a thousand messages be worth a takeout, so that a test need not fetch ten times as many."""
    monkeypatch.setattr(takeout, "MUCH", 1_000)


async def export_bulk(stage: Stage, output: Path, **options: object) -> RunReport:
    return await stage.export(BENCH_CHAT, output=output, **options)  # type: ignore[arg-type]


def is_whole(report: RunReport, messages: int = MANY) -> bool:
    tally = report.chats[0].tally
    return (report.exit_code, tally.stored, tally.unknown) == (0, messages, 0)


async def test_much_to_fetch_goes_through_a_takeout_and_little_does_not(tmp_path: Path) -> None:
    messages, watch = takeout.MUCH + 1_000, Watch()
    async with open_stage(WORLDS["bench"](1, messages), tmp_path, faults=watch) as stage:
        little = await stage.export("me", output=tmp_path / "out")
        assert (little.takeout, endings(stage)) == ("unused", [])
        report = await export_bulk(stage, tmp_path / "out")
        assert is_whole(report, messages)
        assert report.takeout == "used"
        assert (endings(stage), flags_of(stage)) == (["finished"], [{"message_megagroups"}])
        assert watch.outside_after_opening() == []
        assert watch.asked(FINISH)[0].request.success is True
        assert kept_id(stage) is None
        again = await export_bulk(stage, tmp_path / "out")
        assert (again.takeout, again.chats[0].new, len(endings(stage))) == ("unused", 0, 1)
        assert report.requests[HISTORY] >= messages / 100


async def test_always_means_every_request_from_the_first_page_on(tmp_path: Path) -> None:
    watch = Watch()
    async with open_stage(WORLDS["small"](1, 500), tmp_path, faults=watch) as stage:
        names = [str(chat.marked) for chat in stage.world.chats if chat.listed and chat.top]
        report = await stage.export(*names, output=tmp_path / "out", takeout="always")
        assert (report.exit_code, report.takeout) == (0, "used")
        assert all(each.takeout_id for each in watch.asked(HISTORY))
        assert watch.outside_after_opening() == []
        assert flags_of(stage) == [
            {"message_users", "message_chats", "message_megagroups", "message_channels"}
        ]
        assert endings(stage) == ["finished"]


async def test_never_sends_no_word_about_takeouts(tmp_path: Path, little_is_much: None) -> None:
    watch = Watch()
    async with open_stage(WORLDS["bench"](1, MANY), tmp_path, faults=watch) as stage:
        report = await export_bulk(stage, tmp_path / "out", takeout="never")
        assert is_whole(report)
        assert report.takeout == "unused"
        assert not [each for each in watch.seen if "akeout" in each.method or each.takeout_id]


async def test_a_run_that_is_cut_short_leaves_its_takeout_to_the_next(
    tmp_path: Path, little_is_much: None
) -> None:
    stop, watch = asyncio.Event(), Watch()
    async with open_stage(WORLDS["bench"](1, MANY), tmp_path, faults=watch) as stage:
        stage.answered.append(lambda *_: stop.set() if len(watch.asked(HISTORY)) > 6 else None)
        assert (await export_bulk(stage, tmp_path / "out", stop=stop)).exit_code == 130
        [first] = stage.simulator.takeouts.sessions
        assert (first.ending, kept_id(stage)) == ("", first.id)
        stage.answered.clear()
        watch.seen.clear()
        report = await export_bulk(stage, tmp_path / "out")
        assert is_whole(report)
        assert (watch.asked(INIT), endings(stage)) == ([], ["finished"])
        assert all(each.takeout_id == first.id for each in watch.asked(HISTORY))


async def test_a_killed_run_leaves_its_takeout_to_the_next(tmp_path: Path) -> None:
    watch = Watch()
    async with open_stage(WORLDS["bench"](1, MANY), tmp_path, faults=watch) as stage:
        output = tmp_path / "out"
        process = await stage.start(
            "export", BENCH_CHAT, "-o", str(output), "--takeout", "always", TOBS_MAX_REQUESTS_IN_FLIGHT="2"
        )

        def kill(_method: str, _total: int) -> None:
            if len(watch.asked(HISTORY)) >= 8 and process.returncode is None:
                process.send_signal(signal.SIGKILL)

        stage.answered.append(kill)
        await process.communicate()
        stage.answered.clear()
        assert process.returncode == -signal.SIGKILL
        [first] = stage.simulator.takeouts.sessions
        assert kept_id(stage) == first.id
        assert is_whole(await export_bulk(stage, output))
        assert endings(stage) == ["finished"]
        assert str(first.id).encode() not in (output / ".tobs" / "archive.sqlite").read_bytes()


async def test_a_takeout_for_other_kinds_of_chats_is_ended_and_a_new_one_begun(tmp_path: Path) -> None:
    stop = asyncio.Event()
    async with open_stage(WORLDS["bench"](1, 300), tmp_path) as stage:
        stage.answered.append(lambda method, _: stop.set() if method == INIT else None)
        await stage.export("me", output=tmp_path / "out", stop=stop, takeout="always")
        assert (endings(stage), flags_of(stage)) == ([""], [{"message_users"}])
        assert is_whole(await export_bulk(stage, tmp_path / "out", takeout="always"), 300)
        assert endings(stage) == ["failed", "finished"]
        assert flags_of(stage)[1] == {"message_megagroups"}


async def test_a_delay_is_told_and_the_run_switches_over_when_it_is_allowed(
    tmp_path: Path, little_is_much: None
) -> None:
    clock, watch = ManualClock(), Watch()
    async with open_stage(WORLDS["bench"](1, MANY), tmp_path, clock=clock, faults=watch) as stage:
        stage.simulator.takeouts.delay_seconds = DAY

        def allow(method: str, _total: int) -> None:
            if method == HISTORY and len(watch.asked(HISTORY)) >= 8:
                stage.answered.clear()
                stage.simulator.takeouts.allow(OWNER)
                clock.advance(61)

        stage.answered.append(allow)
        begin = clock.now()
        report = await export_bulk(stage, tmp_path / "out", clock=clock, max_requests_in_flight=2)
        assert is_whole(report)
        assert (report.takeout, endings(stage), len(watch.asked(INIT))) == ("used", ["finished"], 2)
        assert clock.now() - begin == 61
        said = sentences(stage)
        # The clock stands at midnight (UTC) of 1 January, and a day later it is one o'clock in Berlin.
        assert "2026-01-02 01:00 (Europe/Berlin)" in said
        assert "tap Allow" in said
        assert "“Telegram”" in said
        assert "goes on without it" in said
        assert "Telegram has allowed the takeout" in said
        inside = [bool(each.takeout_id) for each in watch.asked(HISTORY)]
        assert (inside[0], inside[-1]) == (False, True)
        assert inside == sorted(inside)


async def test_it_is_asked_again_once_a_minute_at_most_and_the_run_never_waits(
    tmp_path: Path, little_is_much: None
) -> None:
    clock, watch = ManualClock(), Watch()
    async with open_stage(WORLDS["bench"](1, MANY), tmp_path, clock=clock, faults=watch) as stage:
        stage.simulator.takeouts.delay_seconds = DAY
        stage.answered.append(lambda method, _: clock.advance(20) if method == HISTORY else None)
        begin = clock.now()
        report = await export_bulk(
            stage, tmp_path / "out", clock=clock, max_requests_in_flight=1, refresh_window="0"
        )
        asked = len(watch.asked(HISTORY))
        assert is_whole(report)
        assert (report.takeout, endings(stage)) == ("delayed", [])
        assert clock.now() - begin == 20 * asked
        assert 2 <= len(watch.asked(INIT)) <= 20 * asked / 60 + 1
        assert sentences(stage).count("tap Allow") == 1


async def test_always_sits_a_short_delay_out_and_counts_it_down(tmp_path: Path) -> None:
    clock, watch = ManualClock(), Watch()
    async with open_stage(WORLDS["bench"](1, 300), tmp_path, clock=clock, faults=watch) as stage:
        stage.simulator.takeouts.delay_seconds = 300
        begin = clock.now()
        report = await export_bulk(stage, tmp_path / "out", clock=clock, takeout="always")
        assert is_whole(report, 300)
        assert 300 <= clock.now() - begin < 310
        counted = [each.seconds for each in stage.events if isinstance(each, Waiting)]
        assert counted[:2] == [300, 295]
        assert len(watch.asked(INIT)) <= 7
        assert all(each.takeout_id for each in watch.asked(HISTORY))
        assert "The export waits for it." in sentences(stage)


async def test_always_gives_up_a_long_delay_and_remembers_it(tmp_path: Path) -> None:
    clock, watch = ManualClock(), Watch()
    async with open_stage(WORLDS["bench"](1, 300), tmp_path, clock=clock, faults=watch) as stage:
        await stage.export("me", output=tmp_path / "out", clock=clock)
        stage.simulator.takeouts.delay_seconds = DAY

        async def run() -> tuple[int, int]:
            report = await export_bulk(stage, tmp_path / "out", clock=clock, takeout="always")
            return report.exit_code, len(watch.asked(INIT))

        assert await run() == (13, 1)
        assert query(tmp_path / "out", "SELECT count(*) FROM messages")[0][0] > 0
        assert "tap Allow" in sentences(stage)
        assert await run() == (13, 1)  # told a moment ago
        clock.advance(61)
        assert await run() == (13, 2)  # the person may have allowed it by now
        stage.simulator.takeouts.allow(OWNER)
        clock.advance(61)
        assert await run() == (0, 3)


async def test_auto_never_gives_up_for_a_delay(tmp_path: Path, little_is_much: None) -> None:
    async with open_stage(WORLDS["bench"](1, MANY), tmp_path) as stage:
        stage.simulator.takeouts.delay_seconds = DAY
        report = await export_bulk(stage, tmp_path / "out", max_flood_wait=0)
        assert is_whole(report)
        shown = await stage.tobs("export", BENCH_CHAT, "-o", str(tmp_path / "out"))
        assert shown.code == 0


@pytest.mark.parametrize("mode", ["auto", "always"])
async def test_a_takeout_revoked_in_the_middle_is_begun_anew(
    tmp_path: Path, mode: str, little_is_much: None
) -> None:
    watch = Watch(TakeoutEnd(methods=(HISTORY,), at=(5, 11), takeout=True))
    async with open_stage(WORLDS["bench"](1, MANY), tmp_path, faults=watch) as stage:
        report = await export_bulk(stage, tmp_path / "out", takeout=mode)
        assert is_whole(report)
        assert endings(stage) == ["revoked", "revoked", "finished"]
        assert report.chats[0].new == MANY


async def test_when_every_takeout_is_revoked_auto_goes_on_without(
    tmp_path: Path, little_is_much: None
) -> None:
    watch = Watch(TakeoutEnd(methods=(HISTORY,), takeout=True))
    async with open_stage(WORLDS["bench"](1, MANY), tmp_path, faults=watch) as stage:
        report = await export_bulk(stage, tmp_path / "out")
        assert is_whole(report)
        assert endings(stage) == ["revoked"] * (takeout.MOST_LOSSES + 1)
        assert "goes on without one" in sentences(stage)


async def test_when_every_takeout_is_revoked_always_says_so(tmp_path: Path) -> None:
    watch = Watch(TakeoutEnd(methods=(HISTORY,), takeout=True))
    async with open_stage(WORLDS["bench"](1, 300), tmp_path, faults=watch) as stage:
        report = await export_bulk(stage, tmp_path / "out", takeout="always")
        assert report.exit_code == 1
        assert "ends every takeout" in report.chats[0].error
        assert not [each for each in watch.asked(HISTORY) if not each.takeout_id]


async def test_a_flood_outside_ends_for_the_run_when_the_takeout_begins(
    tmp_path: Path, little_is_much: None
) -> None:
    clock = ManualClock()
    watch = Watch(Flood(3_000, methods=(HISTORY,), at=(6,), takeout=False))
    async with open_stage(WORLDS["bench"](1, MANY), tmp_path, clock=clock, faults=watch) as stage:
        stage.simulator.takeouts.delay_seconds = DAY

        def allow(_method: str, _total: int) -> None:
            if watch.struck["Flood"]:
                stage.simulator.takeouts.allow(OWNER)

        stage.answered.append(allow)
        begin = clock.now()
        assert is_whole(await export_bulk(stage, tmp_path / "out", clock=clock))
        assert clock.now() - begin <= 120
        assert endings(stage) == ["finished"]


async def test_the_summary_and_the_settings_know_about_takeouts(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 300), tmp_path) as stage:
        done = await stage.tobs("export", BENCH_CHAT, "-o", str(tmp_path / "out"), TOBS_TAKEOUT="always")
        assert done.code == 0
        assert "The export goes through a takeout." in [each.get("text") for each in done.events]
        [run] = (tmp_path / "out" / ".tobs" / "runs").glob("*.json")
        assert re.search(r'"takeout": "used"', run.read_text())
        wrong = await stage.tobs("export", BENCH_CHAT, "-o", str(tmp_path / "out"), "--takeout", "maybe")
        assert (wrong.code, len(endings(stage))) == (2, 1)
