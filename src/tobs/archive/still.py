"""Reading an archive without leaving a trace: nothing in its folder is made, changed or left behind."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import TypeVar

from tobs._util.lock import hold_lock
from tobs.archive.connect import FOLDER, archive_path, beside, connect_reader, lacks_index, refuse_links
from tobs.archive.faults import said_clearly
from tobs.archive.lock import LOCK
from tobs.errors import Busy, TobsError

T = TypeVar("T")


def read_still(path: Path, ask: Callable[[sqlite3.Connection], T]) -> T:
    """Return what `ask` finds in the archive at `path`, as `open_still` does. Raises Damaged, ForeignFolder or Busy."""

    def connect(is_still: bool) -> T:
        with said_clearly(path), closing(connect_reader(path, is_still=is_still)) as connection:
            return ask(connection)

    return open_still(path, connect)


def open_still(path: Path, ask: Callable[[bool], T]) -> T:
    """Return what `ask(is_still)` finds with readers of its own, also while another tobs writes into the archive.

    It is asked once more when the archive was written meanwhile. Raises Damaged, ForeignFolder or Busy.
    """
    refuse_links(path.parent.parent)
    if lacks_index(path):
        with keep_still(path.parent.parent):
            return ask(True)
    before = _look(path)
    try:
        found = ask(True)
    except TobsError:
        if _look(path) == before:
            raise
    else:
        if _look(path) == before:
            return found
    found = ask(False)
    _tidy(path)
    return found


@contextmanager
def keep_still(output: Path) -> Iterator[None]:
    """Keep every other tobs from writing into an export folder while the block reads its archive.

    Where no lock can be taken, because this account may not write or because no tobs ever worked there, it is looked
    at the end whether somebody wrote. Raises Busy.
    """
    path, lock = archive_path(output), output / FOLDER / LOCK
    can_lock = os.access(lock.parent, os.W_OK) and os.access(lock, os.R_OK | os.W_OK)
    before, is_bare = _look(path), lacks_index(path)
    with hold_lock(lock, f"The export folder {output}") if can_lock else nullcontext():
        try:
            yield
        finally:
            # A reader makes the index of a log that somebody else left behind, and cannot remove it.
            if is_bare and (can_lock or not lock.exists()):
                beside(path, "shm").unlink(missing_ok=True)
        if _look(path) != before:
            raise Busy(
                f"The archive {path} was written while it was read.",
                hint="Run the command again when nothing writes there.",
            )


def _look(path: Path) -> list[tuple[int, int]]:
    """Return what changes whenever somebody writes: time and size of the file and of its log."""
    found = [each.stat() for each in (path, beside(path, "wal")) if each.exists()]
    return [(each.st_mtime_ns, each.st_size) for each in found]


def _tidy(path: Path) -> None:
    """Let SQLite remove the log's files when the writer has gone first: who only reads cannot."""
    log = beside(path, "wal")
    if log.exists() and not log.stat().st_size and os.access(path, os.W_OK):
        address = f"{path.absolute().as_uri()}?mode=rw"
        with said_clearly(path), closing(sqlite3.connect(address, uri=True)) as connection:
            connection.execute("PRAGMA schema_version").fetchall()
