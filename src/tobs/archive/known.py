"""What somebody who comes back finds in an export folder: its chats, and how they were exported; looks without leaving a trace."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

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
    """A chat that was exported, the number of its messages, and from which day on; empty: from its beginning.

    `top` is the highest id that was asked for, `at` when it was last exported (UTC seconds): to the end, without an error.
    """

    chat: Chat
    messages: int
    since: str = ""
    top: int = 0
    at: float = 0


@dataclass(frozen=True, slots=True)
class KnownFolder:
    """An export folder: its chats, its formats, and which files were chosen last (None: never any).

    Chats of which only topics, threads or search results were asked for are not among them.
    """

    chats: tuple[KnownChat, ...] = ()
    formats: tuple[str, ...] = ()
    choice: MediaChoice | None = field(default=None)


class _ChatInRun(msgspec.Struct):
    id: int
    account: int = 0
    error: str = ""
    is_interrupted: bool = False


class _Run(msgspec.Struct):
    chats: list[_ChatInRun] = []


_RUN = msgspec.json.Decoder(_Run)
_MOST_RUNS = 100
"""Who exports by the hour has thousands, and of an older one it is known when it brought something."""


def read_known(path: Path) -> KnownFolder:
    """Return what the archive at `path` has, nothing when there is none. Raises ForeignFolder, NewerArchive, Damaged or Busy."""
    if not path.is_file():
        return KnownFolder()

    def ask(connection: sqlite3.Connection) -> KnownFolder:
        projection = read_projection(connection) if _is_ours(connection, path) else None
        if projection is None:
            return KnownFolder()
        zone = ZoneInfo(projection.zone)
        exported = _read_runs(connection)
        found = [_describe(connection, chat, zone, exported) for chat in read_drawn_chats(connection)]
        (text,) = connection.execute(READ_CHOICE).fetchone() or (None,)
        return KnownFolder(tuple(filter(None, found)), projection.formats, read_choice(text))

    return read_still(path, ask)


def _is_ours(connection: sqlite3.Connection, path: Path) -> bool:
    return check_version(connection, path, newest=newest_version()) > 0


def _read_runs(connection: sqlite3.Connection) -> dict[tuple[int, int], float]:
    """Return by chat when the last of the newest runs began that had all of it."""
    newest = "SELECT start_time, report FROM runs ORDER BY start_time DESC LIMIT ?"
    found: dict[tuple[int, int], float] = {}
    for start, report in connection.execute(newest, (_MOST_RUNS,)):
        moment = datetime.fromisoformat(start).timestamp()
        for each in _RUN.decode(report).chats:
            if not (each.error or each.is_interrupted):
                found.setdefault((each.account, each.id), moment)
    return found


def _describe(
    connection: sqlite3.Connection, chat: Chat, zone: ZoneInfo, exported: dict[tuple[int, int], float]
) -> KnownChat | None:
    asked = read_asked(connection, chat)
    if not asked:
        return None
    here = "FROM messages WHERE account = ? AND chat_id = ?"
    # When it last brought something, for one that no newer run has named.
    last = "SELECT coalesce(max(at), 0) FROM covered WHERE account = ? AND chat_id = ? AND scope = 0"
    at = exported.get(chat.key) or connection.execute(last, chat.key).fetchone()[0]
    top = max(each.high for each in asked)
    (messages,) = connection.execute(f"SELECT count(*) {here}", chat.key).fetchone()
    low = min(each.low for each in asked)
    if low <= 1:
        return KnownChat(chat, messages, top=top, at=at)
    first = f"SELECT date {here} AND id >= ? ORDER BY id LIMIT 1"
    row = connection.execute(first, (*chat.key, low)).fetchone()
    if not row:
        return None
    since = datetime.fromtimestamp(row[0], zone).date().isoformat()
    return KnownChat(chat, messages, since, top, at)
