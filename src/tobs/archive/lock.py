"""One tobs at a time in an export folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tobs._util.atomic import remove_leftovers
from tobs._util.lock import hold_lock
from tobs.archive.connect import FOLDER, refuse_links
from tobs.errors import ForeignFolder

LOCK = "lock"
PARTIAL = "partial"
RUNS = "runs"


@contextmanager
def lock_folder(output: Path) -> Iterator[Path]:
    """Hold the export folder while the block runs; yield its folder for temporary files.

    What is missing is made, for the owner alone (0700), and what a killed run left half written is
    removed. Raises Busy, which says who holds the folder and since when, or ForeignFolder, also when anything of ours
    is a link.
    """
    inner = output / FOLDER
    partial = inner / PARTIAL
    if output.exists() and not output.is_dir():
        raise ForeignFolder(f"{output} is a file, not a folder.", hint="Choose another folder with --output.")
    try:
        refuse_links(output)
        for folder in (output, inner):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ForeignFolder(
            f"The export folder {output} cannot be made or written: {error.strerror}.",
            hint="Choose another folder with --output.",
        ) from error
    with hold_lock(inner / LOCK, f"The export folder {output}"):
        for folder in (partial, inner / RUNS):
            folder.mkdir(mode=0o700, exist_ok=True)
        remove_leftovers(partial, output)
        yield partial
