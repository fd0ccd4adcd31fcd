"""Media over real sockets into an export folder: every file right or with its reason, and none sent twice."""

from __future__ import annotations

import asyncio
import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from e2e.downloaded import check_links, kept, media_of, stored
from e2e.stage import Stage, open_stage, query, read_tree
from seeds import often
from tobs.core.choice import MediaChoice
from tobs.simulator.corpus.media_club import MEDIA_CLUB_USERNAME, build_media
from tobs.simulator.faults import Drop, Fault, FaultScript, Flood, Refusal
from tobs.simulator.file_faults import Corruption, Move, Redirection, ReferenceExpiry
from tobs.simulator.shelf import Shelf
from tobs.simulator.world import WORLDS

CLUB = f"@{MEDIA_CLUB_USERNAME}"
ALL = MediaChoice()
GET_FILE = ("upload.getFile",)


async def test_every_file_is_what_the_server_has_and_its_note_shows_it(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 24), tmp_path) as stage:
        report = await stage.export(CLUB, output=tmp_path / "out", media=ALL)
        find = kept(stage.world)
        assert report.exit_code == 0
        assert report.chats[0].media.done == 24
        for number, (state, _, sha256) in stored(tmp_path / "out").items():
            assert (state, sha256) == ("done", find(number))
        asked = [count for _, count in stage.simulator.downloads.asked.items()]
        assert set(asked) == {1}
    assert check_links(tmp_path / "out") == 24
    assert not [*(tmp_path / "out/.tobs/partial").iterdir()]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
async def test_each_content_crosses_the_wire_once_however_often_it_is_posted(
    tmp_path: Path, share: float
) -> None:
    async with open_stage(build_media(1, 40, reposts=share), tmp_path) as stage:
        report = await stage.export(CLUB, output=tmp_path / "out", media=ALL)
        assert report.exit_code == 0
        contents = media_of(tmp_path / "out")
        assert set(contents.values()) == {1}
        assert len(contents) == 40 - int(40 * share)
        sizes = sum(each.stat().st_size for each in (tmp_path / "out").rglob("media/**/*") if each.is_file())
        assert stage.simulator.downloads.total_bytes == sizes
    assert check_links(tmp_path / "out") == 40


async def test_a_second_run_asks_for_no_file(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 10), tmp_path) as stage:
        await stage.export(CLUB, output=tmp_path / "out", media=ALL)
        tree, before = read_tree(tmp_path / "out"), stage.simulator.downloads.total_bytes
        again = await stage.export(CLUB, output=tmp_path / "out", media=ALL)
        assert stage.simulator.downloads.total_bytes == before
        assert "help.getAppConfig" not in again.requests
    assert read_tree(tmp_path / "out") == tree


async def test_who_changes_their_mind_gets_what_is_missing_and_nothing_twice(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 24), tmp_path) as stage:
        output = tmp_path / "out"
        report = await stage.export(CLUB, output=output, media=MediaChoice(kinds=()))
        assert (report.exit_code, report.chats[0].media.not_selected) == (0, 24)
        assert "not selected" in "".join(each.read_text() for each in output.rglob("*.md"))
        await stage.export(CLUB, output=output, media=MediaChoice(kinds=("photo",)))
        kinds = {path.suffix for path in output.rglob("media/**/*") if path.is_file()}
        assert kinds == {".jpg"}
        await stage.export(CLUB, output=output, media=ALL)
        assert set(stage.simulator.downloads.asked.values()) == {1}
        whole = await stage.export(CLUB, output=tmp_path / "whole", media=ALL)
        assert whole.exit_code == 0
    assert read_tree(output) == read_tree(tmp_path / "whole")


async def test_larger_files_are_named_and_no_failure(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 16), tmp_path) as stage:
        choice = replace(ALL, max_bytes=500_000)
        report = await stage.export(CLUB, output=tmp_path / "out", media=choice)
    assert (report.exit_code, report.chats[0].media.too_large > 0) == (0, True)
    notes = "".join(each.read_text() for each in (tmp_path / "out").rglob("*.md"))
    assert "too large for your limit of 500 kB" in notes
    assert check_links(tmp_path / "out") == report.chats[0].media.done


