"""The write side of the archive: every call is one transaction on the one writing thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from tobs.archive import deletions, spans, topics
from tobs.archive.actor import WriterThread
from tobs.archive.chains import ArchiveChains
from tobs.archive.chats import link_discussion, read_halves, write_chat, write_family
from tobs.archive.commit import PageWork, commit_lookup, commit_page
from tobs.archive.connect import (
    archive_path,
    closed_on_error,
    connect_writer,
    refuse_unfinished,
    secure_files,
)
from tobs.archive.coverage import note_whole
from tobs.archive.faults import said_clearly
from tobs.archive.hidden import note_hidden, read_hidden
from tobs.archive.index import BATCH, clear_index, index_messages
from tobs.archive.ledger import ArchiveLedger
from tobs.archive.media import ArchiveMedia
from tobs.archive.migrate import Migration, migrate, shipped_migrations
from tobs.archive.peers import list_people, list_sightings
from tobs.archive.processed import ArchiveProcessed
from tobs.archive.shelf import ArchiveShelf
from tobs.archive.stale import Marks, mark_about, mark_everything
from tobs.archive.tally import count_messages, count_tally
from tobs.archive.unreadable import read_layers
from tobs.core.model import Chat, Decoded, PeerRow, TopicRow
from tobs.core.ports.archive import CommitResult, KnownTopics, SweepPlan
from tobs.core.ports.source import RawPage, Sighting
from tobs.core.ranges import Range
from tobs.core.report import RunReport, Tally
from tobs.core.request import Projection, Refresh
from tobs.errors import Damaged, TobsError

_FOLDER_ACCOUNT = 0


class SqliteArchive:
    """Implements core.ports.archive.Archive; made by `open_archive`.

    `warnings` are sentences about what opening had to repair, `ledger` is what project remembers, `chains` how
    far the archive follows Telegram's record of changes, `media` what is known of files, `shelf` where they stand,
    `processed` what was made of them.
    """

    def __init__(self, path: Path, *, library: str, index_batch: int = BATCH) -> None:
        self.path = path
        self._index_batch = index_batch
        self.warnings: list[str] = []
        self._library = library
        self._marks = Marks()
        self._writer = WriterThread(path, self._connect)
        self.ledger = ArchiveLedger(self._writer, self._marks)
        self.chains = ArchiveChains(self._writer)
        self.media = ArchiveMedia(self._writer, self._marks)
        self.shelf = ArchiveShelf(self._writer, self._marks)
        self.processed = ArchiveProcessed(self._writer)
        self._migrations: Sequence[Migration] = ()

    async def open(self, migrations: Sequence[Migration]) -> None:
        """Make or migrate the file and open it. Raises ForeignFolder, NewerArchive, Damaged, DiskFull."""
        self._migrations = migrations
        await self._writer.start()

    async def close(self) -> None:
        """Finish what waits, fold the log into the file and close it; twice is harmless.

        Readers are to be closed before, else the log's two files stay until they are.
        """
        if self._writer.is_open:
            with suppress(TobsError):  # the index is not worth the error that may be under way: it can wait
                await self._index_rest()
        await self._writer.close()

    async def add_chat(self, chat: Chat, *, group: Chat | None = None) -> Chat:
        """Store or update the chat, with the group that it was, and return it with the basename it keeps for ever."""

        def work(connection: sqlite3.Connection) -> Chat:
            mark = self._marks.next()
            return (
                write_family(connection, chat, group, mark) if group else write_chat(connection, chat, mark)
            )

        return await self._writer.run(work)

    async def halves(self, chat: Chat) -> list[Chat]:
        """Return the group that a stored chat was, if it is stored too, and the chat; nothing if it is not stored."""
        return await self._writer.run(lambda connection: read_halves(connection, chat))

    async def list_people(self, chats: list[Chat]) -> list[PeerRow]:
        """Return who wrote in these chats, and in the groups that they were."""
        return await self._writer.run(lambda connection: list_people(connection, chats))

    async def list_sightings(self, chats: list[Chat], sender_id: int) -> list[Sighting]:
        """Return the newest messages of a sender in these chats, or in the groups that they were."""
        return await self._writer.run(lambda connection: list_sightings(connection, chats, sender_id))

    async def link_discussion(self, channel: Chat, group: Chat) -> Chat:
        """Remember which group a channel's comments are in, and return it as it is stored."""
        return await self._writer.run(
            lambda connection: link_discussion(connection, channel, group, self._marks.next())
        )

    async def note_asked(self, chat: Chat, asked: Range, scope: int = 0) -> None:
        """Remember that this id range was asked for; what is asked for must be accounted for."""

        def work(connection: sqlite3.Connection) -> None:
            if spans.add_asked(connection, chat, asked, scope):
                mark_about(connection, chat, self._marks.next())

        await self._writer.run(work)

    async def note_whole(self, chat: Chat, top: int) -> None:
        """Remember that every id up to the chat's top was asked for."""

        def work(connection: sqlite3.Connection) -> None:
            is_news = top > 0 and spans.add_asked(connection, chat, Range(1, top))
            if note_whole(connection, chat, top) or is_news:
                mark_about(connection, chat, self._marks.next())

        await self._writer.run(work)

    async def asked_top(self, chat: Chat, scope: int = 0) -> int:
        """Return the highest id ever asked for of the chat, or of a thread; 0 for none."""
        asked = await self._writer.run(lambda connection: spans.read_asked(connection, chat, scope))
        return asked[-1].high if asked else 0

    async def hidden_to(self, chat: Chat, account: int) -> int | None:
        """Return up to which id this account sees nothing of the chat; None unless it was the last one to be told."""
        return await self._writer.run(lambda connection: read_hidden(connection, chat, account))

    async def note_hidden(self, chat: Chat, account: int, hidden_to: int) -> None:
        """Remember up to which id an account sees nothing of the chat."""

        def work(connection: sqlite3.Connection) -> None:
            if note_hidden(connection, chat, account, hidden_to):
                mark_about(connection, chat, self._marks.next())

        await self._writer.run(work)

    async def commit_page(self, page: RawPage, decoded: Decoded, covers: Range | None) -> CommitResult:
        """Store rows, raw answer, covered range and media wishes in one transaction."""
        work = PageWork(page, decoded, covers, self._library)
        return await self._commit(commit_page, work)

    async def commit_lookup(self, page: RawPage, decoded: Decoded) -> CommitResult:
        """Store what a look by id brought, tombstones for the stored ids that are empty included."""
        work = PageWork(page, decoded, None, self._library)
        return await self._commit(commit_lookup, work)

    async def plan_sweep(
        self,
        chat: Chat,
        spans: list[Range],
        read: Range | None,
        refresh: Refresh,
        *,
        now: float,
        topic: int | None = None,
    ) -> SweepPlan:
        """Return which messages stored in `spans` are to be read again; those in `read` were just read."""
        return await self._writer.run(
            lambda connection: deletions.plan_sweep(
                connection, chat, spans, read, refresh, now=now, topic=topic
            )
        )

    async def note_looked_up(self, chat: Chat, ids: Range, at: float) -> None:
        """Remember that each of these ids was asked for by itself, and is empty."""

        def work(connection: sqlite3.Connection) -> None:
            spans.add_covered(connection, chat, ids, at, proof=spans.LOOKED_UP)

        await self._writer.run(work)

    async def unreadable_layers(self, chat: Chat) -> dict[int, int]:
        """Return the ids of the chat that could not be read, each with the layer that its answer came in."""
        return await self._writer.run(lambda connection: read_layers(connection, chat))

    async def covered_ranges(self, chat: Chat, scope: int = 0) -> list[Range]:
        """Return the ids that need not be asked for again (of a thread: in it), merged and sorted."""
        return await self._writer.run(lambda connection: spans.read_covered(connection, chat, scope=scope))

    async def count_stored(self, chat: Chat, ids: Range) -> int:
        """Return how many messages have an id in the range."""
        return await self._writer.run(lambda connection: count_messages(connection, chat, [ids]))

    async def known_topics(self, chat: Chat) -> KnownTopics:
        """Return what is still to be asked about a forum's topics."""
        return await self._writer.run(lambda connection: topics.read_known(connection, chat))

    async def note_topics(self, chat: Chat, rows: list[TopicRow], *, listed_at: float | None) -> None:
        """Store what Telegram says about topics; `listed_at` is when all of them were listed, None for some."""

        def work(connection: sqlite3.Connection) -> None:
            topics.write_topics(connection, chat, rows, self._marks.next())
            if listed_at is not None:
                topics.note_list(connection, chat, listed_at)

        await self._writer.run(work)

    async def tally(self, chat: Chat) -> Tally:
        """Count the ids ever asked for."""
        return await self._writer.run(lambda connection: count_tally(connection, chat))

    async def keep_projection(self, wanted: Projection) -> Projection:
        """Return the folder's projection options: `wanted` is kept when there are none yet."""
        return await self._writer.run(lambda connection: _keep_projection(connection, wanted))

    async def set_projection(self, projection: Projection) -> Projection:
        """Keep these projection options from now on, and return them; every note is stale then."""

        def work(connection: sqlite3.Connection) -> None:
            _write_projection(connection, projection, "REPLACE")
            mark_everything(connection, self._marks.next())

        await self._writer.run(work)
        return projection

    async def save_run(self, report: RunReport) -> None:
        """Store or replace the run's report, keyed by its start time."""
        row = (report.start_time, msgspec.json.encode(report).decode())

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO runs VALUES (?, ?)", row)

        await self._writer.run(work)

    async def rebuild_index(self) -> int:
        """Make the index of words anew, and return of how many messages; stopped midway, closing does the rest."""
        await self._writer.run(clear_index)
        return await self._index_rest()

    async def _index_rest(self) -> int:
        count = 0
        while indexed := await self._writer.run(index_messages):
            count += indexed
        return count

    async def _commit(
        self, commit: Callable[[sqlite3.Connection, PageWork, int], CommitResult], work: PageWork
    ) -> CommitResult:
        def store(connection: sqlite3.Connection) -> CommitResult:
            result = commit(connection, work, self._marks.next())
            index_messages(connection, at_least=self._index_batch)
            return result

        return await self._writer.run(store)

    def _connect(self) -> sqlite3.Connection:
        refuse_unfinished(self.path)
        self.warnings += secure_files(self.path)
        migrate(self.path, self._migrations)
        connection = connect_writer(self.path)
        with said_clearly(self.path), closed_on_error(connection):
            connection.execute("PRAGMA foreign_keys = ON")
            self._marks.start_above(connection)
        return connection


