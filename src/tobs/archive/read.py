"""The read side of the archive: read-only connections, one for each thread that asks."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from tobs.archive import dates
from tobs.archive.basenames import topic_title
from tobs.archive.chats import read_chats, read_drawn_chats, read_halves
from tobs.archive.codec import read_message
from tobs.archive.connect import connect_reader
from tobs.archive.faults import said_clearly
from tobs.archive.filestate import read_state
from tobs.archive.migrate import check_version, newest_version
from tobs.archive.peers import shown_name
from tobs.archive.settled import find_lowest, read_reach
from tobs.archive.summary import read_summary
from tobs.archive.topics import TITLES
from tobs.core.model import Chat, Message, MessageRow
from tobs.core.ports.reader import ALL_TIME, ChatSummary, Extent, FileState, Reach, Topic

_COLUMNS = ", ".join(
    [*(f"messages.{each}" for each in MessageRow._fields), "coalesce(deletions.noticed_at, 0)"]
)
_TOMBSTONES = (
    " LEFT JOIN deletions ON deletions.account = messages.account"
    " AND deletions.chat_id = messages.chat_id AND deletions.id = messages.id"
)
# A part of a file that holds a whole chat: what lies before it is not looked at.
_BY_ID = (
    f"SELECT {_COLUMNS} FROM messages{_TOMBSTONES} WHERE messages.account = :account"
    " AND messages.chat_id = :chat_id AND messages.id BETWEEN :low AND :high ORDER BY messages.id"
)
_VERSION = ", ".join(MessageRow._fields)
_FETCH_ROWS = 500
_NEAR_END = 20
_NARROW = 1000


class ArchiveReader:
    """Implements core.ports.reader.Reader; `close` it before the archive.

    Every question sees all that was committed before it was asked; `messages` sees one moment from its
    first row to its last, also while pages are being committed.
    """

    def __init__(self, path: Path, *, is_still: bool = False) -> None:
        """`is_still`: nobody writes meanwhile, and nothing is left in the folder.

        Raises ForeignFolder, NewerArchive, Damaged or Busy when the file cannot be read.
        """
        self.extent = Extent()
        self._path = path
        self._is_still = is_still
        self._local = threading.local()
        self._lock = threading.Lock()
        self._opened: list[sqlite3.Connection] = []
        with said_clearly(path):
            check_version(self._connection(), path, newest=newest_version())

    def __reduce__(self) -> tuple[Callable[..., ArchiveReader], tuple[object, ...]]:
        """Sent to another process, it reads the same file there; see `_reader_of`."""
        return _reader_of, (self._path, self._is_still)

    def close(self) -> None:
        """Close all connections; no iterator may be in use any more."""
        with self._lock:
            opened, self._opened = self._opened, []
        for each in opened:
            each.close()

    def chats(self) -> list[Chat]:
        """Return all chats, in the order in which they were first exported."""
        with said_clearly(self._path):
            return read_chats(self._connection())

    def drawn_chats(self) -> list[Chat]:
        """Return the chats that have notes, in the same order; a group stands in those of its supergroup."""
        with said_clearly(self._path):
            return read_drawn_chats(self._connection())

    def halves(self, chat: Chat) -> list[Chat]:
        """Return the chats whose messages stand in this one's notes, in their order; it is the last one."""
        with said_clearly(self._path):
            return read_halves(self._connection(), chat) or [chat]

    def find_move(self, chat: Chat) -> Message | None:
        """Return the message with which a basic group ends, or its supergroup begins, if it is stored."""
        order, kind = ("DESC", "chat_migrate_to") if chat.migrated_to else ("ASC", "channel_migrate_from")
        row = self._one(
            "SELECT id FROM (SELECT id, content FROM messages WHERE account = ? AND chat_id = ?"
            f" ORDER BY id {order} LIMIT {_NEAR_END}) WHERE content ->> '$.action.kind' = ? LIMIT 1",
            (*chat.key, kind),
        )
        return self.message(chat, row[0]) if row else None

    def summary(self, chat: Chat) -> ChatSummary:
        """Return what a chat's own note tells."""
        with said_clearly(self._path):
            connection = self._connection()
            return read_summary(connection, read_halves(connection, chat), self.extent)

    def topics(self, chat: Chat) -> dict[int, Topic]:
        """Return the topics of a forum, or the lists of Saved Messages, by id, with the latest known titles.

        `basename` is empty until the ledger's `reserve_topics` gave one.
        """
        return {
            number: Topic(number, topic_title(number, title), name or "", bool(closed), bool(hidden))
            for number, title, name, closed, hidden in self._all(TITLES, chat.key)
        }

    def peer_name(self, peer_id: int) -> str:
        """Return the latest known name for a marked id; never empty."""
        row = self._one("SELECT name, username, is_deleted FROM peers WHERE id = ?", (peer_id,))
        if row is None:
            row = self._one("SELECT title, username, 0 FROM chats WHERE id = ?", (peer_id,))
        name, username, is_deleted = row or ("", "", 0)
        return shown_name(peer_id, name, username, is_deleted=bool(is_deleted))

    def peer_username(self, peer_id: int) -> str:
        """Return the latest known username without @, or an empty string."""
        row = self._one(
            "SELECT username FROM peers WHERE id = ? UNION ALL SELECT username FROM chats WHERE id = ?",
            (peer_id, peer_id),
        )
        return row[0] if row else ""

    def messages(
        self, chat: Chat, *, topic_id: int | None, start: int, end: int, ids: tuple[int, int] | None = None
    ) -> Iterator[Message]:
        """Yield messages with `start` ≤ date < `end` (UTC seconds) in id order.

        `topic_id` None means every message of the chat; `ids` are the lowest and the highest one wanted.
        Memory does not grow with their number.
        """
        values = dates.values(chat, topic_id, start, end)
        if ids:
            values |= {"low": ids[0], "high": ids[1]}
        sql = _BY_ID if ids and topic_id is None and (start, end) == ALL_TIME else _find_by_date(ids)
        with said_clearly(self._path), closing(self._connection().execute(sql, values)) as cursor:
            while rows := cursor.fetchmany(_FETCH_ROWS):
                for row in rows:
                    yield read_message(row)

    def message(self, chat: Chat, message_id: int) -> Message | None:
        """Return one message, or None when the archive does not have it."""
        row = self._one(
            f"SELECT {_COLUMNS} FROM messages{_TOMBSTONES}"
            " WHERE messages.account = ? AND messages.chat_id = ? AND messages.id = ?",
            (*chat.key, message_id),
        )
        return read_message(row) if row else None

    def outside(self, _chat: Chat, _message_id: int) -> Message | None:
        """Return nothing: the whole archive is read."""
        return None

    def versions(self, chat: Chat, message_id: int) -> list[Message]:
        """Return the earlier states of an edited message, the oldest first."""
        rows = self._all(
            f"SELECT {_VERSION} FROM versions WHERE account = ? AND chat_id = ? AND id = ? ORDER BY number",
            (*chat.key, message_id),
        )
        return [read_message(each) for each in rows]

    def root_of(self, channel: Chat, post_id: int) -> int:
        """Return the message of its discussion group that repeats a channel's post, 0 when none is known."""
        row = self._one(
            "SELECT message_id FROM roots WHERE channel_id = ? AND post_id = ? AND chat_id = ?"
            " ORDER BY message_id LIMIT 1",
            (channel.id, post_id, channel.discussion_id),
        )
        return row[0] if row else 0

    def post_of(self, group: Chat, message_id: int) -> int:
        """Return the post of its channel that a message of a discussion group repeats, 0 when it repeats none."""
        row = self._one(
            "SELECT post_id FROM roots JOIN chats ON chats.id = roots.channel_id"
            " AND chats.discussion_id = roots.chat_id"
            " WHERE roots.account = ? AND roots.chat_id = ? AND roots.message_id = ?",
            (*group.key, message_id),
        )
        return row[0] if row else 0

    def album_first(self, chat: Chat, album_id: int) -> int:
        """Return the lowest id of an album's members, 0 when there is none."""
        row = self._one(
            "SELECT min(id) FROM messages WHERE account = ? AND chat_id = ? AND album_id = ?",
            (*chat.key, album_id),
        )
        return row[0] or 0 if row else 0

    def album(self, chat: Chat, album_id: int) -> list[Message]:
        """Return an album's members in id order, wherever their dates lie."""
        rows = self._all(
            f"SELECT {_COLUMNS} FROM messages{_TOMBSTONES}"
            " WHERE messages.account = ? AND messages.chat_id = ? AND album_id = ? ORDER BY messages.id",
            (*chat.key, album_id),
        )
        return [read_message(each) for each in rows]

    def days(self, chat: Chat, *, topic_id: int | None) -> dict[int, int]:
        """Return how many messages each UTC day (date // 86400) has, earliest first."""
        sql = f"{dates.WITH_IDS} SELECT date / 86400, count(*) FROM ids GROUP BY 1 ORDER BY 1"
        return dict(self._all(sql, dates.values(chat, topic_id)))

    def count(self, chat: Chat, *, topic_id: int | None, start: int, end: int) -> int:
        """Return how many messages `messages` would yield."""
        sql = f"{dates.WITH_IDS} SELECT count(*) FROM ids"
        return int(self._one(sql, dates.values(chat, topic_id, start, end))[0])

    def part_starts(
        self, chat: Chat, *, topic_id: int | None, start: int, end: int, size: int, before: int = 0
    ) -> list[int]:
        """Return the first id of every part of `size` messages, by rank in id order within the dates.

        An album never crosses a part: one that would begins the later part as a whole. With so many
        messages `before`, the first ones go on with the part that those leave open.
        """
        sql = dates.WITH_IDS + dates.PART_STARTS
        values = {**dates.values(chat, topic_id, start, end), "size": size, "before": before}
        return [each for (each,) in self._all(sql, values)]

    def settled_from(self, chat: Chat) -> tuple[int, int] | None:
        """Return down to which id all is stored from the chat's top on, and the date (UTC seconds) there, if any is."""
        with said_clearly(self._path):
            return find_lowest(self._connection(), chat)

    def reach(self, chat: Chat, *, start: int, end: int) -> Reach:
        """Return what the messages with `start` ≤ date < `end` (UTC seconds) point at."""
        with said_clearly(self._path):
            return read_reach(self._connection(), chat, start, end)

    def file_state(self, chat: Chat, file_kind: str, file_id: int) -> FileState:
        """Return whether a file's bytes are here for a chat's notes, or why not."""
        with said_clearly(self._path):
            return read_state(self._connection(), chat.key, (file_kind, file_id))

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = connect_reader(self._path, is_still=self._is_still)
            with self._lock:
                self._opened.append(found)
        return found

    def _one(self, sql: str, values: Any) -> Any:
        with said_clearly(self._path):
            return self._connection().execute(sql, values).fetchone()

    def _all(self, sql: str, values: Any) -> list[Any]:
        with said_clearly(self._path):
            return self._connection().execute(sql, values).fetchall()


