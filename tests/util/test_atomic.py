from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tobs._util.atomic import PREFIX, _put_in_place, remove_leftovers, save
from tobs.errors import DiskFull, ForeignFolder

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes and links")

_KILLED = """
import os, signal
from pathlib import Path
from tobs._util.atomic import save

def parts():
    yield b"new " * 100_000
    os.kill(os.getpid(), signal.SIGKILL)

save(Path({target!r}), parts(), temp_dir=Path({partial!r}))
"""


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=6), st.booleans())
def test_what_is_saved_is_what_is_read(parts: list[bytes], has_old_file: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "deep" / "down" / "note.md"
        if has_old_file:
            save(target, b"old")
        save(target, parts)
        assert target.read_bytes() == b"".join(parts)
        assert [each.name for each in target.parent.iterdir()] == ["note.md"]


@pytest.mark.parametrize("partial", ["partial", "missing"])
def test_a_killed_save_leaves_the_old_file_and_a_leftover(tmp_path: Path, partial: str) -> None:
    (tmp_path / "partial").mkdir()
    target = tmp_path / "export" / "note.md"
    save(target, b"old")
    script = _KILLED.format(target=str(target), partial=str(tmp_path / partial))
    killed = subprocess.run([sys.executable, "-c", script], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert target.read_bytes() == b"old"
    (leftover,) = remove_leftovers(tmp_path / "partial", tmp_path / "export")
    assert leftover.parent == (tmp_path / "partial" if partial == "partial" else target.parent)
    assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == ["note.md"]


def test_parts_that_fail_leave_nothing_behind(tmp_path: Path) -> None:
    def parts() -> Iterator[bytes]:
        yield b"half"
        raise ValueError("no more")

    save(tmp_path / "note.md", b"old")
    with pytest.raises(ValueError, match="no more"):
        save(tmp_path / "note.md", parts(), temp_dir=tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["note.md"]
    assert (tmp_path / "note.md").read_bytes() == b"old"


def test_a_full_disk_is_said_and_the_old_file_stays(tmp_path: Path) -> None:
    def parts() -> Iterator[bytes]:
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")

    save(tmp_path / "note.md", b"old")
    with pytest.raises(DiskFull, match=r"No space is left to write .*note\.md"):
        save(tmp_path / "note.md", parts())
    assert (tmp_path / "note.md").read_bytes() == b"old"


def test_another_failure_of_the_system_passes_as_it_is(tmp_path: Path) -> None:
    def parts() -> Iterator[bytes]:
        yield b"half"
        raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"):
        save(tmp_path / "note.md", parts())


def test_a_folder_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "note.md").mkdir()
    with pytest.raises(ForeignFolder, match="cannot be written"):
        save(tmp_path / "note.md", b"text")
    assert [each.name for each in tmp_path.iterdir()] == ["note.md"]


def test_a_file_where_a_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "chat").write_bytes(b"")
    with pytest.raises(ForeignFolder, match="cannot be written"):
        save(tmp_path / "chat" / "note.md", b"text")


@posix
def test_the_mode_is_narrow_from_the_first_byte(tmp_path: Path) -> None:
    seen: list[int] = []

    def parts() -> Iterator[bytes]:
        seen.extend(_mode(each) for each in tmp_path.iterdir())
        yield b"secret"

    before = os.umask(0)
    try:
        save(tmp_path / "session", parts(), mode=0o600)
    finally:
        os.umask(before)
    assert [*seen, _mode(tmp_path / "session")] == [0o600, 0o600]


@posix
def test_a_link_is_replaced_and_never_written_through(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"theirs")
    link = tmp_path / "note.md"
    link.symlink_to(elsewhere)
    save(link, b"ours")
    assert (link.is_symlink(), link.read_bytes(), elsewhere.read_bytes()) == (False, b"ours", b"theirs")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another device."""
    folders = (Path("/dev/shm"), Path("/tmp"), Path(__file__).parent)  # noqa: S108 - only the device matters
    devices = (each for each in folders if each.is_dir() and each.stat().st_dev != tmp_path.stat().st_dev)
    other = next(devices, None)
    if other is None:
        pytest.skip("no second filesystem here")
    with tempfile.TemporaryDirectory(dir=other) as folder:
        yield Path(folder)


def test_a_temporary_folder_on_another_device_is_not_used(tmp_path: Path, elsewhere: Path) -> None:
    seen: list[bool] = []

    def parts() -> Iterator[bytes]:
        seen.extend(each.name.startswith(PREFIX) for each in tmp_path.iterdir())
        yield b"text"

    save(tmp_path / "note.md", parts(), temp_dir=elsewhere)
    assert seen == [True]
    assert (tmp_path / "note.md").read_bytes() == b"text"


def test_what_cannot_be_renamed_across_mounts_is_copied_whole(tmp_path: Path, elsewhere: Path) -> None:
    (elsewhere / "whole").write_bytes(b"text" * 1000)
    _put_in_place(elsewhere / "whole", tmp_path / "note.md", 0o600)
    assert (tmp_path / "note.md").read_bytes() == b"text" * 1000
    assert list(elsewhere.iterdir()) == []


def test_leftovers_go_and_everything_else_stays(tmp_path: Path) -> None:
    partial = tmp_path / ".tobs" / "partial"
    kept = [
        tmp_path / "a.md",
        tmp_path / "chat" / "b.md",
        tmp_path / ".git" / f"{PREFIX}c",
        partial / "photo-1",
    ]
    gone = [partial / f"{PREFIX}0", tmp_path / "chat" / f"{PREFIX}1", tmp_path / f"{PREFIX}2"]
    for each in (*kept, *gone):
        each.parent.mkdir(parents=True, exist_ok=True)
        each.write_bytes(b"x")

    assert sorted(remove_leftovers(partial, tmp_path)) == sorted(gone)
    assert all(each.exists() for each in kept)
    assert remove_leftovers(tmp_path / "nowhere", tmp_path / "nowhere") == []