async def open_archive(
    output: Path, *, library: str, migrations: Sequence[Migration] | None = None, index_batch: int = BATCH
) -> SqliteArchive:
    """Return the archive of an export folder, made or migrated if need be.

    `library` names the client library and its version, for the layers it brings; so many messages are indexed at
    once as `index_batch` says (archive/index.py). The folder must be
    locked (archive/lock.py). Raises ForeignFolder, NewerArchive, Damaged, DiskFull or Busy.
    """
    archive = SqliteArchive(archive_path(output), library=library, index_batch=index_batch)
    await archive.open(shipped_migrations() if migrations is None else migrations)
    return archive


def _keep_projection(connection: sqlite3.Connection, wanted: Projection) -> Projection:
    _write_projection(connection, wanted, "IGNORE")
    return read_projection(connection) or wanted


def read_projection(connection: sqlite3.Connection) -> Projection | None:
    """Return the folder's projection options, or None when there are none yet. Raises Damaged."""
    row = connection.execute(
        "SELECT value FROM state WHERE account = ? AND name = 'projection'", (_FOLDER_ACCOUNT,)
    ).fetchone()
    try:
        return msgspec.json.decode(row[0], type=Projection) if row else None
    except msgspec.MsgspecError as error:
        raise Damaged(f"The archive's projection options cannot be read: {error}.") from error


def _write_projection(
    connection: sqlite3.Connection, projection: Projection, otherwise: Literal["IGNORE", "REPLACE"]
) -> None:
    connection.execute(
        f"INSERT OR {otherwise} INTO state VALUES (?, 'projection', ?)",
        (_FOLDER_ACCOUNT, msgspec.json.encode(projection).decode()),
    )
