"""Pages as the decoder makes them, for tests of the archive."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tobs.archive.store import SqliteArchive
from tobs.core.model import Chat, Decoded, MessageRow, PeerRow, RootRow, TopicRow, WantRow
from tobs.core.ports.archive import CommitResult
from tobs.core.ports.source import RawPage
from tobs.core.ranges import Range

LIBRARY = "telethon 1.45.0"
DAY = 86_400
LAYER = 220

TEAM = Chat(0, -1000000000005, "supergroup", "Team chat", "team")
FORUM = Chat(0, -1000000000006, "forum", "Forum")
ALICE = Chat(77, 42, "private", "Alice Doe")


def row(message_id: int, text: str = "hello", **changes: Any) -> MessageRow:
    """Return a message of one day per ten ids."""
    plain = MessageRow(
        message_id, message_id * DAY // 10, None, 42, None, None, None, "text", text, "{}", "{}"
    )
    return plain._replace(**changes)


def peer(peer_id: int, name: str, **changes: Any) -> PeerRow:
    return PeerRow(peer_id, "user", name, "")._replace(**changes)


def decoded(
    rows: Iterable[MessageRow],
    *,
    peers: list[PeerRow] | None = None,
    topics: list[TopicRow] | None = None,
    wants: list[WantRow] | None = None,
    size_bytes: int = 6,
    unreadable: int | None = None,
    roots: list[RootRow] | None = None,
) -> Decoded:
    found = list(rows)
    ids = [*(each.id for each in found), *filter(None, [unreadable])]
    return Decoded(
        found,
        peers or [],
        topics or [],
        wants or [],
        min(ids, default=None),
        max(ids, default=None),
        None,
        size_bytes,
        is_cut=unreadable is not None,
        unreadable=unreadable,
        roots=roots or [],
    )


async def commit(
    archive: SqliteArchive,
    chat: Chat,
    rows: Iterable[MessageRow],
    *,
    covers: Range | None = None,
    raw: bytes = b"answer",
    at: float = 1000.0,
    layer: int = LAYER,
    scope: int = 0,
    **more: Any,
) -> CommitResult:
    """Commit one page, of a thread if a scope is given."""
    page = RawPage(chat, covers or Range(1, 1), raw, layer, at, scope=scope)
    return await archive.commit_page(page, decoded(rows, **more), covers)
