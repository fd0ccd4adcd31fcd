"""What an archive holds, for `tobs archive info`; reads only, also while another tobs writes."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from tobs.archive.chats import read_chats
from tobs.archive.connect import beside
from tobs.archive.migrate import check_version, newest_version
from tobs.archive.spans import read_asked, read_covered, thread_spans
from tobs.archive.still import read_still
from tobs.archive.tally import count_tally
from tobs.core.model import Chat
from tobs.core.ranges import Range, merge_ranges
from tobs.core.report import Tally


@dataclass(slots=True)
class ChatInfo:
    """One chat of an archive: its messages and versions, and the ids asked for and covered."""

    chat: Chat
    messages: int
    versions: int
    asked: list[Range]
    covered: list[Range]
    tally: Tally


@dataclass(slots=True)
class ArchiveInfo:
    """A whole archive; sizes in bytes, `files` counts files by state, `layers` names the client library."""

    path: str
    schema_version: int
    size_bytes: int
    chats: list[ChatInfo]
    responses: int
    raw_bytes: int
    packed_bytes: int
    files: dict[str, int]
    layers: dict[int, str]
    runs: int


def archive_info(path: Path) -> ArchiveInfo:
    """Return what the archive at `path` holds. Raises ForeignFolder, NewerArchive, Damaged or Busy."""

    def ask(connection: sqlite3.Connection) -> ArchiveInfo:
        version = check_version(connection, path, newest=newest_version())
        responses, raw_bytes, packed_bytes = connection.execute(
            "SELECT count(*), coalesce(sum(size_bytes), 0), coalesce(sum(length(raw)), 0) FROM responses"
        ).fetchone()
        return ArchiveInfo(
            path=str(path),
            schema_version=version,
            size_bytes=_size_on_disk(path),
            chats=[_chat_info(connection, each) for each in read_chats(connection)],
            responses=responses,
            raw_bytes=raw_bytes,
            packed_bytes=packed_bytes,
            files=dict(connection.execute("SELECT state, count(*) FROM files GROUP BY state").fetchall()),
            layers=dict(connection.execute("SELECT layer, library FROM layers ORDER BY layer").fetchall()),
            runs=_count(connection, "SELECT count(*) FROM runs"),
        )

    return read_still(path, ask)


def _chat_info(connection: sqlite3.Connection, chat: Chat) -> ChatInfo:
    return ChatInfo(
        chat=chat,
        messages=_count(
            connection, "SELECT count(*) FROM messages WHERE account = ? AND chat_id = ?", chat.key
        ),
        versions=_count(
            connection, "SELECT count(*) FROM versions WHERE account = ? AND chat_id = ?", chat.key
        ),
        asked=merge_ranges([*read_asked(connection, chat), *thread_spans(connection, chat)[0]]),
        covered=read_covered(connection, chat),
        tally=count_tally(connection, chat),
    )


def _count(connection: sqlite3.Connection, sql: str, values: tuple[int, ...] = ()) -> int:
    return int(connection.execute(sql, values).fetchone()[0])


def _size_on_disk(path: Path) -> int:
    log = beside(path, "wal")
    return path.stat().st_size + (log.stat().st_size if log.exists() else 0)
