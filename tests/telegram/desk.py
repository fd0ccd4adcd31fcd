"""Where files are asked for over real sockets: a chat full of them, and an account connected to its data centres."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from e2e.connected import make_book, make_cache
from e2e.stage import API_HASH, Stage, open_stage
from tobs._util.clock import ManualClock
from tobs.core.model import Chat
from tobs.core.ports.files import FileKey, Located, Origin
from tobs.simulator.corpus.media_club import MEDIA_CLUB_USERNAME, build_media
from tobs.simulator.corpus.people import OWNER
from tobs.simulator.faults import Fault, FaultScript
from tobs.simulator.shelf import Shelf
from tobs.telegram.centres import DataCentres
from tobs.telegram.client import Client
from tobs.telegram.connection import Identity, Server
from tobs.telegram.decode import decode_page
from tobs.telegram.directory import Directory
from tobs.telegram.files import TelegramFiles
from tobs.telegram.flood import FloodGate
from tobs.telegram.history import TelegramSource
from tobs.telegram.session import AccountFolder
from tobs.telegram.takeout import Takeout, TakeoutChoice

PART = 128 << 10


@dataclass(slots=True)
class Desk:
    """A source of files, and the files that its one chat has."""

    stage: Stage
    files: TelegramFiles
    centres: DataCentres
    chat: Chat
    wanted: list[tuple[FileKey, Origin]]

    async def find(self, number: int = 0) -> Located:
        key, origin = self.wanted[number]
        found = (await self.files.locate([(key, origin)]))[key]
        assert isinstance(found, Located)
        return found

    async def find_large(self) -> Located:
        """Return the one file that has many parts."""
        found = [await self.find(number) for number in range(len(self.wanted))]
        return max(found, key=lambda each: each.size_bytes)

    async def read(self, located: Located) -> bytes:
        parts = [
            (await self.files.read_part(located, offset, PART)).data
            for offset in range(0, located.size_bytes, PART)
        ]
        return b"".join(parts)

    def kept(self, key: FileKey) -> bytes:
        """Return what a file holds, from the server's own books."""
        shelf = Shelf(self.stage.world)
        stored = shelf.find(key.id)
        assert stored is not None
        return shelf.open(stored, "y" if key.kind == "photo" else "").read(0, 1 << 40)


@asynccontextmanager
async def open_desk(
    folder: Path, *faults: Fault, messages: int = 8, dcs: tuple[int, ...] = (2, 4)
) -> AsyncIterator[Desk]:
    world = build_media(1, messages, dcs=dcs)
    async with open_stage(world, folder, faults=FaultScript([*faults])) as stage, connected(stage) as desk:
        yield desk


@asynccontextmanager
async def connected(stage: Stage) -> AsyncIterator[Desk]:
    Server(stage.simulator.address, stage.simulator.public_key_pem).trust_key()
    clock, account = ManualClock(), AccountFolder(stage.account_folder)
    identity = Identity(1, API_HASH)
    gate = FloodGate(clock, stage.events.append, max_wait_seconds=3600)
    client = Client(account.open_session(), identity, gate, clock, timeout_seconds=60)
    async with (
        client,
        DataCentres(client, account.load_keys(), identity, gate, clock, timeout_seconds=60) as centres,
    ):
        directory = Directory(client, make_book(make_cache(stage, clock)), OWNER)
        takeout = Takeout(client, gate, account.load_state(), clock, stage.events.append, TakeoutChoice())
        source = TelegramSource(client, directory, takeout, clock, OWNER)
        chat = await source.find_chat(f"@{MEDIA_CLUB_USERNAME}")
        page = await source.fetch_history(chat, top=0, low=1)
        decoded = decode_page(page.raw, chat_id=chat.id, account=OWNER, is_forum=False)
        wanted = [
            (FileKey(each.file_kind, each.file_id), Origin(chat, each.message_id)) for each in decoded.wants
        ]
        yield Desk(stage, TelegramFiles(client, source, centres), centres, chat, wanted[::-1])
