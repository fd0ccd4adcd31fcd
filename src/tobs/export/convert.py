"""Has the pictures and videos of chats processed: each content once, the result beside each copy of the original.

It comes when everything else of a run is done, so text never waits for it. One bad file never stops it; a second run
finds what was made, and does nothing again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from weakref import WeakValueDictionary

from tobs._util.atomic import hash_file, open_room
from tobs._util.inside import find_inside
from tobs.core.events import Said
from tobs.core.medianames import name_processed
from tobs.core.model import Chat
from tobs.core.ports.media import MediaStore
from tobs.core.ports.processed import (
    ContentKey,
    Failed,
    Kept,
    Known,
    Made,
    Maker,
    Original,
    Outcome,
    ProcessedCopy,
    ProcessedLedger,
    Recipe,
)
from tobs.core.ports.services import Emit, Pool, TaskPriority
from tobs.core.processing import ProcessKind, judge_kind
from tobs.core.report import ProcessReport
from tobs.core.words import say_count
from tobs.export.beside import ProcessedFiles, plan_copy
from tobs.export.lane import Progress
from tobs.export.pipeline import raising_first
from tobs.export.place import holds, partial_folder, stands

log = logging.getLogger("tobs.export")

CHANGED = Kept("the original was changed", is_lasting=False)


class _Job(NamedTuple):
    """One original that has no result beside it."""

    original: Original
    kind: ProcessKind
    recipe: Recipe

    @property
    def key(self) -> ContentKey:
        return self.original.sha256, self.recipe.options


@dataclass(frozen=True, slots=True)
class ConvertOptions:
    """What is processed; `is_shared`: media stand in one folder for all chats. `width` files are under way at once."""

    kinds: Collection[ProcessKind]
    is_shared: bool
    width: int


class Converter:
    """Processes what stands in an export folder; one for a run, behind everything else."""

    def __init__(
        self,
        root: Path,
        options: ConvertOptions,
        *,
        ledger: ProcessedLedger,
        files: ProcessedFiles,
        maker: Maker,
        store: MediaStore,
        pool: Pool,
        emit: Emit,
    ) -> None:
        self._root = root
        self._options = options
        self._ledger = ledger
        self._files = files
        self._maker = maker
        self._store = store
        self._pool = pool
        self._emit = emit
        self._locks: WeakValueDictionary[ContentKey, asyncio.Lock] = WeakValueDictionary()
        self._under_way: set[asyncio.Task[object]] = set()
        self._promised = 0
        self._stop = asyncio.Event()
        self._report = ProcessReport()

    async def convert(self, chats: Sequence[Chat], report: ProcessReport, stop: asyncio.Event) -> None:
        """Process what messages of these chats carry, and fill in the report.

        `stop` ends videos under way, and the rest after the pictures under way. Raises DiskFull or ForeignFolder; what
        was made before stays.
        """
        self._report, self._stop = report, stop
        together = [chats] if self._options.is_shared and chats else [[each] for each in chats]
        try:
            for scope in together:
                await self._convert_scope(scope)
        finally:
            self._warn()

    async def _convert_scope(self, chats: Sequence[Chat]) -> None:
        total = await self._ledger.count_originals(chats, is_shared=self._options.is_shared)
        name = chats[0].title if len(chats) == 1 else say_count(len(chats), "chat")
        progress = Progress(self._emit, name, total, "process")
        turns = asyncio.Semaphore(self._options.width)
        async with raising_first(), self._cutting_short(), asyncio.TaskGroup() as group:
            async for job in self._list_jobs(chats, progress):
                await turns.acquire()
                group.create_task(self._take(job, turns, progress))

    @asynccontextmanager
    async def _cutting_short(self) -> AsyncIterator[None]:
        """Cancel what takes long and is under way in the block, once the run is told to stop."""

        async def cut() -> None:
            await self._stop.wait()
            for each in self._under_way:
                each.cancel()

        async with asyncio.TaskGroup() as group:
            cutting = group.create_task(cut())
            try:
                yield
            finally:
                cutting.cancel()

    @contextmanager
    def _may_be_cut(self, job: _Job) -> Iterator[None]:
        """Let the block end with the run, if it is a video: pictures take seconds, and cannot be ended."""
        task = asyncio.current_task()
        if task is None or job.kind == "image":
            yield
            return
        self._under_way.add(task)
        if self._stop.is_set():
            task.cancel()  # told while its turn came: nothing long may begin any more
        try:
            yield
        finally:
            self._under_way.discard(task)

    async def _list_jobs(self, chats: Sequence[Chat], progress: Progress) -> AsyncIterator[_Job]:
        """Yield what has no result yet, until the run is told to stop; what needs no work is counted."""
        after = ""
        is_shared = self._options.is_shared
        while originals := await self._ledger.list_originals(chats, is_shared=is_shared, after=after):
            if self._stop.is_set():
                self._report.is_interrupted = True
                return
            waiting = await self._choose(originals)
            progress.tell(len(originals) - len(waiting))
            for each in waiting:
                yield each
            after = originals[-1].path

    async def _choose(self, originals: list[Original]) -> list[_Job]:
        """Return those of the originals that need work."""
        jobs = [
            _Job(each, kind, self._maker.describe(kind))
            for each in originals
            if (kind := judge_kind(each.sent_as, self._options.kinds))
        ]
        known = await self._ledger.find_known({each.key for each in jobs})
        copies = [own for each in jobs if (own := find_own(each.original, known.get(each.key)))]
        standing = await self._pool.run(_list_standing, self._root, copies)
        return [each for each in jobs if not self._is_settled(each, known.get(each.key), standing)]

    def _is_settled(self, job: _Job, known: Known | None, standing: Collection[str]) -> bool:
        """Count an original that needs no work: `standing` are the paths where something is."""
        own = find_own(job.original, known)
        if known and known.state != "made":
            self._count(Kept(known.reason) if known.state == "kept" else Failed(known.reason))
            return True
        is_there = own is not None and own.path in standing
        self._report.there += is_there
        return is_there

    async def _take(self, job: _Job, turns: asyncio.Semaphore, progress: Progress) -> None:
        """Process one original when its turn comes, and count how it went."""
        try:
            if self._stop.is_set():
                self._report.is_interrupted = True
            else:
                await self._process(job)
        except OSError as error:
            self._note(job, Failed(f"it cannot be read: {error.strerror}", is_lasting=False))
        except asyncio.CancelledError:
            self._report.is_interrupted = True
            raise
        finally:
            turns.release()
        progress.tell()

    async def _process(self, job: _Job) -> None:
        """Bring one original to its result: that of the same bytes elsewhere, or a new one."""
        async with self._locks.setdefault(job.key, asyncio.Lock()):
            # Another job may have had the same bytes.
            known = (await self._ledger.find_known([job.key])).get(job.key)
            if self._is_settled(job, known, ()):
                return
            if await self._copy(job, known):
                self._report.copied += 1
                return
            outcome = await self._make(job)
            self._note(job, outcome)
            if not isinstance(outcome, Made) and outcome.is_lasting:
                await self._ledger.note_refused(job.key, outcome)

    async def _copy(self, job: _Job, known: Known | None) -> bool:
        """Give the result of the same bytes a place beside this original, too; tells whether there is one."""
        own = find_own(job.original, known)
        if own:  # somebody removed it
            await self._ledger.drop_copy(own)
        for each in known.copies if known else ():
            await self._store.ensure_space(self._promised + each.size_bytes)
            if each is not own and await self._files.copy(each, job.original):
                return True
        return False

    async def _make(self, job: _Job) -> Outcome:
        """Make the result and give it its place."""
        original = job.original
        source = find_inside(self._root, original.path)
        with self._promising(original.size_bytes):
            await self._store.ensure_space(self._promised)
            whole = (source, original.sha256, original.size_bytes)
            if not await self._pool.run(holds, *whole, priority=TaskPriority.LOW):
                return CHANGED
            target = source.with_name(name_processed(source.name, job.recipe.ending))
            with open_room(target, temp_dir=partial_folder(self._root)) as room:
                with self._may_be_cut(job):
                    outcome = await self._maker.process(source, job.kind, room.path, sha256=original.sha256)
                if isinstance(outcome, Made):
                    result = await self._pool.run(hash_file, room.path, priority=TaskPriority.LOW)
                    made = plan_copy(original, job.recipe, result, outcome.size_bytes)
                    await self._files.put(room, made)
            return outcome

    @contextmanager
    def _promising(self, size_bytes: int) -> Iterator[None]:
        self._promised += size_bytes
        try:
            yield
        finally:
            self._promised -= size_bytes

    def _note(self, job: _Job, outcome: Outcome) -> None:
        if isinstance(outcome, Failed):
            log.warning("%s was not processed: %s", job.original.path, outcome.reason)
        self._count(outcome)

    def _count(self, outcome: Outcome) -> None:
        if isinstance(outcome, Made):
            self._report.made += 1
            self._report.made_bytes += outcome.size_bytes
            return
        counts = self._report.kept if isinstance(outcome, Kept) else self._report.failed
        # What stands behind a colon is of one file.
        reason = outcome.reason.partition(": ")[0]
        counts[reason] = counts.get(reason, 0) + 1

    def _warn(self) -> None:
        failed = Counter(self._report.failed)
        if failed:
            reasons = ", ".join(each for each, _ in failed.most_common(2)) + ", …" * (len(failed) > 2)
            what = say_count(failed.total(), "picture or video", "pictures or videos")
            self._emit(
                Said("warning", f"{what} could not be processed ({reasons}); the originals are complete.")
            )


def find_own(original: Original, known: Known | None) -> ProcessedCopy | None:
    """Return the result that is known to stand beside this very copy of the original."""
    copies = known.copies if known else ()
    place = (original.account, original.chat_id)
    return next((each for each in copies if (each.account, each.chat_id) == place), None)


def _list_standing(root: Path, copies: list[ProcessedCopy]) -> set[str]:
    return {each.path for each in copies if stands(find_inside(root, each.path))}
