"""What somebody who comes back finds in an export folder: its chats, and how they were exported; looks without leaving a trace."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tobs.archive.chats import read_drawn_chats
from tobs.archive.media import READ_CHOICE, read_choice
from tobs.archive.migrate import check_version, newest_version
from tobs.archive.spans import read_asked
from tobs.archive.still import read_still
from tobs.archive.store import read_projection
from tobs.core.choice import MediaChoice
from tobs.core.model import Chat


@dataclass(frozen=True, slots=True)
class KnownChat:
    """A chat that was exported, the number of its messages, and from which day on; empty: from its beginning."""

    chat: Chat
    messages: int
    since: str = ""


@dataclass(frozen=True, slots=True)
class KnownFolder:
    """An export folder: its chats, its formats, and which files were chosen last (None: never any).

    Chats of which only topics, threads or search results were asked for are not among them.
    """

    chats: tuple[KnownChat, ...] = ()
    formats: tuple[str, ...] = ()
    choice: MediaChoice | None = field(default=None)


def read_known(path: Path) -> KnownFolder:
    """Return what the archive at `path` has, nothing when there is none. Raises ForeignFolder, NewerArchive, Damaged or Busy."""
    if not path.is_file():
        return KnownFolder()

    def ask(connection: sqlite3.Connection) -> KnownFolder:
        projection = read_projection(connection) if _is_ours(connection, path) else None
        if projection is None:
            return KnownFolder()
        zone = ZoneInfo(projection.zone)
        found = [_describe(connection, chat, zone) for chat in read_drawn_chats(connection)]
        (text,) = connection.execute(READ_CHOICE).fetchone() or (None,)
        return KnownFolder(tuple(filter(None, found)), projection.formats, read_choice(text))

    return read_still(path, ask)


def _is_ours(connection: sqlite3.Connection, path: Path) -> bool:
    return check_version(connection, path, newest=newest_version()) > 0


def _describe(connection: sqlite3.Connection, chat: Chat, zone: ZoneInfo) -> KnownChat | None:
    asked = read_asked(connection, chat)
    if not asked:
        return None
    here = "FROM messages WHERE account = ? AND chat_id = ?"
    (messages,) = connection.execute(f"SELECT count(*) {here}", chat.key).fetchone()
    low = min(each.low for each in asked)
    if low <= 1:
        return KnownChat(chat, messages)
    first = f"SELECT date {here} AND id >= ? ORDER BY id LIMIT 1"
    row = connection.execute(first, (*chat.key, low)).fetchone()
    return KnownChat(chat, messages, datetime.fromtimestamp(row[0], zone).date().isoformat()) if row else None
