"""Media that Telegram withheld from an answer: not an edit, whichever of the two states came first.

Under takeout Telegram leaves photos and files out of the messages of protected chats. tobs asks such chats outside of
the takeout when it knows them; where it could not know, the archive sees the same message with its file and
without. An edit can change a file, but never take it away, so this difference means one thing only.
"""

from __future__ import annotations

import msgspec

from tobs.core.model import FILE_KINDS, MessageRow


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
