"""Puts a repaired archive in the place of a damaged one, which stays beside it.

| killed | what is left | what happens next |
|---|---|---|
| before the new one is named `.repaired` | the damaged archive as it was | repair begins anew |
| after it | both; what opens the archive refuses | repair goes on here |
| after it is in place | the new one, and the damaged one under its new name | nothing |

SQLite would apply the log of the damaged file to the new one: it must be gone before the new one is in place.
"""

from __future__ import annotations

import os
import shutil
from functools import partial
from pathlib import Path

from tobs._util.atomic import said_clearly, save, sync_file, sync_folder
from tobs.archive.connect import beside, repaired_path

_BLOCK_BYTES = 1 << 20


def copy_aside(path: Path, target: Path) -> None:
    """Copy an archive with its log, for its owner alone. Raises DiskFull or ForeignFolder."""
    for source in _list_files(path):
        copy = target if source == path else beside(target, "wal")
        with said_clearly(copy):
            os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            shutil.copyfile(source, copy)


def put_in_place(new: Path, path: Path, aside: str) -> Path:
    """Make `new` the archive at `path`; return the name, ending with `aside`, that the damaged one has now."""
    sync_file(new)
    new.replace(repaired_path(path))
    sync_folder(path.parent)
    return finish_swap(path, aside)


def finish_swap(path: Path, aside: str) -> Path:
    """Do what is left to do once the new archive is named `.repaired`; again and again, if it is interrupted."""
    kept = path.with_name(f"{path.name}.damaged-{aside}")
    with said_clearly(kept):
        for source in _list_files(path):
            target = kept if source == path else beside(kept, "wal")
            if not target.exists():
                _keep(source, target)
        sync_folder(path.parent)
        for suffix in ("wal", "shm"):
            beside(path, suffix).unlink(missing_ok=True)
        sync_folder(path.parent)
        repaired_path(path).replace(path)
        sync_folder(path.parent)
    return kept


def _keep(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a filesystem without links
        with source.open("rb") as file:
            save(target, iter(partial(file.read, _BLOCK_BYTES), b""), mode=0o600)


def _list_files(path: Path) -> list[Path]:
    """Return the archive and its log, as far as there is anything in them."""
    return [each for each in (path, beside(path, "wal")) if each.exists() and each.stat().st_size]
