from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from archive.conftest import Query
from archive.rows import LIBRARY, TEAM, commit, row
from tobs.archive.connect import archive_path
from tobs.archive.info import archive_info
from tobs.archive.lock import lock_folder
from tobs.archive.migrate import APPLICATION_ID, Migration, migrate, newest_version, shipped_migrations
from tobs.archive.read import ArchiveReader
from tobs.archive.store import SqliteArchive, open_archive
from tobs.core.ports.ledger import Placed
from tobs.core.report import ChatReport, RunReport
from tobs.core.request import Projection
from tobs.errors import Busy, Damaged, DiskFull, ForeignFolder, NewerArchive

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")

_KILLED = """
import asyncio, os, signal
from pathlib import Path
from archive.rows import TEAM, commit, row
from tobs.archive.store import open_archive
from tobs.core.ranges import Range

async def main():
    archive = await open_archive(Path({output!r}), library="test")
    chat = await archive.add_chat(TEAM)
    for page in range(5):
        await commit(archive, chat, [row(page * 2 + 1), row(page * 2 + 2)], covers=Range(page * 2 + 1, page * 2 + 2))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@posix
async def test_the_archive_is_private_from_its_first_byte(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        archive = await open_archive(tmp_path, library=LIBRARY)
        chat = await archive.add_chat(TEAM)
        await commit(archive, chat, [row(1)])
        modes = {each.name: _mode(each) for each in archive.path.parent.iterdir()}
        await archive.close()
    finally:
        os.umask(before)

    assert modes == dict.fromkeys(("archive.sqlite", "archive.sqlite-wal", "archive.sqlite-shm"), 0o600)
    assert _mode(archive.path.parent) == 0o700
    assert archive.warnings == []


@posix
async def test_loosened_modes_are_repaired_and_reported(tmp_path: Path) -> None:
    await (await open_archive(tmp_path, library=LIBRARY)).close()
    path = archive_path(tmp_path)
    path.chmod(0o644)
    path.parent.chmod(0o755)

    archive = await open_archive(tmp_path, library=LIBRARY)
    await archive.close()

    assert (_mode(path), _mode(path.parent)) == (0o600, 0o700)
    assert [each.split(" could ")[0] for each in archive.warnings] == [str(path.parent), str(path)]


async def test_a_closed_archive_is_one_file(archive: SqliteArchive) -> None:
    await archive.close()
    await archive.close()
    assert [each.name for each in archive.path.parent.iterdir()] == ["archive.sqlite"]


async def test_a_killed_process_loses_no_committed_page(tmp_path: Path) -> None:
    script = _KILLED.format(output=str(tmp_path))
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", script, env=env)
    assert await killed.wait() == -signal.SIGKILL

    archive = await open_archive(tmp_path, library=LIBRARY)
    try:
        assert (
            await commit(archive, await archive.add_chat(TEAM), [row(each) for each in range(1, 11)])
        ).same == 10
    finally:
        await archive.close()


async def test_each_migration_runs_once_and_leaves_a_copy_of_what_was(tmp_path: Path) -> None:
    first = shipped_migrations()
    later = [
        *first,
        Migration(2, "CREATE TABLE two (a INTEGER) STRICT;"),
        Migration(3, "DROP TABLE two;\nCREATE TABLE three (a) ;"),
    ]
    archive = await open_archive(tmp_path, library=LIBRARY, migrations=first)
    await commit(archive, await archive.add_chat(TEAM), [row(1)])
    await archive.close()

    copies = migrate(archive.path, later)
    assert [each.name for each in copies] == ["archive.sqlite.before-002", "archive.sqlite.before-003"]
    assert migrate(archive.path, later) == []
    with closing(sqlite3.connect(archive.path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)
        assert connection.execute("SELECT id FROM messages, three").fetchall() == []
    assert archive_info(copies[0]).chats[0].messages == 1
    if os.name != "nt":
        assert _mode(copies[0]) == 0o600


async def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    await (await open_archive(tmp_path, library=LIBRARY)).close()
    path = archive_path(tmp_path)
    broken = [*shipped_migrations(), Migration(2, "CREATE TABLE two (a);\nINSERT INTO nowhere VALUES (1);")]

    with pytest.raises(sqlite3.OperationalError):
        migrate(path, broken)
    assert archive_info(path).schema_version == 1
    await (await open_archive(tmp_path, library=LIBRARY)).close()


@pytest.mark.parametrize(
    ("pragmas", "error", "saying"),
    [
        (
            f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 99",
            NewerArchive,
            "newer version",
        ),
        ("PRAGMA application_id = 7", ForeignFolder, "another program"),
        ("CREATE TABLE theirs (a)", ForeignFolder, "another program"),
    ],
)
async def test_what_is_not_ours_is_never_touched(
    tmp_path: Path, pragmas: str, error: type[Exception], saying: str
) -> None:
    path = archive_path(tmp_path)
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(pragmas)
    with pytest.raises(error, match=saying):
        await open_archive(tmp_path, library=LIBRARY)
    with pytest.raises(error, match=saying):
        ArchiveReader(path)


async def test_a_file_that_is_no_database_is_damage(tmp_path: Path) -> None:
    path = archive_path(tmp_path)
    path.parent.mkdir()
    path.write_bytes(b"no database " * 1000)
    with pytest.raises(Damaged, match="cannot be read"):
        await open_archive(tmp_path, library=LIBRARY)
    with pytest.raises(ForeignFolder):
        archive_info(tmp_path / "nowhere.sqlite")


async def test_a_damaged_page_of_the_file_is_said(archive: SqliteArchive) -> None:
    chat = await archive.add_chat(TEAM)
    await commit(archive, chat, [row(each, "words " * 20) for each in range(1, 400)])
    await archive.close()
    content = bytearray(archive.path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    archive.path.write_bytes(content)

    with closing(ArchiveReader(archive.path)) as reader, pytest.raises(Damaged, match="cannot be read"):
        reader.message(chat, 1)


async def test_a_full_disk_is_said_and_what_was_committed_stays(archive: SqliteArchive, query: Query) -> None:
    chat = await archive.add_chat(TEAM)
    await commit(archive, chat, [row(1)])
    await archive._writer.run(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchall())
    results = await asyncio.gather(
        *(
            commit(archive, chat, [row(page * 100 + each, "words " * 100) for each in range(100)])
            for page in range(2, 5)
        ),
        return_exceptions=True,
    )
    assert {type(each) for each in results} == {DiskFull}

    await archive._writer.run(
        lambda connection: connection.execute("PRAGMA max_page_count = 99999").fetchall()
    )
    assert (await commit(archive, chat, [row(1), row(2)])).same == 1
    assert query("SELECT id FROM messages") == [(1,), (2,)]


async def test_a_closed_archive_takes_no_work(archive: SqliteArchive) -> None:
    await archive.close()
    with pytest.raises(RuntimeError, match="not open"):
        await archive.add_chat(TEAM)


def test_the_folder_belongs_to_one_tobs_at_a_time(tmp_path: Path) -> None:
    output = tmp_path / "export"
    with (
        lock_folder(output),
        pytest.raises(Busy, match=rf"in use by another tobs \(process {os.getpid()} on .+, since "),
        lock_folder(output),
    ):
        pass
    with lock_folder(output) as partial:
        assert partial == output / ".tobs" / "partial"
        assert os.name == "nt" or _mode(partial.parent) == 0o700


def test_leftovers_of_a_killed_run_go_when_the_folder_is_locked(tmp_path: Path) -> None:
    with lock_folder(tmp_path) as partial:
        (partial / ".tobs-tmp-0").write_bytes(b"h")
        (tmp_path / ".tobs-tmp-1").write_bytes(b"h")
        (tmp_path / "mine.md").write_bytes(b"m")
    with lock_folder(tmp_path) as partial:
        assert list(partial.iterdir()) == []
        assert sorted(each.name for each in tmp_path.iterdir()) == [".tobs", "mine.md"]


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ForeignFolder, match="cannot be made"), lock_folder(tmp_path / "file" / "export"):
        pass


async def test_the_first_projection_stays(archive: SqliteArchive) -> None:
    assert await archive.keep_projection(Projection("Europe/Berlin", 10)) == Projection("Europe/Berlin", 10)
    assert await archive.keep_projection(Projection("UTC")) == Projection("Europe/Berlin", 10)


async def test_a_run_is_stored_and_replaced_by_its_start(archive: SqliteArchive, query: Query) -> None:
    report = RunReport(1, "0.1", "2026-03-14T09:00:00Z", chats=[ChatReport(1, "Team")])
    await archive.save_run(report)
    report.exit_code = 3
    await archive.save_run(report)
    assert query("SELECT start_time, report ->> '$.exit_code', report ->> '$.chats[0].title' FROM runs") == [
        ("2026-03-14T09:00:00Z", 3, "Team")
    ]


async def test_the_ledger_remembers_files_and_whom_they_show(archive: SqliteArchive) -> None:
    team = await archive.add_chat(TEAM)
    note = Placed("Team chat/a.md", "markdown", 0, team.id, "2026-03", "", "hash", frozenset({1, 2}))
    index = Placed("Chats.md", "markdown", 0, 0, "index", "i", "i", frozenset())
    await archive.ledger.expect_file(note)
    await archive.ledger.confirm_file(index)
    assert await archive.ledger.placed(team) == [note]

    note = Placed("Team chat/a.md", "markdown", 0, team.id, "2026-03", "hash", "hash", frozenset({2}))
    await archive.ledger.confirm_file(note)
    assert await archive.ledger.placed(team) == [note]
    assert await archive.ledger.placed(None) == [index]

    await archive.ledger.forget_file("Team chat/a.md")
    assert await archive.ledger.placed(team) == []


def test_migrations_are_numbered_without_a_hole() -> None:
    assert [each.number for each in shipped_migrations()] == [*range(1, newest_version() + 1)]
