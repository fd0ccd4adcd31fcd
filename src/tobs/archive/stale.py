"""Marks what must be rendered again, in the transaction that changed it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from tobs.core.model import Chat
from tobs.core.ports.writer import ABOUT, INDEX

DAY_SECONDS = 86_400


_MARK = "INSERT OR REPLACE INTO stale SELECT DISTINCT {of}.account, {of}.chat_id, coalesce({of}.topic_id, 0), {of}.date / ?, ?"
_ROOTS = (
    f"{_MARK.format(of='root')} FROM roots CROSS JOIN messages AS root"
    " ON root.account = roots.account AND root.chat_id = roots.chat_id AND root.id = roots.message_id"
    " WHERE roots.channel_id = ? AND roots.post_id IN (SELECT value FROM json_each(?))"
)
_COMMENTS = (
    f"{_MARK.format(of='comment')} FROM roots CROSS JOIN messages AS comment"
    " ON comment.account = roots.account AND comment.chat_id = roots.chat_id"
    " AND comment.reply_to_id = roots.message_id"
    " WHERE roots.channel_id = ? AND roots.post_id IN (SELECT value FROM json_each(?))"
)
_NESTED = (
    f"{_MARK.format(of='comment')} FROM roots CROSS JOIN threads"
    " ON threads.account = roots.account AND threads.chat_id = roots.chat_id"
    " AND threads.root_id = roots.message_id CROSS JOIN messages AS comment"
    " ON comment.account = threads.account AND comment.chat_id = threads.chat_id"
    " AND comment.id = threads.message_id"
    " WHERE roots.channel_id = ? AND roots.post_id IN (SELECT value FROM json_each(?))"
)
_POSTS = (
    f"{_MARK.format(of='post')} FROM roots CROSS JOIN messages AS post"
    " ON post.account = 0 AND post.chat_id = roots.channel_id AND post.id = roots.post_id"
    " WHERE roots.account = ? AND roots.chat_id = ? AND roots.message_id IN (SELECT value FROM json_each(?))"
)

_WANTING = (
    " FROM json_each(?) AS key CROSS JOIN wants ON file_kind = key.value ->> 0 AND file_id = key.value ->> 1"
    " CROSS JOIN messages ON messages.account = wants.account AND messages.chat_id = wants.chat_id"
    " AND messages.id = message_id"
)
_SHOWING = f"{_MARK.format(of='messages')}{_WANTING}"
# An album stands where its first message does, which may be of another day.
_MATES = (
    f"{_MARK.format(of='mate')}{_WANTING} CROSS JOIN messages AS mate ON mate.account = messages.account"
    " AND mate.chat_id = messages.chat_id AND mate.album_id = messages.album_id"
)
_ABOUT = (
    "INSERT OR REPLACE INTO stale_partitions SELECT DISTINCT account, chat_id, ?, ?"
    " FROM json_each(?) AS key CROSS JOIN wants ON file_kind = key.value ->> 0 AND file_id = key.value ->> 1"
)


class Marks:
    """Numbers that only grow, so that of two changes the later one is known; one counter per archive."""

    def __init__(self) -> None:
        self._last = 0

    def start_above(self, connection: sqlite3.Connection) -> None:
        """Go on above all marks that the archive holds."""
        for table in ("stale", "stale_partitions"):
            (found,) = connection.execute(f"SELECT max(mark) FROM {table}").fetchone()
            self._last = max(self._last, found or 0)

    def next(self) -> int:
        """Return a mark above all that were given."""
        self._last += 1
        return self._last


def mark_days(connection: sqlite3.Connection, chat: Chat, days: Iterable[tuple[int, int]], mark: int) -> None:
    """Mark (topic id or 0, UTC day) pairs of a chat."""
    connection.executemany(
        "INSERT OR REPLACE INTO stale VALUES (?, ?, ?, ?, ?)", [(*chat.key, *each, mark) for each in days]
    )


def mark_replies(connection: sqlite3.Connection, chat: Chat, ids: list[int], mark: int) -> None:
    """Mark the days of messages that answer one of these: they show its words and the sender's name."""
    connection.execute(
        "INSERT OR REPLACE INTO stale"
        " SELECT DISTINCT account, chat_id, coalesce(topic_id, 0), date / ?, ? FROM messages"
        " WHERE account = ? AND chat_id = ? AND reply_to_id IN (SELECT value FROM json_each(?))",
        (DAY_SECONDS, mark, *chat.key, msgspec.json.encode(ids).decode()),
    )


def mark_across(connection: sqlite3.Connection, chat: Chat, ids: list[int], mark: int) -> None:
    """Mark the days of the other chat that show or link these messages: of posts the comments, of roots the posts."""
    listed = msgspec.json.encode(ids).decode()
    if chat.kind == "channel":
        for statement in (_ROOTS, _COMMENTS, _NESTED):
            connection.execute(statement, (DAY_SECONDS, mark, chat.id, listed))
    elif chat.kind == "supergroup":
        connection.execute(_POSTS, (DAY_SECONDS, mark, *chat.key, listed))


def mark_albums(connection: sqlite3.Connection, chat: Chat, albums: set[int], mark: int) -> None:
    """Mark the days of these albums' members, and of messages that answer any of them.

    An album stands in the note of its first member, which may be of another day than the one that
    changed; links to it go to the lowest id of the members, which a new member may change, and quote the caption,
    whichever member has it.
    """
    for each in sorted(albums):
        members = connection.execute(
            "SELECT id, coalesce(topic_id, 0), date / ? FROM messages"
            " WHERE account = ? AND chat_id = ? AND album_id = ?",
            (DAY_SECONDS, *chat.key, each),
        ).fetchall()
        mark_days(connection, chat, {(topic, day) for _, topic, day in members}, mark)
        ids = [number for number, _, _ in members]
        mark_replies(connection, chat, ids, mark)
        mark_across(connection, chat, ids, mark)


