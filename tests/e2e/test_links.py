"""Links that somebody put into an export folder lead nowhere: nothing outside of it is read, written or removed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from e2e.stage import Stage, open_stage, read_tree
from tobs.app.rendering import run_render
from tobs.app.verifying import run_verify
from tobs.archive.info import archive_info
from tobs.core.choice import MediaChoice
from tobs.core.events import Failed
from tobs.core.request import RenderRequest, VerifyRequest
from tobs.errors import ForeignFolder
from tobs.simulator.corpus import chats, files, people
from tobs.simulator.model import World
from tobs.simulator.stage import Stage as Scene

ALL = MediaChoice()
HALL = "@hall_demo"
PRIVATE = {".tobs", ".tobs/partial", ".tobs/runs", ".tobs/logs", ".tobs/archive.sqlite", ".tobs/lock"}
OPENED = {"open", "os.listdir", "os.scandir", "os.truncate", "os.chmod", "os.utime", "sqlite3.connect"}
NAMED = {"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink"}


def build_hall() -> World:
    """Return a forum with a topic, two photos and a document."""
    scene = Scene(1, datetime(2026, 7, 1, tzinfo=UTC))
    script = scene.channel(
        chats.supergroup(2_000_000_301, "Hall", "hall_demo", forum=True), datetime(2026, 3, 1, tzinfo=UTC)
    )
    script.say(people.ANNA, "In General", media=files.photo_media("hall/1"))
    script.topic = script.act(people.ANNA, types.MessageActionTopicCreate("Games", 0x6FB9F0))
    script.say(people.BEN, "In a topic", media=files.photo_media("hall/2"))
    script.say(people.BEN, media=files.named("rules.txt", "text/plain", 9_000))
    return scene.build()


class Watch:
    """Sees what this process does to files of a folder; made once, since no audit hook can be taken off."""

    def __init__(self) -> None:
        self.folder: str = ""
        self.seen: list[tuple[str, str]] = []
        sys.addaudithook(self._hear)

    @contextmanager
    def over(self, folder: Path) -> Iterator[list[tuple[str, str]]]:
        """Watch a folder while the block runs."""
        self.folder, self.seen = os.path.realpath(folder), []
        try:
            yield self.seen
        finally:
            self.folder = ""

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.folder or event not in OPENED | NAMED:
            return
        follows = event in OPENED
        if event == "open" and isinstance(arguments[2], int):
            follows = not arguments[2] & os.O_NOFOLLOW
        for each in arguments[: 2 if event in {"os.rename", "os.link"} else 1]:
            if isinstance(each, str | bytes | os.PathLike):
                self._note(event, os.fsdecode(each).removeprefix("file:").partition("?")[0], follows=follows)

    def _note(self, event: str, path: str, *, follows: bool) -> None:
        at = Path(path)
        real = os.path.realpath(at) if follows else str(Path(os.path.realpath(at.parent)) / at.name)
        if real == self.folder or real.startswith(self.folder + os.sep):
            self.seen.append((event, path))


@pytest.fixture(scope="session")
def watch() -> Watch:
    return Watch()


def list_places(output: Path) -> list[str]:
    """Return every folder and file that an export has, but SQLite's own beside the archive."""
    found = [str(each.relative_to(output)) for each in output.rglob("*")]
    return sorted(each for each in found if not each.startswith(".tobs") or each in PRIVATE)


def put_link(place: Path, elsewhere: Path, *, dangles: bool) -> None:
    """Put a link where a file or folder is, which is elsewhere now, or nowhere any more."""
    elsewhere.mkdir()
    (elsewhere / ".tobs-tmp-theirs").write_text("theirs")
    target = elsewhere / "target"
    place.rename(target)
    if target.is_dir():
        (target / ".tobs-tmp-theirs").write_text("theirs")
        (target / "photo-77").write_text("theirs")
    place.symlink_to(elsewhere / "nowhere" if dangles else target)


