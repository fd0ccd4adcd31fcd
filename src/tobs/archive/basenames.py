"""Names of folders and notes: reserved once, unique in the vault, never changed.

A chat's name is reserved before anything of the run is fetched, in the order of the command line. A
topic's is reserved when its chat is first rendered, when all pages are in, in the order of the topics'
ids: pages come in any order and a killed run has only some of them, so a name given on the way would
depend on where it was killed.
"""

from __future__ import annotations

import sqlite3

from tobs.archive.topics import TITLES
from tobs.core.model import GENERAL_TOPIC, Chat
from tobs.core.names import fold_name, looks_dated, safe_name

_TOPIC_BYTES = 93
"""What a chat's name and a topic's title may take together.

With ` (<id>)` (17 bytes for that of a group of comments), ` 2026-03-14 g2147483647` (23) and ` (new).md` (9) that is at
most 142, and core.names.MAX_BYTES is 143.
"""


def topic_title(topic_id: int, title: str) -> str:
    """Return a topic's title, or what stands for it where none was seen; never empty."""
    return title or ("General" if topic_id == GENERAL_TOPIC else f"Topic {topic_id}")


def reserve_chat(connection: sqlite3.Connection, chat: Chat) -> str:
    """Return a free basename for a chat and reserve it."""
    fallback = f"Chat {chat.id}"
    return _reserve(connection, safe_name(chat.title, fallback=fallback), fallback, chat.id)


def reserve_comments(connection: sqlite3.Connection, group: Chat, channel_basename: str) -> str:
    """Return a free basename for the comments of a channel and reserve it."""
    fallback = f"Comments {group.id}"
    wanted = safe_name(f"{channel_basename} comments", fallback=fallback, max_bytes=_TOPIC_BYTES)
    return _reserve(connection, wanted, fallback, group.id)


def reserve_topics(connection: sqlite3.Connection, chat: Chat, chat_basename: str) -> None:
    """Give every topic that has none yet its basename."""
    found = connection.execute(TITLES, chat.key).fetchall()
    # One's own notes stand in the notes of the chat itself.
    for topic_id, title in [each[:2] for each in found if each[2] is None and each[0] != chat.id]:
        fallback = f"{chat_basename} {topic_title(topic_id, '')}"
        wanted = f"{chat_basename} {title}" if title else fallback
        wanted = safe_name(wanted, fallback=fallback, max_bytes=_TOPIC_BYTES)
        name = _reserve(connection, wanted, fallback, topic_id)
        connection.execute(
            "UPDATE topics SET basename = ? WHERE account = ? AND chat_id = ? AND id = ?",
            (name, *chat.key, topic_id),
        )


def _reserve(connection: sqlite3.Connection, wanted: str, fallback: str, number: int) -> str:
    # What stands for a missing title ends with the number already.
    name = f"{wanted} ({number})" if looks_dated(wanted) and wanted != fallback else wanted
    # A title may look like another chat's name with its number, hence a loop and not one step.
    while connection.execute("SELECT 1 FROM names WHERE folded = ?", (fold_name(name),)).fetchone():
        name = f"{name} ({number})"
    connection.execute("INSERT INTO names VALUES (?, ?)", (fold_name(name), name))
    return name
