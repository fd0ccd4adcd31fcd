"""Media that Telegram withholds, from an answer or from being saved.

Under takeout Telegram leaves photos and files out of the messages of protected chats. tobs asks such chats outside of
the takeout when it knows them; where it could not know, the archive sees the same message with its file and
without. An edit can change a file, but never take it away, so this difference means one thing only, and is no edit,
whichever of the two states came first.

What a protected chat's messages say of their files is stored; the files themselves count as withheld.
"""

from __future__ import annotations

import sqlite3

import msgspec

from tobs.archive.stale import mark_wanting
from tobs.core.media import FILE_KINDS
from tobs.core.model import Chat, Decoded, MessageRow, WantRow

WITHHELD = ("withheld", "withheld by Telegram")
"""State and reason of a file that may not be saved."""

_WANTED = ("wanted", "")

_FLAG = '"is_protected":true'
"""What the content of a protected message holds, as codec.py writes it; a text that says the same has its quotes escaped."""

_ADD_FILE = "INSERT OR IGNORE INTO files (kind, id, size_bytes, mime, name, state, reason) VALUES (?, ?, ?, ?, ?, ?, ?)"
_OPEN_FILE = "UPDATE files SET state = 'wanted', reason = '' WHERE kind = ? AND id = ? AND state = 'withheld'"


def is_stripped(row: MessageRow, known: MessageRow) -> bool:
    """Tell whether `row` is the message `known`, perhaps edited since, without its file."""
    return known.kind in (*FILE_KINDS, "paid") and row.kind in ("text", "withheld")


def completes(row: MessageRow, known: MessageRow) -> bool:
    """Tell whether `row` is the message `known` in the same state of editing, with the file that was withheld."""
    return is_stripped(known, row) and _without_media(row) == _without_media(known)


def _without_media(row: MessageRow) -> MessageRow:
    content = msgspec.json.decode(row.content, type=dict)
    content.pop("media", None)
    return row.settled()._replace(kind="", content=msgspec.json.encode(content, order="sorted").decode())


def list_protected(chat: Chat, decoded: Decoded, wants: list[WantRow]) -> list[WantRow]:
    """Return those of the files that may not be saved: the chat is protected, or the message itself is."""
    if any(each.is_protected and each.id == chat.id for each in decoded.peers):
        return wants
    # Few messages have the flag anywhere: to read the content of all of them would cost more than to store them.
    flagged = [each for each in decoded.rows if _FLAG in each.content]
    sealed = {each.id for each in flagged if msgspec.json.decode(each.content, type=dict).get("is_protected")}
    return [each for each in wants if each.message_id in sealed]


def add_files(connection: sqlite3.Connection, wants: list[WantRow], sealed: list[WantRow], mark: int) -> bool:
    """Store the files of these wishes; those that are only `sealed` are named as withheld. Tell if any was known.

    A file that may be saved from any chat is wanted: whoever shows it as withheld is to be drawn again.
    """
    closed = set(sealed)
    added = connection.executemany(
        _ADD_FILE,
        [
            (each.file_kind, each.file_id, each.size_bytes, each.mime, each.name)
            + (WITHHELD if each in closed else _WANTED)
            for each in wants
        ],
    )
    if not closed and added.rowcount == len({(each.file_kind, each.file_id) for each in wants}):
        return False
    free = {(each.file_kind, each.file_id) for each in wants if each not in closed}
    if connection.executemany(_OPEN_FILE, sorted(free)).rowcount > 0:
        mark_wanting(connection, free, mark, is_counted=True)
    return True
