"""The media lane: downloads what rows want, beside the text and never in its way.

Files come in batches of a hundred, which are located together. Of each data centre a few are downloaded at once, small
and large ones in queues of their own, as Telegram's own apps do it. A file that cannot be had is a row with its
reason and stops nothing. Nor does one over which connections break: it takes others with it that are just under way, so
all of them come again behind the rest, each alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tobs.core.choice import MediaChoice
from tobs.core.events import Progressed, Stage
from tobs.core.model import Chat
from tobs.core.ports.files import FileLimits, FileSource, Located
from tobs.core.ports.media import MediaLedger, WantedFile
from tobs.core.ports.meter import NO_METER, Meter
from tobs.core.ports.services import Clock, Emit
from tobs.core.report import ChatReport, MediaTally, RunReport
from tobs.errors import FileUnavailable, NetworkError, Stopped, TobsError, Unanswered
from tobs.export.download import Downloader
from tobs.export.pipeline import raising_first
from tobs.export.remote import Remote, locate_files
from tobs.export.stopwatch import Stopwatch
from tobs.export.throttle import Throttle

log = logging.getLogger("tobs.export")

BATCH = 100
"""How many files are located at once, and how many may wait for their turn with an address that grows old."""


MOST_UNANSWERED = 20
"""Over how many files in a row connections may break until that says something of the network."""


@dataclass(slots=True)
class Progress:
    """How many files of a chat have come to an end, told as they do."""

    emit: Emit
    name: str
    total: int
    stage: Stage
    throttle: Throttle | None = None
    done: int = 0
    size_bytes: int = 0

    def tell(self, count: int = 1, size_bytes: int = 0) -> None:
        """Tell of so many more, of which so many bytes came."""
        if count:
            self.done += count
            self.size_bytes += size_bytes
            self.total = max(self.total, self.done)
            share = round(100 * self.done / self.total, 1)
            in_flight, allowed = (self.throttle.in_flight, self.throttle.limit) if self.throttle else (0, 0)
            self.emit(
                Progressed(
                    self.name, self.done, self.total, self.stage, share, in_flight, allowed, self.size_bytes
                )
            )


class MediaLane:
    """Downloads the files of chats. `begun`: files that failed since then (UTC seconds) are left to the next run."""

    def __init__(
        self,
        source: FileSource,
        ledger: MediaLedger,
        downloader: Downloader,
        clock: Clock,
        emit: Emit,
        meter: Meter = NO_METER,
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._downloader = downloader
        self._clock = clock
        self._emit = emit
        self._stopwatch = Stopwatch(clock, meter)
        self._begun = clock.now()
        self._limits = FileLimits()
        self._knows_limits = False
        self._queues: dict[tuple[int, bool], asyncio.Semaphore] = {}
        self._waiting = asyncio.Semaphore(BATCH)
        self._aside: list[Remote] = []
        self._unanswered = 0

    async def keep_choice(self, choice: MediaChoice) -> None:
        """Remember what is chosen: notes name it as the reason for what is not here."""
        await self._ledger.keep_choice(choice)

    async def count(self, report: ChatReport) -> MediaTally:
        """Return what became of a chat's files."""
        return await self._ledger.tally([Chat(report.account, report.id, "", report.title)])

    async def download(self, chat: Chat, choice: MediaChoice) -> None:
        """Download what messages of a chat want. Raises only what the next file would meet as well, and Stopped."""
        tally = await self._ledger.tally([chat])
        total = tally.wanted + sum(tally.failed.values())
        progress = Progress(self._emit, chat.title, total, "download", self._downloader.throttle)
        async with raising_first(), asyncio.TaskGroup() as group:
            async for batch in self._list_batches(chat, choice):
                for remote in await self._locate(batch, progress):
                    await self._waiting.acquire()
                    group.create_task(self._take(remote, progress))
        while self._aside:
            await self._take_alone(self._aside.pop(), progress)

    async def _list_batches(self, chat: Chat, choice: MediaChoice) -> AsyncIterator[list[WantedFile]]:
        batch: list[WantedFile] = []
        async for wanted in self._ledger.list_wanted([chat], choice, now=self._begun):
            batch.append(wanted)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    async def _locate(self, batch: list[WantedFile], progress: Progress) -> list[Remote]:
        """Return those of the files that can be had; why the others cannot is noted."""
        async with raising_first(), asyncio.TaskGroup() as group:
            group.create_task(self._learn_limits())
            locating = group.create_task(locate_files(self._source, batch))
        found = locating.result()
        remotes: list[Remote] = []
        for each in batch:
            located = found[each.key]
            if isinstance(located, Located):
                remotes.append(Remote(self._source, each, located))
            else:
                await self._note_failed(each, located)
                progress.tell()
        return remotes

    async def _learn_limits(self) -> None:
        if not self._knows_limits:
            self._limits = await self._source.read_limits()
            self._knows_limits = True

    async def _take(self, remote: Remote, progress: Progress) -> None:
        """Download a file when its turn comes, note why it could not be had, or put it aside."""
        located_at = self._stopwatch.now()
        try:
            await self._downloader.prepare(remote)
            async with self._find_queue(remote.located):
                await self._bring(remote, progress, located_at)
        except Unanswered:
            self._aside.append(remote)
        finally:
            self._waiting.release()

    async def _take_alone(self, remote: Remote, progress: Progress) -> None:
        """Download a file while no other one is under way."""
        try:
            await self._bring(remote, progress, self._stopwatch.now())
        except Unanswered:
            reason = FileUnavailable("never sent by Telegram: the connection breaks whenever it is asked for")
            await self._note_failed(remote.wanted, reason)
            progress.tell()

    async def _bring(self, remote: Remote, progress: Progress, waited_since: float) -> None:
        """Download a file or note why it could not be had. Raises Unanswered, and NetworkError when that is all there is."""
        come = 0
        try:
            with self._stopwatch.time("download", waited_since):
                await self._downloader.bring(remote)
            come = remote.size_bytes
        except FileUnavailable as reason:
            await self._note_failed(remote.wanted, reason)
        except Unanswered as error:
            self._unanswered += 1
            if self._unanswered > MOST_UNANSWERED:
                raise NetworkError(str(error), hint=error.hint) from error
            raise
        self._unanswered = 0
        progress.tell(size_bytes=come)

    def _find_queue(self, located: Located) -> asyncio.Semaphore:
        limits = self._limits
        is_large = located.size_bytes >= limits.large_bytes
        queue = (located.centre, is_large)
        if queue not in self._queues:
            self._queues[queue] = asyncio.Semaphore(limits.large if is_large else limits.small)
        return self._queues[queue]

    async def _note_failed(self, wanted: WantedFile, reason: FileUnavailable) -> None:
        log.info("%s %d was not downloaded: %s", wanted.key.kind, wanted.key.id, reason)
        await self._ledger.note_failed(
            wanted.key, str(reason), at=self._clock.now(), is_lasting=reason.is_lasting
        )