PASSING: list[list[Fault]] = [
    [ReferenceExpiry(at=(2, 5, 9))],
    [Move(at=(3,), dc_id=5)],
    [Drop(at=(4, 8), methods=GET_FILE)],
    [Drop(at=(4,), methods=GET_FILE, is_halfway=True)],
    [Refusal(-503, "Timeout", at=(3,), methods=GET_FILE)],
    [Flood(1, is_premium=True, at=(2,), methods=GET_FILE)],
]


@pytest.mark.parametrize("faults", PASSING, ids=lambda each: type(each[0]).__name__)
async def test_what_passes_costs_no_file(tmp_path: Path, faults: list[Fault]) -> None:
    async with open_stage(build_media(1, 12), tmp_path, faults=FaultScript(faults)) as stage:
        report = await stage.export(CLUB, output=tmp_path / "out", media=ALL)
        find = kept(stage.world)
        assert (report.exit_code, report.chats[0].media.done) == (0, 12), report.chats[0].media
        for number, (_, _, sha256) in stored(tmp_path / "out").items():
            assert sha256 == find(number)


LASTING: list[tuple[Fault, str]] = [
    (Refusal(400, "LOCATION_INVALID", at=(1,), methods=GET_FILE), "refused by Telegram (LOCATION_INVALID)"),
    (Redirection(at=(1,)), "a CDN"),
]


@pytest.mark.parametrize(("fault", "reason"), LASTING, ids=lambda each: type(each).__name__)
async def test_a_file_that_cannot_be_had_has_its_reason_and_stops_nothing(
    tmp_path: Path, fault: Fault, reason: str
) -> None:
    async with open_stage(build_media(1, 12), tmp_path, faults=FaultScript([fault])) as stage:
        report = await stage.export(CLUB, output=tmp_path / "out", media=ALL)
    tally = report.chats[0].media
    assert (report.exit_code, tally.done, sum(tally.failed.values())) == (3, 11, 1)
    assert any(reason in each for each in tally.failed)
    assert check_links(tmp_path / "out") == 11
    assert reason in "".join(each.read_text() for each in (tmp_path / "out").rglob("*.md")).replace("\\", "")


@pytest.mark.parametrize("real", [0, 100, 90_416, 90_418, 200_000])
async def test_a_file_that_is_not_as_long_as_announced_is_never_called_done(
    tmp_path: Path, real: int
) -> None:
    world = build_media(1, 3, file_bytes=90_417)
    shelf = Shelf(world)
    async with open_stage(world, tmp_path) as stage:
        await stage.export(CLUB, output=tmp_path / "first")
        [number, *_] = stored(tmp_path / "first")
        assert shelf.find(number)
        world.contents.resize(number, real)
        report = await stage.export(CLUB, output=tmp_path / "out", media=ALL)
    state, reason, _ = stored(tmp_path / "out")[number]
    assert (report.exit_code, state) == (3, "failed")
    assert "byte" in reason


async def test_with_full_checks_a_bent_byte_is_asked_for_again(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 6), tmp_path, faults=FaultScript([Corruption(at=(2, 4))])) as stage:
        report = await stage.export(CLUB, output=tmp_path / "out", media=ALL, verify_media="full")
        find = kept(stage.world)
        assert (report.exit_code, report.chats[0].media.done) == (0, 6)
        for number, (_, _, sha256) in stored(tmp_path / "out").items():
            assert sha256 == find(number)
    assert {row for (row,) in query(tmp_path / "out", "SELECT DISTINCT proof FROM files")} == {"hashes"}


async def test_a_full_disk_ends_the_run_with_all_that_came_kept(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 6), tmp_path) as stage:
        report = await stage.export(CLUB, output=tmp_path / "out", media=ALL, min_free_space=1 << 60)
        assert (report.exit_code, report.chats[0].tally.stored) == (15, 6)
        assert "free" in report.error
        again = await stage.export(CLUB, output=tmp_path / "out", media=ALL)
    assert (again.exit_code, again.chats[0].media.done) == (0, 6)


async def test_files_of_a_takeout_come_through_it(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 6), tmp_path) as stage:
        report = await stage.export(CLUB, output=tmp_path / "out", media=ALL, takeout="always")
    assert (report.exit_code, report.takeout, report.chats[0].media.done) == (0, "used", 6)


