"""Commands that only read leave an export folder as they found it, whoever else is in it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from e2e.stage import open_stage
from tobs.archive.connect import archive_path, connect_writer
from tobs.archive.holdings import read_holdings
from tobs.archive.still import keep_still, read_still
from tobs.cli import main
from tobs.errors import Busy
from tobs.simulator.world import BENCH_CHAT, WORLDS

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
NOBODY = 65534


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return folders as a run leaves them that ended, and that was killed; and a copy of that one without the index."""
    place = tmp_path_factory.mktemp("still")

    async def export() -> None:
        async with open_stage(WORLDS["bench"](1, 1_500), place) as stage:
            await stage.export(BENCH_CHAT, output=place / "ended")
            process = await stage.start("export", BENCH_CHAT, "-o", str(place / "killed"))
            before = stage.simulator.counts["messages.getHistory"]

            def kill(method: str, _total: int) -> None:
                if method == "messages.getHistory" and stage.simulator.counts[method] - before == 12:
                    process.kill()

            stage.answered.append(kill)
            assert await process.wait() == -signal.SIGKILL

    asyncio.run(export())
    shutil.copytree(place / "killed", place / "copied", ignore=shutil.ignore_patterns("*-shm", "lock*"))
    found = {name: place / name for name in ("ended", "killed", "copied")}
    assert {name: sorted(each.name[15:] for each in (path / ".tobs").glob("archive.sqlite-*")) for name, path in found.items()} == {
        "ended": [], "killed": ["shm", "wal"], "copied": ["wal"]
    }  # fmt: skip
    return found


def photograph(output: Path) -> dict[str, bytes | None]:
    """Return every path of a folder with its bytes, but for who held the lock last: that goes with the lock."""
    return {
        str(each.relative_to(output)): each.read_bytes() if each.is_file() else None
        for each in sorted(output.rglob("*"))
        if each.name != "lock.owner"
    }


def run_all(output: Path, capsys: pytest.CaptureFixture[str]) -> list[tuple[int, str]]:
    """Return how the commands end that only read."""
    capsys.readouterr()
    ends = []
    for command in ("archive info", "verify"):
        code = main([*command.split(), "-o", str(output)])
        said = capsys.readouterr()
        ends.append((code, said.out + said.err))
    return ends


@pytest.mark.parametrize("name", ["ended", "killed", "copied"])
def test_reading_leaves_the_folder_as_it_was(
    folders: dict[str, Path], name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = Path(shutil.copytree(folders[name], tmp_path / "out"))
    before = photograph(output)
    [(info, _), (verified, certificate)] = run_all(output, capsys)
    assert info == 0
    assert verified == (0 if name == "ended" else 3), certificate
    stored = sum(read_holdings(archive_path(output)).messages.values())
    assert stored == 1_500 if name == "ended" else 0 < stored < 1_500
    assert photograph(output) == before


@pytest.fixture
def guarded(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, int], Path]]:
    """Copy a folder to where everybody may go, and let its owner do no more than `mode`."""
    place = Path(tempfile.mkdtemp(prefix="tobs-test-"))
    place.chmod(0o755)
    monkeypatch.setenv("TOBS_HOME", str(place / "home"))
    monkeypatch.setenv("TOBS_DECODE_PROCESSES", "0")

    def guard(name: str, mode: int) -> Path:
        output = Path(shutil.copytree(folders[name], place / "out"))
        for each in (output, *output.rglob("*")):
            if os.geteuid() == 0:
                os.chown(each, NOBODY, NOBODY)
            each.chmod(mode if each.is_dir() else mode & 0o666)
        return output

    yield guard
    for each in (place, *place.rglob("*")):
        each.chmod(0o700)
    shutil.rmtree(place)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be somebody whom modes hold back."""
    is_root = os.geteuid() == 0
    if is_root:
        os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        if is_root:
            os.setresuid(0, 0, 0)


@posix
@pytest.mark.parametrize("name", ["ended", "killed"])
def test_a_folder_that_may_only_be_read_is_read(
    guarded: Callable[[str, int], Path],
    name: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = guarded(name, 0o555)
    before = photograph(output)
    with as_nobody():
        [(info, _), (verified, certificate)] = run_all(output, capsys)
    assert (info, verified) == (0, 0 if name == "ended" else 3), certificate
    assert photograph(output) == before


@posix
@pytest.mark.parametrize(("name", "mode"), [("ended", 0o000), ("copied", 0o555)])
def test_a_folder_that_cannot_be_read_costs_a_sentence(
    guarded: Callable[[str, int], Path],
    name: str,
    mode: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = guarded(name, mode)
    with as_nobody():
        ends = run_all(output, capsys)
    for code, said in ends:
        assert code == 2, said
        assert "cannot be" in said
        assert "the permissions of the folder" in said
        assert "Traceback" not in said


def add_run(writer: sqlite3.Connection, name: str) -> None:
    writer.execute("INSERT INTO runs VALUES (?, '{}')", (name,))


def list_runs(reader: sqlite3.Connection) -> set[str]:
    return {name for (name,) in reader.execute("SELECT start_time FROM runs")}


def test_a_run_that_begins_while_somebody_reads_is_read_too(folders: dict[str, Path], tmp_path: Path) -> None:
    path = archive_path(Path(shutil.copytree(folders["ended"], tmp_path / "out")))
    with closing(connect_writer(path)) as writer:

        def ask(reader: sqlite3.Connection) -> set[str]:
            found = list_runs(reader)
            add_run(writer, f"run {len(found)}")
            return found

        assert "run 1" in read_still(path, ask)


def test_who_reads_to_the_end_of_a_run_leaves_nothing_of_its_log(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    path = archive_path(Path(shutil.copytree(folders["ended"], tmp_path / "out")))
    writer = connect_writer(path)
    add_run(writer, "first")
    asked = []

    def ask(reader: sqlite3.Connection) -> set[str]:
        found = list_runs(reader)
        asked.append(found)
        add_run(writer, f"run {len(asked)}")
        if len(asked) == 2:
            writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            writer.close()
        return found

    assert {"first", "run 1"} <= read_still(path, ask)
    assert len(asked) == 2
    assert list(path.parent.glob("archive.sqlite-*")) == []
    assert "run 2" in read_still(path, list_runs)


def test_who_wrote_without_the_lock_is_noticed(folders: dict[str, Path], tmp_path: Path) -> None:
    output = Path(shutil.copytree(folders["copied"], tmp_path / "out"))
    writer = connect_writer(archive_path(output))
    with pytest.raises(Busy, match="was written while it was read"), keep_still(output):
        add_run(writer, "meanwhile")
    writer.close()