async def use_everything(stage: Stage, output: Path) -> tuple[int, list[str]]:
    """Export, render and verify; returns the exit code of the export, and what was said of errors by all."""
    said = []
    stage.events.clear()
    code = 0
    try:
        code = (await stage.export(HALL, output=output, media=ALL, process=("image",))).exit_code
        said += [each.text for each in stage.events if isinstance(each, Failed)]
    except ForeignFolder as error:
        code, said = error.exit_code, [str(error)]
    for use in (
        lambda: run_render(stage.settings, RenderRequest(output, overwrite=True), stage.events.append),
        lambda: run_verify(stage.settings, VerifyRequest(output), stage.events.append),
    ):
        try:
            await use()
        except ForeignFolder as error:
            said.append(str(error))
    return code, said


def describe(folder: Path) -> dict[str, object]:
    return {
        str(each.relative_to(folder)): each.read_bytes() if each.is_file() else None
        for each in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("dangles", [False, True], ids=["elsewhere", "nowhere"])
async def test_no_link_anywhere_in_the_folder_is_followed(
    tmp_path: Path, watch: Watch, dangles: bool
) -> None:
    async with open_stage(build_hall(), tmp_path) as stage:
        await stage.export(HALL, output=tmp_path / "whole", media=ALL, process=("image",))
        places = list_places(tmp_path / "whole")
        assert {*PRIVATE, "Hall", "Hall/media", "Hall/topics", "Chats.md", "Hall/Hall.md"} <= {*places}
        for number, place in enumerate(places):
            output, elsewhere = tmp_path / f"out{number}", tmp_path / f"elsewhere{number}"
            shutil.copytree(tmp_path / "whole", output)
            is_folder = (output / place).is_dir()
            put_link(output / place, elsewhere, dangles=dangles)
            before = describe(elsewhere)
            with watch.over(elsewhere) as seen:
                code, said = await use_everything(stage, output)
            assert (place, seen) == (place, [])
            assert describe(elsewhere) == before, place
            if is_folder or place in PRIVATE:
                assert code == 2, place
                assert len(said) == 3, place
                assert all(f"{output / place} is a link, and tobs follows none" in each for each in said)
            else:
                assert (place, code, said) == (place, 0, [])
                assert (output / place).is_symlink() is ("/media/" in place or place.endswith(".json"))


async def test_a_link_that_waits_for_a_chat_is_not_followed_either(tmp_path: Path, watch: Watch) -> None:
    async with open_stage(build_hall(), tmp_path) as stage:
        for inside in ("Hall", "Hall/media", "Hall/topics", "Hall/media/2026-03"):
            output, elsewhere = tmp_path / f"out {len(inside)}", tmp_path / f"elsewhere {len(inside)}"
            elsewhere.mkdir()
            (output / inside).parent.mkdir(parents=True)
            (output / inside).symlink_to(elsewhere)
            with watch.over(elsewhere) as seen:
                report = await stage.export(HALL, output=output, media=ALL)
            assert (report.exit_code, seen, [*elsewhere.iterdir()]) == (2, [], [])
            assert f"{output / inside} is a link" in str(report.error)
            assert archive_info(output / ".tobs/archive.sqlite").chats[0].messages == 4


async def test_the_export_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    async with open_stage(build_hall(), tmp_path) as stage:
        await stage.export(HALL, output=tmp_path / "plain", media=ALL)
        (tmp_path / "disk").mkdir()
        (tmp_path / "link").symlink_to("disk")
        assert (await stage.export(HALL, output=tmp_path / "link", media=ALL)).exit_code == 0
        assert (tmp_path / "link").is_symlink()
    assert read_tree(tmp_path / "disk") == read_tree(tmp_path / "plain")


async def test_who_puts_the_folder_back_gets_what_was_not_written(tmp_path: Path) -> None:
    async with open_stage(build_hall(), tmp_path) as stage:
        await stage.export(HALL, output=tmp_path / "plain", media=ALL)
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "out").mkdir()
        (tmp_path / "out/Hall").symlink_to(tmp_path / "elsewhere")
        done = await stage.tobs("export", HALL, "-o", "out", "--media", "all")
        assert (done.code, "Traceback" in done.err) == (2, False)
        assert f"{Path('out/Hall')} is a link, and tobs follows none" in done.out
        assert "the export folder itself may be a link" in done.out
        (tmp_path / "out/Hall").unlink()
        done = await stage.tobs("export", HALL, "-o", "out", "--media", "all")
        assert done.code == 0
    assert read_tree(tmp_path / "out") == read_tree(tmp_path / "plain")
