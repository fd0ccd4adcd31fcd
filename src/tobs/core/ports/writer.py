"""One format: from what the archive says to files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from tobs.core.model import Chat


@dataclass(frozen=True, slots=True)
class Partition:
    """What is rendered together: one chat (or topic), one span of time.

    `key` is unique in the chat and stable (`2026-03`, `5/2026-03` in topic 5); `start` and `end` are
    UTC seconds of the span's borders in the zone of the projection, `end` not included.
    """

    chat: Chat
    topic_id: int | None
    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """One file's worth of a partition; made by `Writer.list_parts`, drawn in whichever process.

    `number` counts from 1, `starts` are where all parts of the partition begin: numbers that rise in the order in
    which messages stand in notes (ids, but those of a group that a supergroup was lie below zero). Parts that were
    listed together have the same `drawing`: they show the archive at one moment, so that what one of them
    looked up serves the others too.
    """

    partition: Partition
    number: int
    starts: tuple[int, ...]
    drawing: int

    @property
    def ids(self) -> tuple[int, int]:
        """The first and the last of these numbers that the part may have."""
        is_last = self.number == len(self.starts)
        return self.starts[self.number - 1], (1 << 62) if is_last else self.starts[self.number] - 1


ABOUT = "about"
"""The partition key of a chat's own note."""


INDEX = "index"
"""The partition key of the note that lists all chats; it belongs to no chat."""


@dataclass(slots=True)
class Rendering:
    """One file as it should stand: its path below the export folder, and its bytes.

    `partition` is the key of the partition (ABOUT and INDEX for those notes); `peers` are the
    people whose names it shows, so that a changed name redraws it; `fingerprint` is the body's.
    """

    path: str
    partition: str
    body: bytes
    peers: frozenset[int] = frozenset()
    fingerprint: str = ""


class Writer(Protocol):
    """One format. Everything comes from the Reader; the same archive gives the same bytes.

    Can be pickled, to draw parts in another process.
    """

    name: str

    def partitions(self, chat: Chat, days: Iterable[tuple[int | None, int]]) -> list[Partition]:
        """Return the partitions that (topic id, UTC day) pairs fall into, earliest first."""
        ...

    def list_parts(self, partition: Partition) -> list[Part]:
        """Return the partition's parts in order; none when it has no message."""
        ...

    def render_part(self, part: Part) -> Rendering | None:
        """Return one part's file, or None when all its messages stand elsewhere."""
        ...

    def render_about(self, chat: Chat) -> Rendering:
        """Return the chat's own note."""
        ...

    def render_index(self) -> Rendering:
        """Return the note that lists all chats."""
        ...

    def fingerprint(self, body: bytes) -> str:
        """Return a hash of what is ours in a file: what its owner may change freely is left out."""
        ...

    def carry_over(self, new: bytes, old: bytes) -> bytes:
        """Return `new` with what the owner added to `old` in the places that are theirs."""
        ...
