"""Topics of forums: what messages and Telegram's list said about them, the latest word of each kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tobs.archive.stale import mark_about, mark_topic
from tobs.core.model import Chat, TopicRow
from tobs.core.ports.archive import KnownTopics

_READ = (
    "SELECT title, is_closed, is_hidden, is_missing FROM topics WHERE account = ? AND chat_id = ? AND id = ?"
)
TITLES = (
    "SELECT topics.id, coalesce(nullif(peers.name, ''), topics.title) AS title, topics.basename,"
    " topics.is_closed, topics.is_hidden FROM topics"
    " LEFT JOIN peers ON topics.chat_id = topics.account AND peers.id = topics.id"
    " WHERE topics.account = ? AND topics.chat_id = ? ORDER BY topics.id"
)
"""The topics of a chat; a list of Saved Messages is called like the chat that its messages came from."""

_UNNAMED = (
    "SELECT id FROM topics WHERE account = ? AND chat_id = ? AND as_of = 0 AND NOT is_missing ORDER BY id"
)
_TITLES = "SELECT id, title FROM topics WHERE account = ? AND chat_id = ? AND title <> '' ORDER BY id"
_UPDATE = (
    "UPDATE topics SET {what} = ?, {as_of} = ? WHERE account = ? AND chat_id = ? AND id = ? AND {as_of} < ?"
)


def name_topics(connection: sqlite3.Connection, chat: Chat, topic_ids: set[int]) -> None:
    """Make sure that every topic with a message has a row, with or without a title."""
    connection.executemany(
        "INSERT OR IGNORE INTO topics (account, chat_id, id) VALUES (?, ?, ?)",
        [(*chat.key, each) for each in topic_ids],
    )


def write_topics(connection: sqlite3.Connection, chat: Chat, topics: Iterable[TopicRow], mark: int) -> None:
    """Store what was said about topics, and mark what shows something that is otherwise now.

    Pages come in any order, so each fact is replaced only by one of a later message, or by what Telegram says now: the
    message that renamed a topic may be gone.
    """
    for topic in topics:
        name_topics(connection, chat, {topic.id})
        key = (*chat.key, topic.id)
        before = connection.execute(_READ, key).fetchone()
        for what, as_of, value in (
            ("title", "as_of", topic.title or None),
            ("is_closed", "closed_as_of", topic.is_closed),
            ("is_hidden", "hidden_as_of", topic.is_hidden),
        ):
            if value is not None:
                statement = _UPDATE.format(what=what, as_of=as_of)
                connection.execute(statement, (value, topic.as_of, *key, topic.as_of + topic.is_told))
        if topic.is_missing:
            connection.execute(
                "UPDATE topics SET is_missing = 1 WHERE account = ? AND chat_id = ? AND id = ?", key
            )
        after = connection.execute(_READ, key).fetchone()
        if after != before:
            mark_about(connection, chat, mark)
        if after[0] != before[0]:
            mark_topic(connection, chat, topic.id, mark)


def read_known(connection: sqlite3.Connection, chat: Chat) -> KnownTopics:
    """Return whether the list was ever read, and which topics nobody has named yet."""
    listed = connection.execute(
        "SELECT topics_at FROM chats WHERE account = ? AND id = ?", chat.key
    ).fetchone()
    unnamed = [number for (number,) in connection.execute(_UNNAMED, chat.key)]
    titles = dict(connection.execute(_TITLES, chat.key).fetchall())
    return KnownTopics(bool(listed and listed[0] is not None), unnamed, titles)


def note_list(connection: sqlite3.Connection, chat: Chat, at: float) -> None:
    """Remember that the whole list of topics was read."""
    connection.execute("UPDATE chats SET topics_at = ? WHERE account = ? AND id = ?", (at, *chat.key))
