"""The write side of the truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from tobs.core.model import Chat, Decoded, PeerRow, TopicRow
from tobs.core.ports.chains import Chains
from tobs.core.ports.source import RawPage, Sighting
from tobs.core.ranges import Range
from tobs.core.report import KnownFrom, RunReport, Tally
from tobs.core.request import Projection, Refresh


@dataclass(slots=True)
class CommitResult:
    """What one page changed in the archive.

    `changed` are messages whose content changed, `counted` those of which only views, reactions and the
    like moved, or that got a file which was withheld before: that is no edit and makes no version. `deleted` ones got a tombstone. `missing` are stored
    messages that the page should list and does not: a look by id tells whether they are gone.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    counted: int = 0
    deleted: int = 0
    missing: list[int] = field(default_factory=list)


@dataclass(slots=True)
class SweepPlan:
    """What is to be read again: ranges of at most a page of messages each, the newest first.

    When they are read, all changes from `known_from` on are known.
    """

    windows: list[Range]
    known_from: KnownFrom


@dataclass(frozen=True, slots=True)
class KnownTopics:
    """Whether Telegram's list of a forum's topics was ever read, and which topics have messages and no title.

    `titles` are the others, by id.
    """

    is_listed: bool
    unnamed: list[int]
    titles: dict[int, str]


class Archive(Protocol):
    """The write side of the truth. Each call is one transaction."""

    @property
    def chains(self) -> Chains:
        """How far it follows Telegram's record of changes."""
        ...

    async def add_chat(self, chat: Chat, *, group: Chat | None = None) -> Chat:
        """Store or update the chat and return it with the basename it keeps for ever.

        `group` is the basic group that a supergroup was: it is stored as well, and drawn in the
        supergroup's notes from now on. A basename that it had goes to a supergroup that is new.
        """
        ...

    async def halves(self, chat: Chat) -> list[Chat]:
        """Return the stored chat behind the group that it was, if that is stored; nothing if it is not stored."""
        ...

    async def list_people(self, chats: list[Chat]) -> list[PeerRow]:
        """Return who wrote in these chats, and in the groups that they were, as far as it is stored."""
        ...

    async def list_sightings(self, chats: list[Chat], sender_id: int) -> list[Sighting]:
        """Return a few messages of a sender in these chats, or in the groups that they were, which are not deleted."""
        ...

    async def link_discussion(self, channel: Chat, group: Chat) -> Chat:
        """Remember which group a channel's comments are in, and store or update that as `add_chat` does.

        A group that has no folder yet gets its place below the channel's.
        """
        ...

    async def note_asked(self, chat: Chat, asked: Range, scope: int = 0) -> None:
        """Remember that this id range was asked for; what is asked for must be accounted for.

        `scope` is the thread in which it was asked for, 0 for the chat.
        """
        ...

    async def note_whole(self, chat: Chat, top: int) -> None:
        """Remember that every id up to the chat's top was asked for; 0 when it has no message."""
        ...

    async def asked_top(self, chat: Chat, scope: int = 0) -> int:
        """Return the highest id ever asked for of the chat, or of a thread; 0 for none."""
        ...

    async def hidden_to(self, chat: Chat, account: int) -> int | None:
        """Return up to which id this account sees nothing of the chat; None unless it was the last one to be told."""
        ...

    async def note_hidden(self, chat: Chat, account: int, hidden_to: int) -> None:
        """Remember up to which id an account sees nothing of the chat, 0 when it sees all.

        The ids asked for up to there that are not accounted for are hidden, not unknown, and the chain (see `Chains`)
        does not reach them any more.
        """
        ...

    async def commit_page(self, page: RawPage, decoded: Decoded, covers: Range | None) -> CommitResult:
        """Store rows, raw answer, covered range and media wishes in one transaction."""
        ...

    async def commit_lookup(self, page: RawPage, decoded: Decoded) -> CommitResult:
        """Store what a look by id brought: messages as `commit_page` does, and tombstones for the empty ids.

        Only messages that are stored get a tombstone.
        """
        ...

    async def unreadable_layers(self, chat: Chat) -> dict[int, int]:
        """Return the ids of the chat that could not be read, each with the layer that its answer came in."""
        ...

    async def covered_ranges(self, chat: Chat, scope: int = 0) -> list[Range]:
        """Return the ids that need not be asked for again (of a thread: in it), merged and sorted."""
        ...

    async def count_stored(self, chat: Chat, ids: Range) -> int:
        """Return how many messages have an id in the range."""
        ...

    async def plan_sweep(
        self,
        chat: Chat,
        spans: list[Range],
        read: Range | None,
        refresh: Refresh,
        *,
        now: float,
        topic: int | None = None,
    ) -> SweepPlan:
        """Return which messages stored in `spans` are to be read again; those in `read` were just read.

        With `topic` only those of this topic.
        """
        ...

    async def known_topics(self, chat: Chat) -> KnownTopics:
        """Return what is still to be asked about a forum's topics."""
        ...

    async def note_topics(self, chat: Chat, rows: list[TopicRow], *, listed_at: float | None) -> None:
        """Store what Telegram says about topics; `listed_at` is when all of them were listed, None for some."""
        ...

    async def tally(self, chat: Chat) -> Tally:
        """Count the ids ever asked for."""
        ...

    async def keep_projection(self, wanted: Projection) -> Projection:
        """Return the folder's projection options: `wanted` is kept when there are none yet."""
        ...

    async def save_run(self, report: RunReport) -> None:
        """Store or replace the run's report, keyed by its start time."""
        ...
