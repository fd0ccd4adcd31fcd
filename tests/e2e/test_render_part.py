"""`tobs render` of some chats, and of a part of the archive into another folder."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from e2e.changes import listed_names
from e2e.stage import Stage, open_stage, query, read_tree
from e2e.test_render import find_dangling
from tobs.app import rendering
from tobs.core.events import Said
from tobs.core.report import RenderReport
from tobs.core.request import RenderRequest
from tobs.core.span import parse_span
from tobs.errors import ChatNotFound, UsageError
from tobs.simulator.world import WORLDS

CLUB = "@rowing_club_demo"


@asynccontextmanager
async def exported(folder: Path) -> AsyncIterator[Stage]:
    """Give a stage on which every chat of the list is exported."""
    async with open_stage(WORLDS["small"](1, 0), folder) as stage:
        assert (await stage.export(*listed_names(stage.world), output=folder / "out")).exit_code == 0
        stage.events.clear()
        yield stage


def see_all(output: Path) -> dict[str, Any]:
    """Return every file of a folder, the archive and all, with its bytes and when it was written.

    Without the logs, which tell of refused commands as well.
    """
    files = [each for each in output.rglob("*") if each.is_file() and each.suffix != ".log"]
    return {str(each): (each.read_bytes(), each.stat().st_mtime_ns) for each in files}


async def draw(
    stage: Stage,
    *chats: str,
    to: str = "",
    since: str | None = None,
    until: str | None = None,
    **changed: Any,
) -> RenderReport:
    target = stage.folder / to if to else None
    span = parse_span(since=since, until=until)
    request = RenderRequest(stage.folder / "out", chats, span, target)
    settings = stage.settings.model_copy(update={"timezone": None, **changed})
    return await rendering.run_render(settings, request, stage.events.append)


async def test_all_of_an_archive_drawn_elsewhere_is_the_export_folder_again(tmp_path: Path) -> None:
    async with exported(tmp_path) as stage:
        before = see_all(tmp_path / "out")
        asked = stage.simulator.total_answers
        await draw(stage, to="deep/there")
        assert read_tree(tmp_path / "deep" / "there") == read_tree(tmp_path / "out")
        assert see_all(tmp_path / "out") == before
        assert stage.simulator.total_answers == asked
        assert not [each for each in stage.events if isinstance(each, Said)]
        assert not list((tmp_path / "deep").rglob(".tobs*"))
        assert (tmp_path / "deep" / "there").stat().st_mode & 0o777 == 0o700


async def test_options_hold_for_that_folder_alone(tmp_path: Path) -> None:
    async with exported(tmp_path) as stage:
        before = see_all(tmp_path / "out")
        await draw(
            stage,
            to="there",
            format=("markdown", "jsonl"),
            layout="post",
            timezone="Asia/Tokyo",
            keep_deleted="hide",
        )
        assert see_all(tmp_path / "out") == before
        await stage.export(
            *listed_names(stage.world),
            output=tmp_path / "fresh",
            format=("markdown", "jsonl"),
            layout="post",
            timezone="Asia/Tokyo",
            keep_deleted="hide",
        )
        assert read_tree(tmp_path / "there") == read_tree(tmp_path / "fresh")
        assert (await draw(stage)).written == []


@pytest.mark.parametrize("layout", ["month", "day", "post"])
async def test_a_part_says_so_and_no_link_of_it_dangles(tmp_path: Path, layout: str) -> None:
    async with exported(tmp_path) as stage:
        report = await draw(stage, to="part", since="2026-02", until="2026-02", layout=layout)
        notes = {each: (tmp_path / "part" / each).read_text() for each in report.written}
        assert all("\nsince: 2026-02-01\nuntil: 2026-02-28\n" in body for body in notes.values())
        assert "messages from 2026-02-01 to 2026-02-28" in notes["Rowing Club/Rowing Club.md"]
        assert find_dangling(tmp_path / "part") == set()
        days = {each for body in notes.values() for each in re.findall(r"^## (\d.*)", body, re.MULTILINE)}
        assert days
        assert all(each.startswith("2026-02") for each in days)
        shown = sum(len(re.findall(r" \^[gm]\d+$", body, re.MULTILINE)) for body in notes.values())
        assert 0 < shown < query(tmp_path / "out", "SELECT count(*) FROM messages")[0][0]
        [said] = [each.text for each in stage.events if isinstance(each, Said)]
        assert re.fullmatch(
            r"Only a part of the archive is drawn: \d of \d+ chats, messages from 2026-02-01 to 2026-02-28\.",
            said,
        )


async def test_one_chat_is_drawn_again_and_the_others_are_not(tmp_path: Path) -> None:
    async with exported(tmp_path) as stage:
        before = read_tree(tmp_path / "out")
        for note in [*(tmp_path / "out").glob("*/*.md")]:
            note.unlink()
        report = await draw(stage, CLUB)
        assert report.written
        assert all(each.startswith("Rowing Club/") for each in report.written)
        await draw(stage)
        assert read_tree(tmp_path / "out") == before


async def test_options_of_notes_are_said_to_do_nothing_where_there_are_none(tmp_path: Path) -> None:
    async with exported(tmp_path) as stage:
        for options in (("-o", "out"), ("-o", "out", "--to", "there")):
            done = await stage.tobs("render", *options, "--format", "jsonl", "--layout", "day")
            assert done.code == 0, done.err
            assert "--layout says how Markdown notes are written; the format here is jsonl." in done.err
        done = await stage.tobs("render", "-o", "out", "--format", "markdown", "--layout", "day")
        assert (done.code, "--layout says" in done.err) == (0, False)


async def test_what_makes_no_sense_is_refused_in_one_sentence(tmp_path: Path) -> None:
    async with exported(tmp_path) as stage:
        before = see_all(tmp_path / "out")
        with pytest.raises(UsageError, match="change the whole folder"):
            await draw(stage, CLUB, layout="day")
        with pytest.raises(ChatNotFound):
            await draw(stage, "Nobody", to="there")
        with pytest.raises(
            UsageError, match="No archived message of these chats is from 1999-01-01 to 1999-12-31"
        ):
            await draw(stage, to="there", since="1999", until="1999")
        with pytest.raises(UsageError, match="lies in the export folder"):
            await draw(stage, to="out/there")
        assert not (tmp_path / "there").exists()
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "mine.txt").write_text("mine")
        for target in ("full", "full/mine.txt"):
            with pytest.raises(UsageError, match="is not empty"):
                await draw(stage, to=target)
        assert (see_all(tmp_path / "out"), (tmp_path / "full" / "mine.txt").read_text()) == (before, "mine")
        for wrong in (["--since", "2026"], ["--to", "there", "--overwrite"], ["--to", "full"]):
            done = await stage.tobs("render", "-o", "out", *wrong)
            assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 2), done.err
        done = await stage.tobs("render", "-o", "out", "--to", "there", "--chat", CLUB, "--json")
        assert (done.code, json.loads(done.out)["removed"]) == (0, [])
        assert "1 of" in done.err
