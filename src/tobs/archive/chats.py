"""Chats as they are known, with the basename they keep."""

from __future__ import annotations

import sqlite3
from dataclasses import astuple, replace

from tobs.archive.basenames import reserve_chat, reserve_comments
from tobs.archive.stale import mark_about, mark_rendered, mark_shown, mark_topic
from tobs.archive.topics import name_topics
from tobs.core.model import GENERAL_TOPIC, Chat

_COLUMNS = "account, id, kind, title, username, basename, migrated_from, migrated_to, discussion_id, parent"
CHAT_COLUMNS = (
    "chats.account, chats.id, chats.kind, chats.title, chats.username, coalesce(chats.basename, ''),"
    " chats.migrated_from, chats.migrated_to, chats.discussion_id, chats.parent"
)
"""What a Chat is made of."""

HEAD = "iif(chats.migrated_to, 0, chats.account), iif(chats.migrated_to, chats.migrated_to, chats.id)"
"""The key of the chat in whose folder a chat's messages stand."""

_READ = f"SELECT {CHAT_COLUMNS} FROM chats"

_HOLDING = (
    "SELECT account, id, migrated_to FROM chats WHERE"
    " EXISTS (SELECT 1 FROM messages WHERE messages.account = chats.account AND chat_id = chats.id)"
    " OR EXISTS (SELECT 1 FROM unreadable WHERE unreadable.account = chats.account AND chat_id = chats.id)"
)


def read_chat(connection: sqlite3.Connection, chat: Chat) -> Chat | None:
    """Return the chat as it is stored, or None."""
    row = connection.execute(f"{_READ} WHERE account = ? AND id = ?", chat.key).fetchone()
    return Chat(*row) if row else None


def read_chats(connection: sqlite3.Connection) -> list[Chat]:
    """Return all chats, in the order in which they were first exported."""
    return [Chat(*each) for each in connection.execute(f"{_READ} ORDER BY position")]


def read_drawn_chats(connection: sqlite3.Connection) -> list[Chat]:
    """Return the chats that have notes, in the same order: those that hold a message, be it an unreadable one."""
    found = connection.execute(_HOLDING).fetchall()
    holding = {(account, number) for account, number, _ in found}
    grown = {head for _, _, head in found if head}
    return [
        each
        for each in read_chats(connection)
        if not each.migrated_to and (each.key in holding or each.id in grown)
    ]


def read_halves(connection: sqlite3.Connection, chat: Chat) -> list[Chat]:
    """Return the chats whose messages stand in the notes of a stored chat, in their order; it is the last one.

    The other one, if any, is the basic group that a supergroup was, as the account had it that linked it first.
    """
    found = connection.execute(
        f"{_READ} WHERE migrated_to = ? ORDER BY position LIMIT 1", (chat.id,)
    ).fetchall()
    head = read_chat(connection, chat)
    return [*(Chat(*each) for each in found), head] if head else []


def write_chat(connection: sqlite3.Connection, chat: Chat, mark: int) -> Chat:
    """Store or update a chat and return it with its basename.

    A basename that the chat brings along is one that was reserved before. What is known of its migration
    stays when the chat brings nothing about it.
    """
    known = read_chat(connection, chat)
    if known is None:
        mark_about(connection, chat, mark)
        return _insert(connection, chat)
    latest = replace(
        chat,
        basename=known.basename,
        migrated_from=known.migrated_from if chat.migrated_from is None else chat.migrated_from,
        migrated_to=known.migrated_to,
        discussion_id=known.discussion_id,
        parent=known.parent,
    )
    if latest != known:
        connection.execute(
            "UPDATE chats SET kind = ?, title = ?, username = ?, migrated_from = ? WHERE account = ? AND id = ?",
            (chat.kind, chat.title, chat.username, latest.migrated_from, *chat.key),
        )
    if (chat.title, chat.username) != (known.title, known.username):
        mark_shown(connection, [chat.id], mark)
        mark_about(connection, chat, mark)
    if chat.kind != known.kind:
        mark_about(connection, chat, mark)
    if chat.kind == "forum" != known.kind:
        _move_to_general(connection, chat, mark)
    return latest


def write_family(connection: sqlite3.Connection, head: Chat, group: Chat, mark: int) -> Chat:
    """Store or update a supergroup with the basic group that it was; from now on they are drawn as one chat.

    A group that had notes of its own gives them, and its basename too if the supergroup has none yet, so
    that what was one chat to people stays in one folder.
    """
    old = read_chat(connection, group)
    if old is None:
        _insert(connection, replace(group, migrated_to=head.id))
    else:
        connection.execute(
            "UPDATE chats SET migrated_to = ?, basename = NULL WHERE account = ? AND id = ?",
            (head.id, *group.key),
        )
    stored = write_chat(
        connection, replace(head, migrated_from=group.id, basename=old.basename if old else ""), mark
    )
    _mark_group(connection, stored, group, mark)
    if old is not None:
        for table in ("rendered", "copies", "unshelved"):
            # A content of which both had a copy keeps the group's as well.
            connection.execute(
                f"UPDATE OR IGNORE {table} SET account = ?, chat_id = ? WHERE account = ? AND chat_id = ?",
                (*head.key, *group.key),
            )
        connection.execute("DELETE FROM omissions WHERE account = ? AND chat_id = ?", group.key)
        mark_rendered(connection, head, mark)
    mark_about(connection, head, mark)
    return stored


def _mark_group(connection: sqlite3.Connection, head: Chat, group: Chat, mark: int) -> None:
    """Mark every day of a group whose notes are its supergroup's; in a forum they are in the topic General."""
    mark_topic(connection, group, None, mark)
    if head.kind == "forum":
        name_topics(connection, head, {GENERAL_TOPIC})


def link_discussion(connection: sqlite3.Connection, channel: Chat, group: Chat, mark: int) -> Chat:
    """Store the group of a channel's comments and return it; without a folder of its own it is drawn below the channel."""
    parent = read_chat(connection, channel) or channel
    if read_chat(connection, group) is None:
        name = reserve_comments(connection, group, parent.basename)
        _insert(connection, replace(group, basename=name, parent=parent.basename))
        mark_about(connection, group, mark)
    if parent.discussion_id != group.id:
        connection.execute(
            "UPDATE chats SET discussion_id = ? WHERE account = ? AND id = ?", (group.id, *channel.key)
        )
        for each in (channel, group):
            mark_about(connection, each, mark)
            mark_topic(connection, each, None, mark)
    return write_chat(connection, group, mark)


def _insert(connection: sqlite3.Connection, chat: Chat) -> Chat:
    named = (
        chat if chat.basename or chat.migrated_to else replace(chat, basename=reserve_chat(connection, chat))
    )
    connection.execute(
        f"INSERT INTO chats (position, {_COLUMNS})"
        " VALUES ((SELECT coalesce(max(position), 0) + 1 FROM chats), ?, ?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?)",
        astuple(named),
    )
    return named


def _move_to_general(connection: sqlite3.Connection, chat: Chat, mark: int) -> None:
    # A group that becomes a forum shows what was written before in the topic General.
    mark_rendered(connection, chat, mark)
    for group in read_halves(connection, chat)[:-1]:
        _mark_group(connection, chat, group, mark)
    mark_topic(connection, chat, None, mark)
    moved = connection.execute(
        "UPDATE messages SET topic_id = ? WHERE account = ? AND chat_id = ? AND topic_id IS NULL",
        (GENERAL_TOPIC, *chat.key),
    )
    if moved.rowcount:
        name_topics(connection, chat, {GENERAL_TOPIC})
        mark_topic(connection, chat, GENERAL_TOPIC, mark)
