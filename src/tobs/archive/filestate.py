"""What notes say of a file: where its copy for them stands, or why there is none."""

from __future__ import annotations

import sqlite3

from tobs.archive.media import READ_CHOICE, as_json, read_choice
from tobs.core.choice import MediaChoice, judge_file, list_taken
from tobs.core.ports.reader import FileState

_FILE = (
    "SELECT state, reason, size_bytes, mime, name,"
    " (SELECT path FROM copies WHERE sha256 <> '' AND copies.sha256 = files.sha256 AND is_placed"
    "  AND (account, chat_id) IN ((?1, ?2), (0, 0)) ORDER BY chat_id = 0 LIMIT 1),"
    f" CASE WHEN state IN ('wanted', 'failed') THEN ({READ_CHOICE}) END"
    " FROM files WHERE kind = ?3 AND id = ?4"
)
# Looks at one message of most files: gathering what each of thousands sent a sticker as takes longer than drawing them.
_SENT_AS = (
    "SELECT media_kind FROM wants INDEXED BY wants_by_file WHERE file_kind = ? AND file_id = ?"
    " AND media_kind IN (SELECT value FROM json_each(?)) LIMIT 1"
)


def read_state(connection: sqlite3.Connection, chat: tuple[int, int], file: tuple[str, int]) -> FileState:
    """Return what is to be said of a file, by the key of a chat and of the file; one without a place is not here yet."""
    row = connection.execute(_FILE, (*chat, *file)).fetchone()
    if row is None:
        return FileState("wanted")
    state, reason, size_bytes, mime, name, path, choice_text = row
    if state == "done":
        return FileState("done", path=path) if path else FileState("wanted")
    choice = read_choice(choice_text)
    if choice is None:
        return FileState(state, reason)
    kinds = _find_kinds(connection, file, choice, mime, name)
    left_out = judge_file(choice, kinds, size_bytes, mime, name)
    return FileState("skipped", left_out) if left_out else FileState(state, reason)


def _find_kinds(
    connection: sqlite3.Connection, file: tuple[str, int], choice: MediaChoice, mime: str, name: str
) -> list[str]:
    """Return one of the kinds that a file was sent as and that are taken, if there is one."""
    taken = list_taken(choice, choice.kinds, mime, name)
    return [kind for (kind,) in connection.execute(_SENT_AS, (*file, as_json(taken)))] if taken else []
