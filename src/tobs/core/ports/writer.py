"""One format: from what the archive says to files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from tobs.core.fidelity import Omissions
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
    """A piece of a partition that is drawn at once; made by `Writer.list_parts`, drawn in whichever process.

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
"""The partition key of the files about a chat, beside those of its messages."""


INDEX = "index"
"""The partition key of the files that list all chats; they belong to no chat."""


@dataclass(slots=True)
class Rendering:
    """One file as it should stand, or a part of one: its path below the export folder, and its bytes.

    `partition` is the key of the partition (ABOUT and INDEX for what belongs to none); `peers` are the
    people whose names it shows, so that a changed name redraws it; `fingerprint` is the body's. `omissions` is
    what its messages have and it does not show; of the files of one part it is told with the first.
    """

    path: str
    partition: str
    body: bytes
    peers: frozenset[int] = frozenset()
    fingerprint: str = ""
    omissions: Omissions = field(default_factory=Omissions)


@dataclass(frozen=True, slots=True)
class Traits:
    """What the pipeline must know of a format.

    `joins_parts`: all parts of a partition stand in one file, one behind the other with `between` in between,
    and the file is never held in memory as a whole; else each part is a file. `has_links`: files name the
    files of other parts, so that they change when messages move from one part to another.
    """

    joins_parts: bool = False
    between: bytes = b""
    has_links: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands before and behind the parts of a file that they share."""

    path: str
    head: bytes
    tail: bytes


class Writer(Protocol):
    """One format. Everything comes from the Reader; the same archive gives the same bytes.

    Can be pickled, to draw parts in another process.
    """

    name: str
    traits: Traits

    def partitions(self, chat: Chat, days: Iterable[tuple[int | None, int]]) -> list[Partition]:
        """Return the partitions that (topic id, UTC day) pairs fall into, earliest first."""
        ...

    def list_parts(self, partition: Partition) -> list[Part]:
        """Return the partition's parts in order; none when it has no message."""
        ...

    def render_part(self, part: Part) -> list[Rendering]:
        """Return the files of one part, the one with the messages first; none when all of those stand elsewhere.

        All parts have equally many files; of a format that joins parts it is one.
        """
        ...

    def frame(self, partition: Partition) -> Frame:
        """Return what surrounds the parts of a partition; only for a format that joins them."""
        ...

    def list_about(self, chat: Chat, omissions: Omissions) -> list[Rendering]:
        """Return the files about a chat beside those of its messages; `omissions` is the sum over all its parts."""
        ...

    def list_index(self) -> list[Rendering]:
        """Return the files that belong to no chat."""
        ...

    def fingerprint(self, body: bytes) -> str:
        """Return a hash of what is ours in a file: what its owner may change freely is left out."""
        ...

    def holds_words(self, body: bytes) -> bool:
        """Tell whether the owner wrote something into a place of a file that is theirs."""
        ...

    def carry_over(self, new: bytes, old: bytes) -> bytes:
        """Return `new` with what the owner added to `old` in the places that are theirs."""
        ...