@cache
def _reader_of(path: Path, is_still: bool) -> ArchiveReader:
    """Return a reader of this file that is kept open as long as this process, a worker's, lives."""
    return ArchiveReader(path, is_still=is_still)


def _find_by_date(ids: tuple[int, int] | None) -> str:
    # Only ids are sorted, never texts. The LIMIT, which limits nothing, keeps SQLite from dropping
    # the inner order, and CROSS JOIN from changing the loops (https://sqlite.org/optoverview.html).
    return (
        f"{dates.WITH_IDS} SELECT {_COLUMNS} FROM ({_wanted_ids(ids)}) AS wanted"
        " CROSS JOIN messages ON messages.account = :account AND messages.chat_id = :chat_id"
        f" AND messages.id = wanted.id{_TOMBSTONES}"
    )


def _wanted_ids(ids: tuple[int, int] | None) -> str:
    if ids is None:
        return "SELECT id FROM ids ORDER BY id LIMIT -1"
    # The plus keeps SQLite on the index by date: by id it would read to the end of the chat for a last part. A part of
    # one message is found by id, else each of a day's would read the whole day.
    column = "id" if ids[1] - ids[0] < _NARROW else "+id"
    return f"SELECT id FROM ids WHERE {column} BETWEEN :low AND :high ORDER BY id LIMIT -1"