async def export_killed_at_part(stage: Stage, output: Path, part: int, kind: signal.Signals) -> int:
    """Start an export of everything and send it a signal when the server gives its nth part of a file."""
    process = await stage.start("export", CLUB, "--media", "all", "-o", str(output))
    seen = 0

    def strike(method: str, _total: int) -> None:
        nonlocal seen
        seen += method == "upload.getFile"
        if seen == part and method == "upload.getFile":
            process.send_signal(kind)

    stage.answered.append(strike)
    await process.communicate()
    stage.answered.remove(strike)
    assert process.returncode is not None
    return process.returncode


@pytest.mark.parametrize("part", often([1, 9, 25, 38], 1, 25))
async def test_a_killed_download_goes_on_part_by_part_to_the_same_tree(tmp_path: Path, part: int) -> None:
    async with open_stage(build_media(1, 20, file_bytes=1_500_000), tmp_path) as stage:
        whole = await stage.tobs("export", CLUB, "--media", "all", "-o", str(tmp_path / "whole"))
        assert whole.code == 0
        stage.simulator.downloads.asked.clear()
        assert await export_killed_at_part(stage, tmp_path / "out", part, signal.SIGKILL) == -9
        finished = journal_parts(tmp_path / "out")
        stage.simulator.downloads.asked.clear()
        assert (await stage.tobs("export", CLUB, "--media", "all", "-o", str(tmp_path / "out"))).code == 0
        asked = {(number, offset) for number, _, offset in stage.simulator.downloads.asked}
    assert not finished & asked
    assert read_tree(tmp_path / "out") == read_tree(tmp_path / "whole")


def journal_parts(output: Path) -> set[tuple[int, int]]:
    """Return what is finished after a kill as (file id, offset): whole files, and parts that journals name."""
    whole = {number for number, (state, _, _) in stored(output).items() if state == "done"}
    return {(number, offset) for number in whole for offset in range(0, 1_500_001, 512 << 10)}


async def test_ctrl_c_keeps_the_parts_that_came(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 12, file_bytes=1_500_000), tmp_path) as stage:
        assert await export_killed_at_part(stage, tmp_path / "out", 10, signal.SIGINT) == 130
        sent = stage.simulator.downloads.total_bytes
        finished = await stage.tobs("export", CLUB, "--media", "all", "-o", str(tmp_path / "out"))
        again = stage.simulator.downloads.total_bytes - sent
    assert finished.code == 0
    events: list[dict[str, Any]] = [json.loads(line) for line in finished.out.splitlines()]
    assert [each["stage"] for each in events if each["type"] == "progress"].count("download")
    # What was on its way when it stopped may be sent twice.
    assert sent + again <= 12 * 1_500_000 + 32 * (512 << 10)
    await asyncio.sleep(0)


async def test_a_file_that_somebody_deleted_comes_again_in_the_next_run(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 6), tmp_path) as stage:
        await stage.export(CLUB, output=tmp_path / "out", media=ALL)
        tree = read_tree(tmp_path / "out")
        lost = next(each for each in (tmp_path / "out").rglob("media/*/*"))
        lost.unlink()
        again = await stage.export(CLUB, output=tmp_path / "out", media=ALL)
    assert again.exit_code == 0
    assert read_tree(tmp_path / "out") == tree


async def test_every_medium_of_the_gallery_comes_but_what_disappears_when_it_is_opened(
    tmp_path: Path,
) -> None:
    async with open_stage(WORLDS["everything"](1, 0), tmp_path) as stage:
        report = await stage.export(
            "@gallery_media", output=tmp_path / "out", media=replace(ALL, max_bytes=5_000_000)
        )
    media = report.chats[0].media
    assert (report.exit_code, media.failed) == (3, {"announced by Telegram without a size": 2})
    assert media.done > 20
    assert media.too_large == 3
    [(unopened,)] = query(
        tmp_path / "out",
        "SELECT count(*) FROM messages WHERE content ->> '$.media.ttl_seconds' > 0 AND content ->> '$.media.file' IS NOT NULL",
    )
    notes = "".join(each.read_text() for each in (tmp_path / "out").glob("*/20*/*.md"))
    assert notes.count("left alone, since it disappears when opened") == unopened > 0
