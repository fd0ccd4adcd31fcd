"""The media lane: downloads what rows want, beside the text and never in its way.

Files come in batches of a hundred, which are located together. Of each data centre a few are downloaded at once, small
and large ones in queues of their own, as Telegram's own apps do it. A file that cannot be had is a row with its
reason and stops nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from tobs.core.choice import MediaChoice
from tobs.core.events import Progressed
from tobs.core.model import Chat
from tobs.core.ports.files import FileLimits, FileSource, Located
from tobs.core.ports.media import MediaLedger, WantedFile
from tobs.core.ports.services import Clock, Emit
from tobs.errors import FileUnavailable, TobsError
from tobs.export.download import Downloader
from tobs.export.pipeline import first_error
from tobs.export.remote import Remote, locate_files

BATCH = 100
"""How many files are located at once, and how many may wait for their turn with an address that grows old."""


@dataclass(slots=True)
class _Progress:
    """How many files of a chat have come to an end, told as they do."""

    emit: Emit
    name: str
    total: int
    done: int = 0

    def tell(self) -> None:
        self.done += 1
        self.total = max(self.total, self.done)
        share = round(100 * self.done / self.total, 1)
        self.emit(Progressed(self.name, self.done, self.total, "download", share))


class MediaLane:
    """Downloads the files of chats. `begun`: files that failed since then (UTC seconds) are left to the next run."""

    def __init__(
        self, source: FileSource, ledger: MediaLedger, downloader: Downloader, clock: Clock, emit: Emit
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._downloader = downloader
        self._clock = clock
        self._emit = emit
        self._begun = clock.now()
        self._limits: FileLimits | None = None
        self._queues: dict[tuple[int, bool], asyncio.Semaphore] = {}
        self._waiting = asyncio.Semaphore(BATCH)

    async def download(self, chat: Chat, choice: MediaChoice) -> None:
        """Download what messages of a chat want. Raises only what the next file would meet as well, and Stopped."""
        tally = await self._ledger.tally([chat])
        progress = _Progress(self._emit, chat.title, tally.wanted + sum(tally.failed.values()))
        try:
            async with asyncio.TaskGroup() as group:
                async for batch in self._list_batches(chat, choice):
                    for remote in await self._locate(batch, progress):
                        await self._waiting.acquire()
                        group.create_task(self._take(remote, progress))
        except* TobsError as errors:
            raise first_error(errors) from None

    async def _list_batches(self, chat: Chat, choice: MediaChoice) -> AsyncIterator[list[WantedFile]]:
        batch: list[WantedFile] = []
        async for wanted in self._ledger.list_wanted([chat], choice, now=self._begun):
            batch.append(wanted)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    async def _locate(self, batch: list[WantedFile], progress: _Progress) -> list[Remote]:
        """Return those of the files that can be had; why the others cannot is noted."""
        found = await locate_files(self._source, batch)
        remotes: list[Remote] = []
        for each in batch:
            located = found[each.key]
            if isinstance(located, Located):
                remotes.append(Remote(self._source, each, located))
            else:
                await self._note_failed(each, located)
                progress.tell()
        return remotes

    async def _take(self, remote: Remote, progress: _Progress) -> None:
        """Download a file when its turn comes, or note why it could not be had."""
        try:
            async with await self._find_queue(remote.located):
                await self._downloader.bring(remote)
        except FileUnavailable as reason:
            await self._note_failed(remote.wanted, reason)
        finally:
            self._waiting.release()
        progress.tell()

    async def _find_queue(self, located: Located) -> asyncio.Semaphore:
        if self._limits is None:
            self._limits = await self._source.read_limits()
        limits = self._limits
        is_large = located.size_bytes >= limits.large_bytes
        queue = (located.centre, is_large)
        if queue not in self._queues:
            self._queues[queue] = asyncio.Semaphore(limits.large if is_large else limits.small)
        return self._queues[queue]

    async def _note_failed(self, wanted: WantedFile, reason: FileUnavailable) -> None:
        await self._ledger.note_failed(
            wanted.key, str(reason), at=self._clock.now(), is_lasting=reason.is_lasting
        )