def mark_wanting(
    connection: sqlite3.Connection, files: Iterable[tuple[str, int]], mark: int, *, is_counted: bool = False
) -> None:
    """Mark the days of messages that carry one of these files (kind, id), and with `is_counted` the chats' own notes."""
    keys = msgspec.json.encode(list(files)).decode()
    for statement in (_SHOWING, _MATES):
        connection.execute(statement, (DAY_SECONDS, mark, keys))
    if is_counted:
        connection.execute(_ABOUT, (ABOUT, mark, keys))


def mark_topic(connection: sqlite3.Connection, chat: Chat, topic_id: int | None, mark: int) -> None:
    """Mark every day of a topic, or of what is in none."""
    connection.execute(
        "INSERT OR REPLACE INTO stale SELECT DISTINCT account, chat_id, coalesce(topic_id, 0), date / ?, ? FROM messages"
        " WHERE account = ? AND chat_id = ? AND topic_id IS ?",
        (DAY_SECONDS, mark, *chat.key, topic_id),
    )


def mark_linking(
    connection: sqlite3.Connection, chat: Chat, topic_id: int | None, start: int, end: int, mark: int
) -> None:
    """Mark the days of messages that answer one dated in the span, which is of one topic or none.

    Posts and their comments are marked as `mark_across` does it.
    """
    moved = connection.execute(
        "SELECT id FROM messages WHERE account = ? AND chat_id = ? AND topic_id IS ? AND date >= ? AND date < ?",
        (*chat.key, topic_id, start, end),
    )
    mark_across(connection, chat, [number for (number,) in moved], mark)
    connection.execute(
        "INSERT OR REPLACE INTO stale SELECT DISTINCT reply.account, reply.chat_id, coalesce(reply.topic_id, 0),"
        " reply.date / ?, ? FROM messages AS target CROSS JOIN messages AS reply"
        " WHERE target.account = ? AND target.chat_id = ? AND target.topic_id IS ?"
        " AND target.date >= ? AND target.date < ?"
        " AND reply.account = target.account AND reply.chat_id = target.chat_id"
        " AND reply.reply_to_id = target.id",
        (DAY_SECONDS, mark, *chat.key, topic_id, start, end),
    )


def mark_shown(connection: sqlite3.Connection, peers: list[int], mark: int) -> None:
    """Mark the partitions of all chats whose files show one of these names."""
    connection.execute(
        "INSERT OR REPLACE INTO stale_partitions SELECT DISTINCT account, chat_id, partition, ?"
        " FROM shown JOIN rendered USING (path)"
        " WHERE peer_id IN (SELECT value FROM json_each(?))",
        (mark, msgspec.json.encode(peers).decode()),
    )


def mark_crossing(connection: sqlite3.Connection, chat: Chat, other: Chat, mark: int) -> None:
    """Mark the days of messages of a chat that point at another one: they answer a message there, or name it.

    It reads the whole chat, so it is for when many of the other one's messages changed at once.
    """
    connection.execute(
        "INSERT OR REPLACE INTO stale SELECT DISTINCT account, chat_id, coalesce(topic_id, 0), date / ?, ? FROM messages"
        " WHERE account = ? AND chat_id = ? AND instr(content, ?)",
        (DAY_SECONDS, mark, *chat.key, f'"chat_id":{other.id}'),
    )


def mark_rendered(connection: sqlite3.Connection, chat: Chat, mark: int) -> None:
    """Mark every partition of a chat that has a file: some may not exist any more."""
    connection.execute(
        "INSERT OR REPLACE INTO stale_partitions SELECT DISTINCT account, chat_id, partition, ? FROM rendered"
        " WHERE account = ? AND chat_id = ?",
        (mark, *chat.key),
    )


def mark_about(connection: sqlite3.Connection, chat: Chat, mark: int) -> None:
    """Mark the chat's own note and the index: what they count or name has changed."""
    rows = [(*chat.key, ABOUT, mark), (0, 0, INDEX, mark)]
    connection.executemany("INSERT OR REPLACE INTO stale_partitions VALUES (?, ?, ?, ?)", rows)


def mark_partner(connection: sqlite3.Connection, chat: Chat, mark: int) -> None:
    """Mark the own note of the channel, or of the group of its comments, that a chat is linked with."""
    connection.execute(
        "INSERT OR REPLACE INTO stale_partitions SELECT account, id, ?, ? FROM chats"
        " WHERE discussion_id IN (?, ?) OR id = (SELECT nullif(discussion_id, 0) FROM chats WHERE account = ? AND id = ?)",
        (ABOUT, mark, chat.id, chat.migrated_to or chat.id, *chat.key),
    )


def mark_everything(connection: sqlite3.Connection, mark: int) -> None:
    """Mark every day that has messages, every file, and the index: they are shown otherwise now, or elsewhere."""
    connection.execute(
        "INSERT OR REPLACE INTO stale"
        " SELECT DISTINCT account, chat_id, coalesce(topic_id, 0), date / ?, ? FROM messages",
        (DAY_SECONDS, mark),
    )
    connection.execute(
        "INSERT OR REPLACE INTO stale_partitions SELECT account, id, ?, ? FROM chats UNION ALL SELECT 0, 0, ?, ?"
        " UNION SELECT account, chat_id, partition, ? FROM rendered",
        (ABOUT, mark, INDEX, mark, mark),
    )
