"""An engine over a real archive and real notes, fed without a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tobs._util.clock import ManualClock
from tobs._util.pool import Pool
from tobs.app.exporting import start_report
from tobs.archive.lock import lock_folder
from tobs.archive.read import ArchiveReader
from tobs.archive.store import SqliteArchive, open_archive
from tobs.core.events import Event
from tobs.core.ids import mark_group
from tobs.core.model import Chat, TopicRow
from tobs.core.ports.source import (
    Decoder,
    Difference,
    Discussion,
    Look,
    RawPage,
    Search,
    Sighting,
    Source,
    State,
)
from tobs.core.ports.writer import Writer
from tobs.core.ranges import Range
from tobs.core.report import RenderReport, RunReport
from tobs.core.request import ExportRequest, ListedChats, Projection, Selection
from tobs.errors import ChatNotFound, ServerError
from tobs.export.engine import Engine
from tobs.export.pipeline import Bounds, Pipeline
from tobs.export.project import Projector
from tobs.simulator.model import World
from tobs.simulator.pages import Window, cut, encode_by_id, encode_page
from tobs.telegram.client import LIBRARY
from tobs.telegram.decode import decode_page
from tobs.telegram.dialogs import describe
from tobs.writers.registry import make_retired, make_writers

LAYER = 229


@dataclass(slots=True)
class WorldSource:
    """A Source that reads an invented world without a server between."""

    world: World
    page_size: int = 100
    asked: list[tuple[int, int]] = field(default_factory=list)
    account_id: int = field(init=False)

    def __post_init__(self) -> None:
        self.account_id = self.world.owner

    async def find_chat(self, name: str) -> Chat:
        await asyncio.sleep(0)
        found = self.world.chat(int(name))
        if found is None:
            raise ChatNotFound(f"This account has no chat {name!r}.")
        return describe(found.entity, self.account_id).as_chat(self.account_id)

    async def list_called(self, title: str) -> list[Chat]:
        raise AssertionError("nobody is searched for here")

    async def find_members(self, chat: Chat, name: str) -> list[Chat]:
        raise AssertionError("nobody is searched for here")

    def forget_people(self, name: str, chats: list[Chat]) -> None:
        """Nothing is remembered."""

    def note_seen(self, person: Chat, sightings: list[Sighting]) -> None:
        raise AssertionError("nobody is searched for here")

    async def find_origin(self, chat: Chat) -> Chat | None:
        await asyncio.sleep(0)
        supergroup = self.world.chat(chat.id)
        origin = supergroup.full.get("migrated_from_chat_id") if supergroup else None
        if origin is None:
            return None
        group = self.world.chat(mark_group(origin))
        assert group is not None
        return describe(group.entity, self.account_id).as_chat(self.account_id)

    async def find_hidden(self, chat: Chat) -> int:
        return 0

    async def list_chats(self, selection: Selection) -> ListedChats:
        listed = [each for each in self.world.chats if each.listed]
        return ListedChats([await self.find_chat(str(each.marked)) for each in listed])

    async def prepare(self, kinds: AbstractSet[str]) -> None:
        """There is one way only."""

    async def expect(self, messages: int) -> None:
        """There is one way only."""

    def note_withheld(self, chat: Chat) -> None:
        raise AssertionError("nothing is withheld here")

    async def fetch_history(
        self, chat: Chat, *, top: int, low: int, floor: int = 1, limit: int = 100, thread: int = 0
    ) -> RawPage:
        self.asked.append((chat.id, top))
        await asyncio.sleep(0)
        shown = self.world.chat(chat.id)
        assert shown is not None
        window = Window(offset_id=top + 1 if top else 0, limit=min(limit, self.page_size), min_id=floor - 1)
        raw = encode_page(self.world, self.account_id, shown, *cut(shown.log, window))
        return RawPage(chat, Range(low, top) if top else Range(0, 0), raw, LAYER, 1_800_000_000.0)

    async def look(self, chat: Chat, look: Look) -> RawPage:
        await asyncio.sleep(0)
        shown = self.world.chat(chat.id)
        assert shown is not None
        window = Window(look.top + 1 if look.top else 0, look.before, look.skip, look.limit)
        raw = encode_page(self.world, self.account_id, shown, *cut(shown.log, window))
        return RawPage(chat, Range(0, 0), raw, LAYER, 1_800_000_000.0)

    async def fetch_by_id(self, chat: Chat, ids: list[int]) -> RawPage:
        await asyncio.sleep(0)
        shown = self.world.chat(chat.id)
        assert shown is not None
        raw = encode_by_id(self.world, self.account_id, shown, ids)
        return RawPage(chat, Range(min(ids), max(ids)), raw, LAYER, 1_800_000_000.0)

    async def search(self, chat: Chat, search: Search) -> RawPage:
        raise AssertionError(f"No search of {chat.title} was expected: {search}.")

    async def channel_difference(self, chat: Chat, pts: int) -> Difference:
        raise ServerError("This source keeps no record of changes.")

    async def account_state(self) -> State:
        raise ServerError("This source keeps no record of changes.")

    async def account_difference(self, state: State) -> Difference:
        raise ServerError("This source keeps no record of changes.")

    async def find_discussion(self, channel: Chat, post_id: int) -> Discussion | None:
        return None

    async def find_group(self, channel: Chat) -> Chat | None:
        return None

    async def list_topics(self, chat: Chat) -> list[TopicRow]:
        return await self.find_topics(chat, [])

    async def find_topics(self, chat: Chat, ids: list[int]) -> list[TopicRow]:
        await asyncio.sleep(0)
        shown = self.world.chat(chat.id)
        assert shown is not None
        return [
            TopicRow(
                each.id, each.title, each.top_message, bool(each.closed), bool(each.hidden), is_told=True
            )
            for each in shown.topics.values()
            if not ids or each.id in ids
        ]


@dataclass(slots=True)
class Workshop:
    """An export folder under its lock, opened as app opens it."""

    output: Path
    archive: SqliteArchive
    reader: ArchiveReader
    pool: Pool
    projection: Projection
    clock: ManualClock = field(default_factory=ManualClock)
    events: list[Event] = field(default_factory=list)
    requests: int = 4

    def projector(self, writers: list[Writer] | None = None) -> Projector:
        writers = writers or make_writers(self.reader, self.projection)
        retired = make_retired(self.reader, self.projection)
        return Projector(
            self.output, self.archive.ledger, self.reader, writers, retired, self.pool, self.events.append
        )

    async def draw(self, *, overwrite: bool = False, redraw: bool = False) -> RenderReport:
        """Draw what is stale with a new projector, as the next run would."""
        return await self.projector().draw_stale(overwrite=overwrite, redraw=redraw)

    async def export(
        self,
        source: Source,
        *chats: str,
        stop: asyncio.Event | None = None,
        decoder: Decoder = decode_page,
    ) -> RunReport:
        """Run the engine as app does."""
        report = start_report(self.clock)
        pipeline = Pipeline(
            source=source,
            archive=self.archive,
            decoder=decoder,
            pool=self.pool,
            clock=self.clock,
            emit=self.events.append,
            bounds=Bounds(requests=self.requests),
        )
        engine = Engine(pipeline, self.projector())
        await engine.run(ExportRequest(chats, self.output), report, stop or asyncio.Event())
        return report


@asynccontextmanager
async def open_workshop(
    output: Path, *, zone: str = "Europe/Berlin", part_size: int = 4000
) -> AsyncIterator[Workshop]:
    """Open an export folder; a second time it goes on from what is there."""
    with lock_folder(output):
        archive = await open_archive(output, library=LIBRARY)
        reader = ArchiveReader(archive.path)
        try:
            async with Pool(2) as pool:
                projection = await archive.keep_projection(Projection(zone, part_size))
                yield Workshop(output, archive, reader, pool, projection)
        finally:
            reader.close()
            await archive.close()
