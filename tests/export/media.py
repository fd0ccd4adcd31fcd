"""Files as the download lane leaves them, for tests of what becomes of them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archive.rows import commit, peer, row
from export.workshop import Workshop, open_workshop
from tobs._util.atomic import save
from tobs.core.model import Chat, MessageRow, WantRow
from tobs.core.ports.files import FileKey
from tobs.core.ports.media import Transfer
from tobs.core.ranges import Range
from tobs.core.report import RenderReport
from tobs.core.request import MediaLayoutName
from tobs.export.beside import ProcessedFiles
from tobs.export.project import Projector
from tobs.export.shelf import Shelf
from tobs.media.store import DiskStore
from tobs.writers.registry import make_retired, make_writers

MARCH = 1_772_400_000  # 2026-03-01, 22:20 in Berlin


class PlainTransfer:
    """Implements core.ports.media.Transfer by writing the bytes once more."""

    def __init__(self) -> None:
        self.copied: list[str] = []

    async def place(self, source: Path, target: Path) -> None:
        self.copied.append(target.name)
        _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    assert not target.exists()
    save(target, source.read_bytes())


def body_of(text: str) -> bytes:
    """Return the bytes of a file: equal for equal texts, of one length for texts of one length."""
    return text.encode() * 10


def photo(message_id: int, file_id: int, text: str = "", *, name: str = "", kind: str = "photo") -> WantRow:
    """Return a message's wish for a file whose bytes are those of `text`, as announced."""
    stored = "photo" if kind == "photo" else "document"
    return WantRow(
        message_id, stored, file_id, kind, len(body_of(text or f"{file_id:04}")), "image/jpeg", name
    )


def sent(message_id: int, *file_ids: int, **changes: Any) -> MessageRow:
    """Return a message of March, one a minute, that shows the photos."""
    items = ",".join(f'{{"kind":"photo","file":{{"id":{each},"kind":"photo"}}}}' for each in file_ids[1:])
    first = f'"file":{{"id":{file_ids[0]},"kind":"photo"}}' if file_ids else ""
    paid = f'{{"media":{{"kind":"paid","items":[{{"kind":"photo",{first}}},{items}]}}}}'
    content = paid if items else f'{{"media":{{"kind":"photo",{first}}}}}' if first else "{}"
    kind = "paid" if items else "photo" if first else "text"
    plain = row(message_id, "", date=MARCH + message_id * 60, sender_id=42, kind=kind, content=content)
    return plain._replace(**changes)


@dataclass
class MediaFolder:
    """An export folder with media, opened as app opens it."""

    workshop: Workshop
    store: DiskStore
    transfer: PlainTransfer
    layout: MediaLayoutName = "per-chat"

    @property
    def output(self) -> Path:
        return self.workshop.output

    async def commit(
        self, chat: Chat, rows: Sequence[MessageRow], wants: list[WantRow], covers: Range
    ) -> Chat:
        """Store messages; ids from 1 on are asked for."""
        archive = self.workshop.archive
        stored = (await archive.halves(chat) or [await archive.add_chat(chat)])[-1]
        await archive.note_asked(stored, Range(1, covers.high))
        people = [peer(42, "Alice Doe")]
        await commit(archive, stored, rows, wants=wants, covers=covers, peers=people)
        return stored

    async def download(self, key: FileKey, text: str = "") -> None:
        """Do what the lane does with one file."""
        body = body_of(text or f"{key.id:04}")
        partial = await self.store.open(key, len(body))
        for span in partial.missing(7):
            await partial.write(span.low, body[span.low : span.high + 1])
        done = await partial.finish()
        await partial.close()
        await self.workshop.archive.media.note_done(key, done.sha256, done.size_bytes, "size")

    def shelf(self, transfer: Transfer | None = None) -> Shelf:
        workshop = self.workshop
        projection = replace(workshop.projection, media_layout=self.layout)
        transfer = transfer or self.transfer
        processed = ProcessedFiles(self.output, workshop.archive.processed, transfer, workshop.pool)
        return Shelf(
            self.output,
            workshop.archive.shelf,
            self.store,
            transfer,
            workshop.pool,
            projection,
            processed,
        )

    async def draw(self, shelf: Shelf | None = None) -> RenderReport:
        """Place the media and draw the notes, as the end of a run does."""
        workshop = self.workshop
        projector = Projector(
            self.output,
            workshop.archive.ledger,
            workshop.reader,
            make_writers(workshop.reader, workshop.projection),
            make_retired(workshop.reader, workshop.projection),
            workshop.pool,
            workshop.events.append,
            shelf or self.shelf(),
        )
        return await projector.draw_stale()

    def media(self) -> dict[str, str]:
        """Return path → hash of every medium in its place."""
        found = (each for each in self.output.rglob("*") if each.is_file() and "media" in each.parts)
        return {
            str(each.relative_to(self.output)): hashlib.sha256(each.read_bytes()).hexdigest()
            for each in found
        }

    def partials(self) -> list[str]:
        return sorted(each.name for each in (self.output / ".tobs" / "partial").iterdir())


@asynccontextmanager
async def open_media(output: Path, *, layout: MediaLayoutName = "per-chat") -> AsyncIterator[MediaFolder]:
    """Open an export folder; a second time it goes on from what is there."""
    async with open_workshop(output) as workshop:
        store = DiskStore(output, workshop.pool, min_free_bytes=0)
        await store.sweep(workshop.archive.media.find_needed)
        yield MediaFolder(workshop, store, PlainTransfer(), layout)


def sha(text: str) -> str:
    return hashlib.sha256(body_of(text)).hexdigest()


class Killed(Exception):
    """The process is gone."""


class DyingLedger:
    """A ledger of the archive until it dies before or after the n-th change."""

    def __init__(self, ledger: object, after: int) -> None:
        self._ledger = ledger
        self._left = after

    def __getattr__(self, name: str) -> object:
        real = getattr(self._ledger, name)
        if not name.startswith(("expect", "confirm", "drop")):
            return real

        async def call(*values: object, **more: object) -> object:
            self._tick()
            result = await real(*values, **more)
            self._tick()
            return result

        return call

    def _tick(self) -> None:
        if self._left == 0:
            raise Killed
        self._left -= 1
