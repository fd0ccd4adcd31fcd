"""The composition root: which zone a folder has, what a run leaves behind, what is refused before it begins."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tzlocal import get_localzone_name

from e2e.stage import Stage, open_stage, query, read_tree
from tobs._util.clock import ManualClock
from tobs.app import accounts, demo, exporting, overview, rendering, verifying
from tobs.archive.lock import lock_folder
from tobs.core.events import Event, ExportFinished, ExportStarted, Failed, Progressed
from tobs.core.report import RunReport
from tobs.core.request import ExportRequest, RenderRequest, Selection, VerifyRequest
from tobs.errors import Busy, ForeignFolder, LoginNeeded, SettingError, UsageError
from tobs.settings import SecretStr, Settings
from tobs.simulator.world import WORLDS
from tobs.telegram.session import server_name

CLUB = "@rowing_club_demo"
# When the runs of a manual clock begin.
START = "2026-01-01T00:00:00.000000Z"


def open_small(folder: Path) -> Any:
    """Open a stage with the small world."""
    return open_stage(WORLDS["small"](1, 0), folder)


def run_files(output: Path) -> list[Path]:
    return sorted((output / ".tobs" / "runs").iterdir())


def read_run(output: Path) -> RunReport:
    """Return the newest run, as the run file and the archive have it."""
    path = run_files(output)[-1]
    report = msgspec.json.decode(path.read_bytes(), type=RunReport)
    [(stored,)] = query(output, "SELECT report FROM runs ORDER BY report ->> 'start_time' DESC LIMIT 1")
    assert json.loads(stored) == json.loads(path.read_bytes())
    return report


def zones(output: Path) -> str:
    """Return the zone that the notes of a folder name."""
    [zone] = {
        line.partition(":")[2].strip(" '\"")
        for path in output.rglob("*.md")
        for line in path.read_text().splitlines()
        if line.startswith("timezone:")
    }
    return zone


async def render(stage: Stage, output: Path, zone: str | None = None, *, set_zone: str | None = None) -> Any:
    settings = stage.settings.model_copy(update={"timezone": set_zone})
    return await rendering.run_render(settings, RenderRequest(output, timezone=zone), stage.events.append)


async def test_a_run_that_went_well_stands_in_a_private_file(tmp_path: Path) -> None:
    async with open_small(tmp_path) as stage:
        report = await stage.export(CLUB, output=tmp_path / "out", clock=ManualClock())
    [path] = run_files(tmp_path / "out")
    assert path.name == "20260101T000000.000000Z.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().endswith(b"}\n")
    written = read_run(tmp_path / "out")
    assert written == report
    assert (written.start_time, written.exit_code, written.error) == (START, 0, "")
    assert written.requests["messages.getHistory"] == sum(each.pages for each in written.chats)


async def test_the_first_and_the_last_event_frame_a_run(tmp_path: Path) -> None:
    async with open_small(tmp_path) as stage:
        report = await stage.export(CLUB, "me", output=tmp_path / "out")
        first, *_, last = stage.events
    assert first == ExportStarted([CLUB, "me"], str(tmp_path / "out"))
    assert last == ExportFinished(
        success=True,
        exit_code=0,
        messages_new=sum(each.new for each in report.chats),
        messages_stored=sum(each.tally.stored for each in report.chats),
        notes_written=len(report.render.written),
        seconds=report.duration_s,
    )


async def test_a_run_that_failed_says_in_its_file_why(tmp_path: Path) -> None:
    async with open_small(tmp_path) as stage:
        await stage.export(CLUB, output=tmp_path / "out")
    report = await stage.export("me", output=tmp_path / "out", clock=ManualClock(4e9))
    written = read_run(tmp_path / "out")
    assert written == report
    assert (written.exit_code, written.error) == (14, f"Cannot reach {stage.simulator.address}.")
    [failed] = [each for each in stage.events if isinstance(each, Failed)]
    assert (failed.text, failed.exit_code) == (written.error, 14)
    assert isinstance(stage.events[-1], ExportFinished)


async def test_a_run_that_was_cut_off_stands_in_its_file_as_interrupted(tmp_path: Path) -> None:
    async with open_small(tmp_path) as stage:
        reached = asyncio.Event()

        def watch(event: Event) -> None:
            if isinstance(event, Progressed):
                reached.set()

        request = ExportRequest((CLUB, "me"), tmp_path / "out")
        running = asyncio.ensure_future(exporting.run_export(stage.settings, request, watch, asyncio.Event()))
        await reached.wait()
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled()
        written = read_run(tmp_path / "out")
        assert (written.exit_code, written.error) == (130, "interrupted")
        # Everything is closed: the next run begins at once, and ends like one that was never cut off.
        assert (await stage.export(CLUB, "me", output=tmp_path / "out")).exit_code == 0
        await stage.export(CLUB, "me", output=tmp_path / "whole")
    assert read_tree(tmp_path / "out") == read_tree(tmp_path / "whole")


async def test_a_run_that_met_a_bug_counts_as_failed_and_closes_everything(tmp_path: Path) -> None:
    async with open_small(tmp_path) as stage:

        def stumble(event: Event) -> None:
            if isinstance(event, Progressed):
                raise ZeroDivisionError

        request = ExportRequest((CLUB,), tmp_path / "out")
        with pytest.raises((ZeroDivisionError, BaseExceptionGroup)):
            await exporting.run_export(stage.settings, request, stumble, asyncio.Event())
        assert read_run(tmp_path / "out").exit_code == 1
        assert (await stage.export(CLUB, output=tmp_path / "out")).exit_code == 0
    assert len(run_files(tmp_path / "out")) == 2


async def test_a_run_that_cannot_begin_leaves_no_run_file(tmp_path: Path) -> None:
    async with open_small(tmp_path) as stage:
        with lock_folder(tmp_path / "out"), pytest.raises(Busy):
            await stage.export("me", output=tmp_path / "out")
        assert run_files(tmp_path / "out") == []
        (tmp_path / "file").write_text("")
        with pytest.raises(ForeignFolder, match="is a file"):
            await stage.export("me", output=tmp_path / "file")


async def test_the_first_run_fixes_the_zone_and_only_render_changes_it(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_small(tmp_path) as stage:
        await stage.export("me", output=output, timezone="Asia/Tokyo")
        assert zones(output) == "Asia/Tokyo"
        with pytest.raises(SettingError, match="Asia/Tokyo, not in Europe/Berlin"):
            await stage.export("me", output=output)
        assert (await render(stage, output, "Europe/Berlin")).written
        assert zones(output) == "Europe/Berlin"
        assert (await stage.export("me", output=output)).render.written == []
        with pytest.raises(SettingError, match="Europe/Berlin, not in Asia/Tokyo"):
            await render(stage, output, set_zone="Asia/Tokyo")
        # Nothing said is no opinion.
        assert (await render(stage, output)).written == []
        await stage.export("me", output=tmp_path / "berlin")
    assert read_tree(output) == read_tree(tmp_path / "berlin")


async def test_a_new_folder_without_a_zone_takes_the_computers(tmp_path: Path) -> None:
    async with open_small(tmp_path) as stage:
        await stage.export("me", output=tmp_path / "out", timezone=None)
    local = get_localzone_name() or "UTC"
    assert zones(tmp_path / "out") == ("UTC" if local == "Etc/UTC" else local)


async def test_an_account_shows_the_last_digits_of_its_number_only(tmp_path: Path) -> None:
    async with open_small(tmp_path) as stage:
        [account] = accounts.list_accounts(stage.settings)
        assert account.phone_masked == "…" + str(stage.settings.phone_number)[-2:]
        assert account.server == server_name(stage.simulator.address)
        assert accounts.account_path(stage.settings, account.user_id) == stage.account_folder
        await stage.login()
        assert accounts.list_accounts(stage.settings) == [account]
        assert await accounts.logout(stage.settings) == account.name
        assert accounts.list_accounts(stage.settings) == []


async def test_every_chat_is_listed_once(tmp_path: Path) -> None:
    async with open_small(tmp_path) as stage:
        listed = await overview.list_chats(stage.settings, Selection(is_all=True))
        wanted = {chat.marked for chat in stage.world.chats if chat.listed}
    ids = [each.dialog.id for each in listed]
    assert len(ids) == len(set(ids))
    assert wanted <= set(ids)


@pytest.mark.parametrize("run", ["render", "verify"])
async def test_a_folder_without_an_archive_stays_as_it_was(tmp_path: Path, run: str) -> None:
    settings, output = Settings(home=tmp_path / "home"), tmp_path / "empty"
    output.mkdir()
    events: list[Event] = []
    runs = {
        "render": rendering.run_render(settings, RenderRequest(output), events.append),
        "verify": verifying.run_verify(settings, VerifyRequest(output), events.append),
    }
    for each in runs.keys() - {run}:
        runs[each].close()
    with pytest.raises(UsageError, match="holds no archive") as caught:
        await runs[run]
    assert "tobs export" in caught.value.hint
    assert (events, list(output.iterdir())) == ([], [])


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"api_id": None}, LoginNeeded, "API_ID and API_HASH are not set"),
        ({"api_hash": None}, LoginNeeded, "API_ID and API_HASH are not set"),
        ({"server_key": None}, SettingError, "TOBS_SERVER_KEY is not"),
        ({"server_key": Path("/nowhere/key.pem")}, SettingError, "/nowhere/key.pem, which cannot be read"),
        ({"server": "elsewhere:1"}, LoginNeeded, "Nobody is logged in"),
    ],
)
async def test_what_is_missing_is_said_before_anybody_is_asked(
    tmp_path: Path, changes: dict[str, object], error: type[Exception], words: str
) -> None:
    async with open_small(tmp_path) as stage:
        before = stage.simulator.total_answers
        with pytest.raises(error, match=words):
            await overview.list_chats(stage.settings.model_copy(update=changes), Selection(is_all=True))
        assert stage.simulator.total_answers == before


def test_a_report_counts_as_failed_until_it_has_ended() -> None:
    report = exporting.start_report(ManualClock())
    assert (report.start_time, report.exit_code, report.chats) == (START, 1, [])


async def test_the_demo_needs_no_account_and_leaves_none_behind(tmp_path: Path) -> None:
    events: list[Event] = []
    settings = Settings(home=tmp_path / "home", timezone="UTC", api_hash=SecretStr("ab" * 16))
    report = await demo.run_demo(settings, tmp_path / "out", events.append, asyncio.Event())
    assert (report.exit_code, len(report.chats)) == (0, 7)
    assert not (tmp_path / "home").exists()
    assert accounts.list_accounts(settings) == []
    assert read_run(tmp_path / "out") == report
