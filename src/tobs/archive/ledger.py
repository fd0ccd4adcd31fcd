"""What is rendered and what is stale: the memory of project, in the archive."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from tobs.archive import basenames, stale
from tobs.archive.actor import WriterThread
from tobs.archive.chats import read_chat
from tobs.core.fidelity import Omissions
from tobs.core.model import Chat
from tobs.core.ports.ledger import Placed

_NO_CHAT = (0, 0)

_READ_PLACED = (
    "SELECT path, format, account, chat_id, partition, on_disk, pending FROM rendered"
    " WHERE account = ? AND chat_id = ? ORDER BY path"
)
_READ_OMISSIONS = (
    "SELECT counts FROM omissions WHERE account = ? AND chat_id = ? AND format = ? ORDER BY partition"
)
_KEEP_OMISSIONS = "INSERT OR REPLACE INTO omissions VALUES (?, ?, ?, ?, ?)"
_FORGET_OMISSIONS = "DELETE FROM omissions WHERE account = ? AND chat_id = ? AND format = ?"
_DROP_OMISSIONS = f"{_FORGET_OMISSIONS} AND partition = ?"
_READ_SHOWN = "SELECT path, peer_id FROM rendered JOIN shown USING (path) WHERE account = ? AND chat_id = ?"


class ArchiveLedger:
    """Implements core.ports.ledger.Ledger on the archive's writing thread.

    What `clear_stale` and `clear_partitions` forget is what was stale when it was last read here: a
    page that is committed while a note is rendered keeps its day stale.
    """

    def __init__(self, writer: WriterThread, marks: stale.Marks) -> None:
        self._writer = writer
        self._marks = marks
        self._seen_days: dict[tuple[int, int], int] = {}
        self._seen_partitions: dict[tuple[int, int], int] = {}

    async def stale_days(self, chat: Chat) -> list[tuple[int | None, int]]:
        """Return (topic id, UTC day) pairs whose messages changed since they were last rendered."""

        def work(connection: sqlite3.Connection) -> list[tuple[int | None, int]]:
            self._seen_days[chat.key] = self._marks.next()
            found = connection.execute(
                "SELECT nullif(topic_id, 0), day FROM stale WHERE account = ? AND chat_id = ?"
                " ORDER BY topic_id, day",
                chat.key,
            )
            return found.fetchall()

        return await self._writer.run(work)

    async def stale_marks(self, chat: Chat) -> dict[tuple[int | None, int], int]:
        """Return the same pairs, each with the mark it got last."""

        def work(connection: sqlite3.Connection) -> dict[tuple[int | None, int], int]:
            found = connection.execute(
                "SELECT nullif(topic_id, 0), day, mark FROM stale WHERE account = ? AND chat_id = ?"
                " ORDER BY topic_id, day",
                chat.key,
            )
            return {(topic, day): mark for topic, day, mark in found}

        return await self._writer.run(work)

    async def give_mark(self) -> int:
        """Return a mark above all that were given: what becomes stale from now on has a higher one."""
        return await self._writer.run(lambda _connection: self._marks.next())

    async def clear_stale(self, chat: Chat, days: list[tuple[int | None, int]]) -> None:
        """Forget these pairs: their files are on disk."""
        seen = self._seen_days.get(chat.key, 0)
        await self._write_rows(
            "DELETE FROM stale WHERE account = ? AND chat_id = ? AND topic_id = ? AND day = ? AND mark < ?",
            [(*chat.key, topic_id or 0, day, seen) for topic_id, day in days],
        )

    async def stale_partitions(self, chat: Chat | None) -> list[str]:
        """Return the keys of partitions that show a name which changed since (None: of no chat)."""
        key = chat.key if chat else _NO_CHAT

        def work(connection: sqlite3.Connection) -> list[str]:
            self._seen_partitions[key] = self._marks.next()
            found = connection.execute(
                "SELECT partition FROM stale_partitions WHERE account = ? AND chat_id = ? ORDER BY partition",
                key,
            )
            return [each for (each,) in found]

        return await self._writer.run(work)

    async def clear_partitions(self, chat: Chat | None, keys: list[str]) -> None:
        """Forget these partitions, as `clear_stale` forgets days."""
        key = chat.key if chat else _NO_CHAT
        seen = self._seen_partitions.get(key, 0)
        await self._write_rows(
            "DELETE FROM stale_partitions WHERE account = ? AND chat_id = ? AND partition = ? AND mark < ?",
            [(*key, each, seen) for each in keys],
        )

    async def mark_linking(self, chat: Chat, *, topic_id: int | None, start: int, end: int) -> None:
        """Mark the days of messages that answer one with `start` ≤ date < `end` (UTC seconds) stale."""
        await self._writer.run(
            lambda connection: stale.mark_linking(connection, chat, topic_id, start, end, self._marks.next())
        )

    async def mark_crossing(self, chat: Chat, other: Chat) -> None:
        """Mark the days of the chat's messages stale that point at the other chat."""
        await self._writer.run(
            lambda connection: stale.mark_crossing(connection, chat, other, self._marks.next())
        )

    async def reserve_topics(self, chat: Chat) -> None:
        """Give every topic of the chat that has none a basename, in the order of their ids."""

        def work(connection: sqlite3.Connection) -> None:
            stored = read_chat(connection, chat) or chat
            basenames.reserve_topics(connection, chat, stored.basename)

        await self._writer.run(work)

    async def placed(self, chat: Chat | None) -> list[Placed]:
        """Return the files written for a chat, or those that belong to no chat, by path."""
        return await self._writer.run(lambda connection: read_placed(connection, chat))

    async def expect_file(self, placed: Placed) -> None:
        """Commit that a file is about to be written (durable when this returns)."""
        await self._writer.run(lambda connection: _write_placed(connection, placed), is_durable=True)

    async def confirm_file(self, placed: Placed) -> None:
        """Commit that the file stands on disk."""
        await self._writer.run(lambda connection: _write_placed(connection, placed))

    async def omissions(self, chat: Chat, format_: str) -> Omissions:
        """Return what a format does not show of a chat, over all partitions."""

        def work(connection: sqlite3.Connection) -> Omissions:
            found = Omissions()
            for (body,) in connection.execute(_READ_OMISSIONS, (*chat.key, format_)):
                found.add(msgspec.json.decode(body, type=Omissions))
            return found

        return await self._writer.run(work)

    async def keep_omissions(self, chat: Chat, format_: str, partition: str, omissions: Omissions) -> None:
        """Remember what a format does not show of a partition, in the place of what was remembered."""
        if omissions.paths:
            body = msgspec.json.encode(omissions).decode()
            await self._write_rows(_KEEP_OMISSIONS, [(*chat.key, format_, partition, body)])
        else:
            await self._write_rows(_DROP_OMISSIONS, [(*chat.key, format_, partition)])

    async def forget_omissions(self, chat: Chat, format_: str) -> None:
        """Forget what a format does not show of a chat: it is not drawn any more."""
        await self._write_rows(_FORGET_OMISSIONS, [(*chat.key, format_)])

    async def forget_file(self, path: str) -> None:
        """Drop a file that no longer exists."""
        await self._write_rows("DELETE FROM rendered WHERE path = ?", [(path,)])

    async def _write_rows(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        await self._writer.run(lambda connection: _execute(connection, statement, rows))


def read_placed(connection: sqlite3.Connection, chat: Chat | None) -> list[Placed]:
    """Return the files written for a chat, or those that belong to no chat, by path."""
    key = chat.key if chat else _NO_CHAT
    peers: dict[str, set[int]] = {}
    for path, peer in connection.execute(_READ_SHOWN, key):
        peers.setdefault(path, set()).add(peer)
    rows: Iterable[tuple[str, str, int, int, str, str, str]] = connection.execute(_READ_PLACED, key)
    return [Placed(*row, frozenset(peers.get(row[0], ()))) for row in rows]


def _execute(connection: sqlite3.Connection, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
    connection.executemany(statement, rows)


def _write_placed(connection: sqlite3.Connection, placed: Placed) -> None:
    connection.execute(
        "INSERT INTO rendered (path, format, account, chat_id, partition, on_disk, pending)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET format = excluded.format, account = excluded.account,"
        " chat_id = excluded.chat_id, partition = excluded.partition, on_disk = excluded.on_disk,"
        " pending = excluded.pending",
        (
            placed.path,
            placed.format,
            placed.account,
            placed.chat_id,
            placed.partition,
            placed.on_disk,
            placed.pending,
        ),
    )
    connection.execute("DELETE FROM shown WHERE path = ?", (placed.path,))
    connection.executemany(
        "INSERT INTO shown VALUES (?, ?)", [(peer, placed.path) for peer in sorted(placed.peers)]
    )
