"""A maker of processed files that takes no time, and an export folder in which it works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.rows import TEAM
from export.media import MediaFolder, body_of, open_media, photo, sent
from tobs._util.atomic import save
from tobs.core.model import Chat, WantRow
from tobs.core.ports.files import FileKey
from tobs.core.ports.processed import Made, Outcome, Recipe
from tobs.core.processing import ProcessKind
from tobs.core.ranges import Range
from tobs.core.report import ProcessReport
from tobs.core.request import MediaLayoutName
from tobs.export.beside import ProcessedFiles
from tobs.export.convert import Converter, ConvertOptions

IMAGE, VIDEO = "image one", "video one"


@dataclass
class QuickMaker:
    """Implements core.ports.processed.Maker: a result is the source with a word before it.

    `outcomes` are of contents that end otherwise; `before` is awaited with each kind before anything is written.
    """

    outcomes: dict[bytes, Outcome | OSError] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    image: str = IMAGE
    before: Callable[[ProcessKind], Awaitable[None]] | None = None
    most: int = 0
    _working: int = 0

    def describe(self, kind: ProcessKind) -> Recipe:
        return Recipe(self.image, ".small.webp") if kind == "image" else Recipe(VIDEO, ".h264.mp4")

    async def process(self, source: Path, kind: ProcessKind, target: Path, *, sha256: str) -> Outcome:
        self.sources.append(source.name)
        self._working += 1
        self.most = max(self.most, self._working)
        try:
            return await self._work(source, kind, target)
        finally:
            self._working -= 1

    async def _work(self, source: Path, kind: ProcessKind, target: Path) -> Outcome:
        for _ in range(3):
            await asyncio.sleep(0)
        if self.before:
            await self.before(kind)
        body = source.read_bytes()
        outcome = self.outcomes.get(body)
        if isinstance(outcome, OSError):
            raise outcome
        if outcome is None:
            save(target, b"small " + body)
            return Made(6 + len(body), "quickly")
        return outcome


@dataclass
class Works:
    """An export folder, and the maker that processes what is in it."""

    folder: MediaFolder
    maker: QuickMaker

    async def add(self, *wants: WantRow, chat: Chat = TEAM, low: int = 1, is_placed: bool = True) -> Chat:
        """Store messages that carry files, down to the id `low`, download the files that are new and place them."""
        ids = sorted({each.message_id for each in wants})
        rows = [sent(each, *[want.file_id for want in wants if want.message_id == each]) for each in ids]
        stored = await self.folder.commit(chat, rows, [*wants], Range(low, max(ids)))
        for each in wants:
            if not await self.is_here(each):
                await self.folder.download(FileKey(each.file_kind, each.file_id))
        if is_placed:
            await self.folder.draw()
        return stored

    async def is_here(self, want: WantRow) -> bool:
        """Tell whether a file was downloaded before."""
        reader = self.folder.workshop.reader
        return reader.file_state(TEAM, want.file_kind, want.file_id).state == "done"

    async def convert(
        self,
        *chats: Chat,
        kinds: Sequence[ProcessKind] = ("image", "video"),
        stop: asyncio.Event | None = None,
        ledger: Any = None,
        store: Any = None,
        width: int = 3,
    ) -> ProcessReport:
        """Process what the chats carry, all of them if none is named, as the end of a run does."""
        report = ProcessReport()
        workshop = self.folder.workshop
        ledger = ledger or workshop.archive.processed
        converter = Converter(
            self.folder.output,
            ConvertOptions(kinds, self.folder.layout == "shared", width),
            ledger=ledger,
            files=ProcessedFiles(self.folder.output, ledger, self.folder.transfer, workshop.pool),
            maker=self.maker,
            store=store or self.folder.store,
            pool=workshop.pool,
            emit=workshop.events.append,
        )
        await converter.convert(list(chats) or workshop.reader.drawn_chats(), report, stop or asyncio.Event())
        return report

    def read(self, path: str) -> bytes:
        return (self.folder.output / path).read_bytes()

    def paths(self) -> list[str]:
        """Return where everything in folders of media stands."""
        return sorted(self.folder.media())


def film(message_id: int, file_id: int, text: str = "") -> WantRow:
    """Return a message's wish for a video, as `photo` does."""
    return photo(message_id, file_id, text, name="film.mp4", kind="video")


def small(text: str) -> bytes:
    """Return what the maker makes of the file of that text."""
    return b"small " + body_of(text)


@asynccontextmanager
async def open_works(output: Path, *, layout: MediaLayoutName = "per-chat") -> AsyncIterator[Works]:
    """Open an export folder; a second time it goes on from what is there."""
    async with open_media(output, layout=layout) as folder:
        yield Works(folder, QuickMaker())
