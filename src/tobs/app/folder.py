"""An export folder under its lock: settings in, archive, reader, pool and projector out, closed in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tobs._util.clock import SystemClock
from tobs._util.pool import Pool
from tobs.app.identity import list_opened, peek_login
from tobs.app.pools import make_pool
from tobs.app.processing import make_transfer
from tobs.app.projection import wanted_projection
from tobs.archive.lock import lock_folder
from tobs.archive.read import ArchiveReader
from tobs.archive.store import SqliteArchive, open_archive
from tobs.core.ports.meter import NO_METER, Meter
from tobs.core.ports.services import Clock, Emit
from tobs.core.request import Projection
from tobs.core.words import say_list
from tobs.errors import SettingError, UsageError
from tobs.export.beside import ProcessedFiles
from tobs.export.project import Projector
from tobs.export.shelf import Shelf
from tobs.media.store import DiskStore
from tobs.media.transfer import Transfer
from tobs.monitoring.logfile import log_to_folder
from tobs.settings import Settings, list_secrets
from tobs.telegram.client import LIBRARY
from tobs.writers.registry import make_retired, make_writers


@dataclass(slots=True)
class OpenFolder:
    """An export folder under its lock, with everything that reads and writes it."""

    output: Path
    archive: SqliteArchive
    reader: ArchiveReader
    pool: Pool
    store: DiskStore
    transfer: Transfer

    def processed_files(self) -> ProcessedFiles:
        """Return what keeps processed pictures and videos beside their originals."""
        return ProcessedFiles(self.output, self.archive.processed, self.transfer, self.pool)

    def projector(self, projection: Projection, emit: Emit, meter: Meter = NO_METER) -> Projector:
        """Return what keeps the folder's files equal to its archive."""
        writers, retired = make_writers(self.reader, projection), make_retired(self.reader, projection)
        shelf = Shelf(
            self.output,
            self.archive.shelf,
            self.store,
            self.transfer,
            self.pool,
            projection,
            self.processed_files(),
        )
        return Projector(
            self.output, self.archive.ledger, self.reader, writers, retired, self.pool, emit, shelf, meter
        )


@asynccontextmanager
async def open_folder(
    output: Path, settings: Settings, clock: Clock | None = None
) -> AsyncIterator[OpenFolder]:
    """Lock an export folder and open what reads and writes it, made or migrated if need be.

    Raises Busy, ForeignFolder, NewerArchive, Damaged or DiskFull.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(lock_folder(output))
        unlogged = stack.enter_context(
            log_to_folder(
                output / ".tobs" / "logs",
                level=settings.log_level,
                secrets=[*list_secrets(settings), *_list_phones(settings)],
                interval_seconds=settings.log_batch_interval,
                clock=clock or SystemClock(),
            )
        )
        archive = await open_archive(output, library=LIBRARY)
        archive.warnings += [unlogged] if unlogged else []
        stack.push_async_callback(archive.close)
        reader = ArchiveReader(archive.path)
        stack.callback(reader.close)
        # Closed first: after a second Ctrl+C its threads may still be reading.
        pool = make_pool(settings)
        store = DiskStore(output, pool, min_free_bytes=settings.min_free_space)
        stack.callback(store.close)
        stack.push_async_callback(pool.close)
        await store.sweep(archive.media.find_needed)
        yield OpenFolder(output, archive, reader, pool, store, make_transfer(settings, pool))


def _list_phones(settings: Settings) -> Iterator[str]:
    """Yield the phone numbers of the accounts that are logged in: no setting has to name them."""
    for each in list_opened(settings):
        if login := peek_login(each):  # what is wrong with one is said where it is used
            yield login.phone


async def choose_projection(
    archive: SqliteArchive, settings: Settings, *, zone: str | None = None, may_change: bool = True
) -> Projection:
    """Return the folder's options; those that are set, and `zone`, are kept from now on.

    Raises SettingError when TIMEZONE names another zone than the folder has, and `zone` none, and UsageError when an
    option is set otherwise than it `may_change`.
    """
    kept = await archive.keep_projection(wanted_projection(settings))
    if settings.timezone and not zone and kept.zone != settings.timezone:
        raise SettingError(
            f"This folder shows dates in {kept.zone}, not in {settings.timezone}.",
            hint=f"`tobs render --timezone {settings.timezone}` changes it and draws all notes again.",
        )
    wanted = change_projection(kept, settings, zone=zone)
    if wanted != kept and not may_change:
        raise UsageError(
            "--format, --layout, --flavor, --timezone, --keep-deleted and --show-edits change the whole folder, and --chat names a part of it.",
            hint="Leave --chat out, or draw the chats elsewhere with --to.",
        )
    if gone := [each for each in kept.formats if each not in wanted.formats]:
        archive.warnings.append(_say_retired(gone, wanted.formats))
    if unused := say_unused(settings, wanted.formats):
        archive.warnings.append(unused)
    return kept if wanted == kept else await archive.set_projection(wanted)


def say_unused(settings: Settings, formats: Sequence[str]) -> str:
    """Return a sentence about options of notes that are set where there are none, or nothing."""
    given = [name for name in ("layout", "flavor") if getattr(settings, name)]
    if not given or "markdown" in formats:
        return ""
    named = say_list([f"--{each}" for each in given])
    return f"{named} {'say' if len(given) > 1 else 'says'} how Markdown notes are written; the format here is {say_list(formats)}."


def _say_retired(gone: Sequence[str], formats: Sequence[str]) -> str:
    both = " ".join(f"--format {each}" for each in (*gone, *formats))
    return (
        f"The whole folder is {say_list(formats)} from now on: its files of {say_list(gone)} are removed, but for those"
        f" that you changed. `{both}` has both."
    )


def change_projection(kept: Projection, settings: Settings, *, zone: str | None) -> Projection:
    """Return options with those that are set in place of the kept ones."""
    return replace(
        kept,
        zone=zone or kept.zone,
        keep_deleted=settings.keep_deleted or kept.keep_deleted,
        show_edits=kept.show_edits if settings.show_edits is None else settings.show_edits,
        comments=kept.comments if settings.comments is None else settings.comments,
        formats=settings.format or kept.formats,
        layout=settings.layout or kept.layout,
        flavor=settings.flavor or kept.flavor,
        media_layout=settings.media_layout or kept.media_layout,
    )
