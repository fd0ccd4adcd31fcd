"""The read side of the archive, for whoever makes files of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from tobs.core.coverage import Coverage
from tobs.core.model import Chat, Message
from tobs.core.report import Tally

ALL_TIME = (-(1 << 40), 1 << 40)
"""A span of UTC seconds that holds every date a message can have."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Which part of an archive is read: chats by key, None for all, and `start` ≤ date < `end` (UTC seconds).

    `left_out` is how many chats the archive has beside them, `since` and `until` are the local dates that were asked
    for, empty where nothing limits.
    """

    chats: frozenset[tuple[int, int]] | None = None
    left_out: int = 0
    start: int = -(1 << 62)
    end: int = 1 << 62
    since: str = ""
    until: str = ""

    @property
    def is_dated(self) -> bool:
        """Tell whether messages are left out by their dates."""
        return bool(self.since or self.until)

    def clip(self, start: int, end: int) -> tuple[int, int]:
        """Return what of a span of time lies in the part; its end is not after its start when nothing does."""
        return max(start, self.start), min(end, self.end)

    def say_dates(self) -> str:
        """Return `from 2026-03-01 to 2026-03-31`, or what of it there is."""
        if self.since and self.until:
            return f"from {self.since} to {self.until}"
        return f"from {self.since} on" if self.since else f"up to {self.until}" if self.until else ""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a span of messages points at: the lowest id answered, the earliest date of those that are stored, files."""

    answered: int | None
    answered_date: int | None
    has_files: bool


@dataclass(slots=True)
class FileState:
    """Whether a file's bytes are here: `done` with their `path` below the export folder, else with the `reason` why not.

    `wanted` ones will be downloaded; what was left out by choice is `skipped`, and others are `failed` or `withheld`.
    """

    state: str
    reason: str = ""
    path: str = ""


@dataclass(slots=True)
class ChatSummary:
    """What a chat's own note tells: all of it follows from the messages stored.

    `kinds` counts messages by kind, `people` is (marked id, messages sent) with the most active
    first, `withheld` counts files that Telegram does not let be saved, and messages that came without theirs, `unreadable`
    are the first messages that this version cannot read, as (chat id, message id), `coverage` says by chat id how much of each half was asked for, dates are UTC
    seconds or None.
    """

    first_date: int | None
    last_date: int | None
    kinds: dict[str, int]
    people: list[tuple[int, int]]
    tally: Tally
    unreadable: list[tuple[int, int]] = field(default_factory=list)
    coverage: dict[int, Coverage] = field(default_factory=dict)
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class Topic:
    """A forum topic; `basename` is given once, as a chat's is, and starts with the chat's."""

    id: int
    title: str
    basename: str
    is_closed: bool = False
    is_hidden: bool = False


class Reader(Protocol):
    """The read side of the archive on a read-only connection of its own; used from worker threads."""

    extent: Extent

    def chats(self) -> list[Chat]:
        """Return all chats, in the order in which they were first exported."""
        ...

    def drawn_chats(self) -> list[Chat]:
        """Return the chats that have notes, in the same order: those of which a message is stored, or known by its id.

        A basic group has its messages in the notes of the supergroup that it became.
        """
        ...

    def halves(self, chat: Chat) -> list[Chat]:
        """Return the chats whose messages stand in this one's notes, in their order; it is the last one.

        The other one, if any, is the basic group that a supergroup was; its `migrated_to` says so.
        """
        ...

    def find_move(self, chat: Chat) -> Message | None:
        """Return the message with which a basic group ends, or its supergroup begins, if it is stored."""
        ...

    def summary(self, chat: Chat) -> ChatSummary:
        """Return what a chat's own note tells: all halves of the chat are counted."""
        ...

    def topics(self, chat: Chat) -> dict[int, Topic]:
        """Return the topics of a forum, or the lists of Saved Messages, by id, with the latest known titles."""
        ...

    def peer_name(self, peer_id: int) -> str:
        """Return the latest known name for a marked id; never empty."""
        ...

    def peer_username(self, peer_id: int) -> str:
        """Return the latest known username without @, or an empty string."""
        ...

    def messages(
        self, chat: Chat, *, topic_id: int | None, start: int, end: int, ids: tuple[int, int] | None = None
    ) -> Iterator[Message]:
        """Yield messages with `start` ≤ date < `end` (UTC seconds) in id order.

        `topic_id` None means every message of the chat; `ids` are the lowest and the highest one wanted.
        """
        ...

    def message(self, chat: Chat, message_id: int) -> Message | None:
        """Return one message, or None when the archive does not have it."""
        ...

    def outside(self, chat: Chat, message_id: int) -> Message | None:
        """Return a message that the archive has, but not the part of it that is read here."""
        ...

    def versions(self, chat: Chat, message_id: int) -> list[Message]:
        """Return the earlier states of an edited message, the oldest first."""
        ...

    def root_of(self, channel: Chat, post_id: int) -> int:
        """Return the message of its discussion group that repeats a channel's post, 0 when none is known."""
        ...

    def post_of(self, group: Chat, message_id: int) -> int:
        """Return the post of its channel that a message of a discussion group repeats, 0 when it repeats none."""
        ...

    def album_first(self, chat: Chat, album_id: int) -> int:
        """Return the lowest id of an album's members."""
        ...

    def album(self, chat: Chat, album_id: int) -> list[Message]:
        """Return an album's members in id order, wherever their dates lie."""
        ...

    def days(self, chat: Chat, *, topic_id: int | None) -> dict[int, int]:
        """Return how many messages each UTC day (date // 86400) has, earliest first."""
        ...

    def count(self, chat: Chat, *, topic_id: int | None, start: int, end: int) -> int:
        """Return how many messages `messages` would yield."""
        ...

    def part_starts(
        self, chat: Chat, *, topic_id: int | None, start: int, end: int, size: int, before: int = 0
    ) -> list[int]:
        """Return the first id of every part of `size` messages, by rank in id order within the dates.

        An album that would be cut begins the later part as a whole. With so many messages `before`, the
        first ones go on with the part that those leave open.
        """
        ...

    def file_state(self, chat: Chat, file_kind: str, file_id: int) -> FileState:
        """Return whether a file's bytes are here for the notes of a chat that has some, or why not."""
        ...


class FillingReader(Reader, Protocol):
    """The read side of an archive into which pages come meanwhile."""

    def settled_from(self, chat: Chat) -> tuple[int, int] | None:
        """Return down to which id all is stored from the chat's top on, and the date (UTC seconds) there, if any is."""
        ...

    def reach(self, chat: Chat, *, start: int, end: int) -> Reach:
        """Return what the messages with `start` ≤ date < `end` (UTC seconds) point at."""
        ...
