"""`tobs archive repair`: whatever happens to an archive, what can be read of it is kept, and the rest is asked for again."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from e2e.changes import listed_names
from e2e.stage import Stage, open_stage, query
from e2e.test_crash import rows_of
from e2e.test_verify import CLUB, EDITED, change, edit_and_export
from tobs.app import repairing
from tobs.archive.checks import ArchiveChecks
from tobs.archive.connect import archive_path, beside, find_archive
from tobs.core.repair import RepairReport
from tobs.errors import Damaged
from tobs.simulator.world import WORLDS, World

PAGE = 8192
EDIT = (CLUB, EDITED, "Edited, so that there is an earlier version.")
SEEDS = 2
LONG_SEEDS = 200


def make_world() -> World:
    return WORLDS["small"](1, 200)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with chats of every kind, in which one message was edited between two runs."""
    folder = tmp_path_factory.mktemp("repair")

    async def export() -> None:
        async with open_stage(make_world(), folder) as stage:
            await stage.export(*listed_names(stage.world), output=folder / "out")
            await edit_and_export(stage, folder / "out")

    asyncio.run(export())
    return folder / "out"


@pytest.fixture
def output(exported: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder, to be damaged."""
    return Path(shutil.copytree(exported, tmp_path / "out"))


def spoil_pages(raw: bytearray, choose: random.Random) -> None:
    for _ in range(choose.randint(1, 4)):
        start = choose.randrange(1, len(raw) // PAGE) * PAGE
        raw[start : start + PAGE] = bytes(PAGE)


def spoil_bytes(raw: bytearray, choose: random.Random) -> None:
    for _ in range(choose.randint(1, 40)):
        raw[choose.randrange(len(raw))] ^= choose.randint(1, 255)


def swap_pages(raw: bytearray, choose: random.Random) -> None:
    """A disk that wrote a page to the place of another one."""
    source, target = (choose.randrange(1, len(raw) // PAGE) * PAGE for _ in range(2))
    raw[target : target + PAGE] = raw[source : source + PAGE]


def cut_off(raw: bytearray, choose: random.Random) -> None:
    del raw[int(len(raw) * choose.uniform(0.3, 0.99)) :]


def spoil_head(raw: bytearray, choose: random.Random) -> None:
    raw[: choose.choice((16, 100, 4096, PAGE))] = choose.randbytes(choose.choice((16, 100, 4096, PAGE)))


def spoil_block(raw: bytearray, choose: random.Random) -> None:
    """A sector of a disk that cannot be read any more."""
    start = choose.randrange(len(raw) // 512) * 512
    raw[start : start + 512] = choose.randbytes(512)


KINDS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    spoil_pages, spoil_bytes, swap_pages, cut_off, spoil_head, spoil_block,
)  # fmt: skip


def damage(output: Path, seed: int) -> None:
    choose = random.Random(f"damage {seed}")
    path = archive_path(output)
    raw = bytearray(path.read_bytes())
    KINDS[seed % len(KINDS)](raw, choose)
    path.write_bytes(raw)


async def repair(stage: Stage, output: Path) -> RepairReport:
    return await repairing.run_repair(stage.settings, output, stage.events.append)


def find_damage(output: Path) -> list[str]:
    checks = ArchiveChecks(archive_path(output))
    try:
        return [
            *checks.find_damage(),
            *(each for chat in checks.chats() for each in checks.find_unproved(chat)),
        ]
    finally:
        checks.close()


async def check_story(exported: Path, output: Path, seed: int, folder: Path) -> None:
    """Damage a folder, repair it, export again: it is as it was."""
    damage(output, seed)
    async with open_stage(make_world(), folder) as stage:
        stage.world.edit_message(*EDIT)
        try:
            report = await repair(stage, output)
        except Damaged:
            assert archive_path(output).read_bytes()
            archive_path(output).unlink()
        else:
            assert find_damage(output) == []
            assert report.is_sound or report.damaged_copy
        await stage.export(*listed_names(stage.world), output=output)
        assert rows_of(output) == rows_of(exported)
        assert find_damage(output) == []


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_a_damaged_archive_is_whole_again_after_the_next_export(
    exported: Path, output: Path, tmp_path: Path, seed: int
) -> None:
    await check_story(exported, output, seed, tmp_path)


async def test_a_sound_archive_is_not_touched(output: Path, tmp_path: Path) -> None:
    before = {each.name: each.read_bytes() for each in archive_path(output).parent.glob("archive*")}
    async with open_stage(make_world(), tmp_path) as stage:
        found = await stage.tobs("archive", "repair", "-o", str(output))
    assert (found.code, found.out) == (0, "The archive is sound: nothing was changed.\n")
    assert {each.name: each.read_bytes() for each in archive_path(output).parent.glob("archive*")} == before


async def test_every_command_refuses_a_damaged_archive_and_names_the_way_out(
    output: Path, tmp_path: Path
) -> None:
    raw = bytearray(archive_path(output).read_bytes())
    raw[:100] = b"x" * 100
    archive_path(output).write_bytes(raw)
    async with open_stage(make_world(), tmp_path) as stage:
        for command in (["export", "@rowing_club_demo"], ["render"], ["verify"], ["archive", "info"]):
            found = await stage.tobs(*command, "-o", str(output))
            assert found.code == 12, command
            said = found.out + found.err
            assert "`tobs archive repair`" in said, command
        found = await stage.tobs("archive", "repair", "-o", str(output))
    assert (found.code, found.err) == (0, "")
    assert "file is not a database" in found.out
    assert "The damaged one is kept as .tobs/archive.sqlite.damaged-" in found.out
    assert [each.read_bytes() for each in archive_path(output).parent.glob("archive.sqlite.damaged-*")] == [
        raw
    ]


async def test_an_archive_of_a_newer_version_is_refused_and_left_alone(output: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(archive_path(output))) as connection:
        connection.execute("CREATE TABLE invented_later (id INTEGER) STRICT")
        connection.execute("ALTER TABLE messages ADD COLUMN invented_later TEXT")
        connection.execute("PRAGMA user_version = 99")
    before = archive_path(output).read_bytes()
    async with open_stage(make_world(), tmp_path) as stage:
        found = await stage.tobs("archive", "repair", "-o", str(output))
    assert found.code == 2
    assert "newer version of tobs" in found.err
    assert archive_path(output).read_bytes() == before


async def test_a_folder_without_an_archive_and_one_with_something_else(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        assert (await stage.tobs("archive", "repair", "-o", str(tmp_path / "none"))).code == 2
        path = archive_path(tmp_path / "other")
        path.parent.mkdir(parents=True)
        path.write_bytes(b"A letter to my aunt. " * 1000)
        found = await stage.tobs("archive", "repair", "-o", str(tmp_path / "other"))
        assert found.code == 12
        assert found.err.startswith(f"Nothing in {path} can be read.")
        assert path.read_bytes() == b"A letter to my aunt. " * 1000
        assert [each.name for each in (path.parent / "partial").iterdir()] == []


async def test_an_answer_that_nobody_can_read_is_put_aside_and_what_came_in_it_kept(
    output: Path, tmp_path: Path
) -> None:
    [(answer, raw, low, high)] = query(
        output,
        "SELECT id, raw, low, high FROM responses WHERE chat_id = ? ORDER BY high - low DESC LIMIT 1",
        CLUB,
    )
    change(output, "UPDATE responses SET raw = ? WHERE id = ?", raw[:-9] + bytes(9), answer)
    before = rows_of(output)
    async with open_stage(make_world(), tmp_path) as stage:
        stage.world.edit_message(*EDIT)
        found = await stage.tobs("archive", "repair", "-o", str(output), "--json")
        assert found.code == 3
        report = json.loads(found.out)
        [aside] = report["quarantined"]
        assert (aside["answer"], aside["low"], aside["high"]) == (answer, low, high)
        folder = output / ".tobs" / report["quarantine"]
        assert (folder / f"answer-{answer}.zst").read_bytes() == raw[:-9] + bytes(9)
        assert json.loads((folder / f"answer-{answer}.json").read_bytes()) == aside
        assert report["kept"] > 0
        assert rows_of(output) == before
        proved = await stage.tobs("verify", "-o", str(output), "--json")
        [club] = [each for each in json.loads(proved.out)["chats"] if each["id"] == CLUB]
        assert (proved.code, club["account"]["unbacked"]) == (3, report["kept"])
        await stage.export("@rowing_club_demo", output=output)
        proved = await stage.tobs("verify", "-o", str(output), "--json")
        [club] = [each for each in json.loads(proved.out)["chats"] if each["id"] == CLUB]
        assert (proved.code, club["account"]["unbacked"], club["changes"]["edited"]) == (0, 0, 1)
        assert rows_of(output) == before


async def test_a_torn_log_loses_only_what_stood_in_it(exported: Path, output: Path, tmp_path: Path) -> None:
    path = archive_path(output)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE chats SET title = 'Another title' WHERE id = ?", (CLUB,))
    connection.commit()
    log = beside(path, "wal").read_bytes()
    assert len(log) > PAGE
    shutil.copytree(output, tmp_path / "killed")
    connection.close()
    killed = tmp_path / "killed"
    beside(archive_path(killed), "wal").write_bytes(log[: len(log) // 2])
    beside(archive_path(killed), "shm").unlink()
    async with open_stage(make_world(), tmp_path) as stage:
        assert (await repair(stage, killed)).is_sound
    assert rows_of(killed) == rows_of(exported)


class Cut(BaseException):
    """The process ends here."""


class Cutter:
    """Ends a repair before its nth change of the names of archives."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.seen = 0

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.left is None or event not in {"os.rename", "os.link", "os.remove"}:
            return
        if not any("archive.sqlite" in str(each) for each in arguments):
            return
        self.seen += 1
        if self.seen == self.left:
            raise Cut


CUTTER = Cutter()
sys.addaudithook(CUTTER.hear)


async def test_a_repair_that_ends_anywhere_is_done_by_the_next(
    exported: Path, output: Path, tmp_path: Path
) -> None:
    raw = bytearray(archive_path(output).read_bytes())
    raw[:100] = b"x" * 100
    async with open_stage(make_world(), tmp_path) as stage:
        number, is_whole = 0, False
        while not is_whole:
            number += 1
            folder = tmp_path / f"cut {number}"
            shutil.copytree(output, folder)
            archive_path(folder).write_bytes(raw)
            CUTTER.seen, CUTTER.left = 0, number
            try:
                await repair(stage, folder)
                is_whole = True
            except Cut:
                CUTTER.left = None
                if archive_path(folder).with_name("archive.sqlite.repaired").exists():
                    with pytest.raises(Damaged, match="interrupted"):
                        find_archive(folder)
                await repair(stage, folder)
            finally:
                CUTTER.left = None
            assert rows_of(folder) == rows_of(exported)
            [kept] = {each.read_bytes() for each in archive_path(folder).parent.glob("*.damaged-*")}
            assert kept == raw
            shutil.rmtree(folder)
        assert number > 4


@pytest.mark.long
@pytest.mark.parametrize("seed", range(SEEDS, SEEDS + LONG_SEEDS))
async def test_two_hundred_damaged_archives_are_whole_again(
    exported: Path, output: Path, tmp_path: Path, seed: int
) -> None:
    await check_story(exported, output, seed, tmp_path)
