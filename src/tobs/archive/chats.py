"""Chats as they are known, with the basename they keep."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from tobs.archive.basenames import reserve_chat, reserve_comments
from tobs.archive.stale import mark_about, mark_shown, mark_topic
from tobs.archive.topics import name_topics
from tobs.core.model import GENERAL_TOPIC, Chat

_COLUMNS = "account, id, kind, title, username, basename, discussion_id, parent"


def read_chat(connection: sqlite3.Connection, chat: Chat) -> Chat | None:
    """Return the chat as it is stored, or None."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM chats WHERE account = ? AND id = ?",  # noqa: S608 - a constant
        chat.key,
    ).fetchone()
    return Chat(*row) if row else None


def read_chats(connection: sqlite3.Connection) -> list[Chat]:
    """Return all chats, in the order in which they were first exported."""
    found = connection.execute(f"SELECT {_COLUMNS} FROM chats ORDER BY position")  # noqa: S608 - a constant
    return [Chat(*each) for each in found]


def write_chat(connection: sqlite3.Connection, chat: Chat, mark: int) -> Chat:
    """Store or update a chat and return it with its basename."""
    known = read_chat(connection, chat)
    if known is None:
        mark_about(connection, chat, mark)
        return _insert(connection, chat)
    latest = replace(chat, basename=known.basename, discussion_id=known.discussion_id, parent=known.parent)
    if latest != known:
        connection.execute(
            "UPDATE chats SET kind = ?, title = ?, username = ? WHERE account = ? AND id = ?",
            (chat.kind, chat.title, chat.username, *chat.key),
        )
    if (chat.title, chat.username) != (known.title, known.username):
        mark_shown(connection, [chat.id], mark)
        mark_about(connection, chat, mark)
    if chat.kind == "forum" != known.kind:
        _move_to_general(connection, chat, mark)
    return latest


def link_discussion(connection: sqlite3.Connection, channel: Chat, group: Chat, mark: int) -> Chat:
    """Store the group of a channel's comments and return it; without a folder of its own it is drawn below the channel."""
    parent = read_chat(connection, channel) or channel
    if read_chat(connection, group) is None:
        named = replace(
            group, basename=reserve_comments(connection, group, parent.basename), parent=parent.basename
        )
        mark_about(connection, _insert_named(connection, named), mark)
    if parent.discussion_id != group.id:
        connection.execute(
            "UPDATE chats SET discussion_id = ? WHERE account = ? AND id = ?", (group.id, *channel.key)
        )
        for each in (channel, group):
            mark_about(connection, each, mark)
            mark_topic(connection, each, None, mark)
    return write_chat(connection, group, mark)


def _insert(connection: sqlite3.Connection, chat: Chat) -> Chat:
    return _insert_named(connection, replace(chat, basename=reserve_chat(connection, chat)))


def _insert_named(connection: sqlite3.Connection, named: Chat) -> Chat:
    connection.execute(
        f"INSERT INTO chats (position, {_COLUMNS})"  # noqa: S608 - a constant
        " VALUES ((SELECT coalesce(max(position), 0) + 1 FROM chats), ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            named.account,
            named.id,
            named.kind,
            named.title,
            named.username,
            named.basename,
            named.discussion_id,
            named.parent,
        ),
    )
    return named


def _move_to_general(connection: sqlite3.Connection, chat: Chat, mark: int) -> None:
    # A group that becomes a forum shows what was written before in the topic General.
    mark_topic(connection, chat, None, mark)
    moved = connection.execute(
        "UPDATE messages SET topic_id = ? WHERE account = ? AND chat_id = ? AND topic_id IS NULL",
        (GENERAL_TOPIC, *chat.key),
    )
    if moved.rowcount:
        name_topics(connection, chat, {GENERAL_TOPIC})
        mark_topic(connection, chat, GENERAL_TOPIC, mark)
