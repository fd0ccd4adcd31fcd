"""What notes say of a file: where its copy for them stands, or why there is none."""

from __future__ import annotations

from tobs.archive.media import READ_CHOICE, read_choice
from tobs.core.choice import judge_file
from tobs.core.ports.reader import FileState

FILE_STATE = (
    "SELECT state, reason, size_bytes, mime, name,"  # noqa: S608 - put together from constants
    " (SELECT path FROM copies WHERE sha256 <> '' AND copies.sha256 = files.sha256 AND is_placed"
    "  AND (account, chat_id) IN ((?1, ?2), (0, 0)) ORDER BY chat_id = 0 LIMIT 1),"
    f" CASE WHEN state IN ('wanted', 'failed') THEN ({READ_CHOICE}) END,"
    " CASE WHEN state IN ('wanted', 'failed') THEN (SELECT group_concat(DISTINCT media_kind)"
    "  FROM wants INDEXED BY wants_by_file WHERE file_kind = kind AND file_id = files.id) END"
    " FROM files WHERE kind = ?3 AND id = ?4"
)
"""What `judge_state` takes, for the key of a chat and of a file."""


def judge_state(
    state: str,
    reason: str,
    size_bytes: int,
    mime: str,
    name: str,
    path: str | None,
    choice_text: str | None,
    kinds: str | None,
) -> FileState:
    """Return what is to be said of a file; one that has no place yet is not here yet."""
    if state == "done":
        return FileState("done", path=path) if path else FileState("wanted")
    choice = read_choice(choice_text)
    left_out = judge_file(choice, (kinds or "").split(","), size_bytes, mime, name) if choice else ""
    return FileState("skipped", left_out) if left_out else FileState(state, reason)