class Downloads:
    """The lane beside a run: chats are handed over as their messages are stored, and downloaded one after the other.

    Without a lane, or with nothing chosen, nothing is downloaded. `error` is what ended it.
    """

    def __init__(self, lane: MediaLane | None, choice: MediaChoice) -> None:
        self._lane = lane
        self._choice = choice
        self._chats: asyncio.Queue[Chat | None] = asyncio.Queue()
        self._left = 0
        self.error: TobsError | None = None

    @property
    def is_wanted(self) -> bool:
        """Tell whether anything is downloaded at all."""
        return self._lane is not None and bool(self._choice.kinds)

    @property
    def is_busy(self) -> bool:
        """Tell whether files of chats that were handed over are still to come."""
        return self.is_wanted and self._left > 0

    def hand_over(self, chat: Chat) -> None:
        """Have the files of a chat downloaded."""
        self._left += 1
        self._chats.put_nowait(chat)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Download while the block runs, and behind it until the files of all chats are here, or something ended it."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._run())
                yield
                self._chats.put_nowait(None)
        except ExceptionGroup as failed:  # of one: nothing but the block can fail
            [error] = failed.exceptions
            raise error from error.__cause__

    async def _run(self) -> None:
        try:
            if self._lane:
                await self._lane.keep_choice(self._choice)
            while chat := await self._chats.get():
                if self._lane and self.is_wanted:
                    await self._lane.download(chat, self._choice)
                self._left -= 1
        except Stopped:
            self._left = 0  # the report says it of each chat
        except TobsError as error:
            self._left = 0
            self.error = error

    async def count(self, report: RunReport) -> None:
        """Put down what became of the files of each chat."""
        if self._lane:
            for each in report.chats:
                each.media = await self._lane.count(each)
