"""Where chats come from, and what turns their bytes into rows."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Protocol

from tobs.core.model import Chat, Decoded, TopicRow
from tobs.core.ranges import Range
from tobs.core.request import ListedChats, Selection

FILES = "files"
"""Stands among the kinds of chats that a run asks for when it downloads media as well."""


@dataclass(slots=True)
class RawPage:
    """One answer of getHistory as it came off the wire.

    `asked` is the id range that the request could answer: its top down to the bottom of its window
    (`high` is 0 when the top of the chat was not known yet). `raw` is the result object's TL bytes,
    perhaps with padding behind. `sent_at` is on the monotonic clock; `latency_seconds` is from there
    until the bytes were off the socket; `told_waits` counts how often Telegram told us to wait first.
    `scope` is the thread whose messages alone were asked for, 0 for those of the chat.
    `proves`: what the page does not list between its ids is not there; what a search found proves nothing.
    `is_takeout`: it was asked under takeout, where Telegram withholds the media of protected chats;
    `is_part`: among some ids only, so that the count in it is not that of the chat.
    """

    chat: Chat
    asked: Range
    raw: bytes
    layer: int
    received_at: float
    method: str = "messages.getHistory"
    sent_at: float = 0
    latency_seconds: float = 0
    told_waits: int = 0
    scope: int = 0
    proves: bool = True
    is_takeout: bool = False
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """A few messages to be looked at, not stored: at most `limit`, the newest first.

    They begin at the newest with an id ≤ `top`, or else with a date before `before` (UTC seconds; 0 is
    none, without either they begin at the newest of all), after `skip` more; a negative `skip` begins
    so many messages above.
    """

    top: int = 0
    before: int = 0
    skip: int = 0
    limit: int = 1


@dataclass(frozen=True, slots=True)
class Search:
    """A page of what the server finds in a chat: at most `limit` messages with `floor` ≤ id ≤ `top`, the newest first.

    `top` 0 begins at the newest of all. `kind` is one of `core.filters.SEARCHED_KINDS` or empty for any; without
    a `sender` anybody's count. The sender's address must be known: a lookup gave it, or `Source.note_seen`.
    """

    kind: str = ""
    sender: Chat | None = None
    top: int = 0
    floor: int = 1
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Sighting:
    """A message that shows somebody: who has no other address is addressed by it (https://core.telegram.org/api/min)."""

    chat: Chat
    message_id: int


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many messages of a kind the server counts in a chat; it may say itself that the number is not exact."""

    kind: str
    count: int
    is_inexact: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """A point in a sequence of updates (core.telegram.org/api/updates).

    A channel's has its `pts` alone; an account's, for its private chats and basic groups, has all three.
    """

    pts: int
    qts: int = 0
    date: int = 0


@dataclass(slots=True)
class Difference:
    """Which messages were touched since an earlier state, and the `state` that this leads up to.

    `changed` ids were written, edited or pinned meanwhile, `gone` ones deleted. They are hints: a message is
    stored as an answer about its own chat tells it. `is_too_long`: Telegram does not tell all of it any more;
    `is_unreadable`: it tells something in a type that this version does not know, and will again.
    """

    state: State
    changed: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    is_too_long: bool = False
    is_unreadable: bool = False

    @property
    def is_lost(self) -> bool:
        """Tell whether it does not say all that changed, however often it is asked for."""
        return self.is_too_long or self.is_unreadable


@dataclass(frozen=True, slots=True)
class Discussion:
    """The comments of a post: `root_id` is the message of the discussion group that repeats it."""

    group: Chat
    root_id: int


class Source(Protocol):
    """Where chats come from: an account at a Telegram server."""

    account_id: int

    async def find_chat(self, name: str) -> Chat:
        """Return the chat that goes by any form of name; ChatNotFound names the nearest titles, or NoAccess."""
        ...

    async def list_called(self, title: str) -> list[Chat]:
        """Return the chats of the account's list with this title, in any case. Raises as `fetch_history` does."""
        ...

    async def find_members(self, chat: Chat, name: str) -> list[Chat]:
        """Return the members of a group with this name, in any case, or id; none where members are not looked for.

        As with `list_called`, the answer may be a little old.

        Raises as `fetch_history` does, NoAccess also where this account may not see them.
        """
        ...

    def forget_people(self, name: str, chats: list[Chat]) -> None:
        """Be told that nobody was found by this name, here and in the list of chats: both are asked anew the next time."""
        ...

    def note_seen(self, person: Chat, sightings: list[Sighting]) -> None:
        """Be told of messages that show somebody, the best first, in case there is no other address."""
        ...

    async def find_origin(self, chat: Chat) -> Chat | None:
        """Return the basic group that a supergroup was, as the account has it, or None. Raises as `fetch_history` does."""
        ...

    async def find_hidden(self, chat: Chat) -> int:
        """Return up to which id the account sees nothing of a supergroup, 0 when it sees all. Raises as `fetch_history` does."""
        ...

    async def list_chats(self, selection: Selection) -> ListedChats:
        """Return the chats of the account's list that are meant, `excluded` ones too; one pass also serves later names."""
        ...

    async def prepare(self, kinds: AbstractSet[str]) -> None:
        """Be told of which kinds the chats of the run are, before their messages are asked for; FILES is one for their media.

        Raises as `fetch_history` does.
        """
        ...

    async def expect(self, messages: int) -> None:
        """Be told that so many more messages will be asked for: the way there is chosen by it."""
        ...

    async def fetch_history(
        self, chat: Chat, *, top: int, low: int, floor: int = 1, limit: int = 100, thread: int = 0
    ) -> RawPage:
        """Return the newest page of at most `limit` (1–100) messages with ids ≤ `top` (0: the newest of all).

        `low` only goes into the page's `asked`, whose low end is higher where the page could list nothing
        below; messages below `floor` are left out of the page. With `thread` only those of this topic, or of
        the answers below this message, are listed. Raises NoAccess, GaveUpWaiting, NetworkError,
        SessionRevoked or ServerError.
        """
        ...

    def note_withheld(self, chat: Chat) -> None:
        """Be told that a page lacks media: from now on the chat is asked where they are not withheld."""
        ...

    async def look(self, chat: Chat, look: Look) -> RawPage:
        """Return some messages that are not to be stored. Raises as `fetch_history` does."""
        ...

    async def fetch_by_id(self, chat: Chat, ids: list[int]) -> RawPage:
        """Return the answer for at most 100 ids that are the chat's; those without a message are in it as empty.

        Raises as `fetch_history` does.
        """
        ...

    async def search(self, chat: Chat, search: Search) -> RawPage:
        """Return one page of what the server finds; it proves nothing about what it does not list.

        Raises as `fetch_history` does; ServerError also where the server does not search for such messages.
        """
        ...

    async def channel_difference(self, chat: Chat, pts: int) -> Difference:
        """Return what was touched in a channel or supergroup since that state, all slices of it.

        Raises as `fetch_history` does, but Skipped instead of waiting for long.
        """
        ...

    async def account_state(self) -> State:
        """Return the state of the account's private chats and basic groups. Raises as `channel_difference` does."""
        ...

    async def account_difference(self, state: State) -> Difference:
        """Return what was touched in all those chats since that state; ids of channels are never among it.

        Raises as `channel_difference` does.
        """
        ...

    async def find_discussion(self, channel: Chat, post_id: int) -> Discussion | None:
        """Return where the comments of a post are; None when it has none, or is not there.

        Raises NoAccess when they may not be read, else as `fetch_history` does.
        """
        ...

    async def find_group(self, channel: Chat) -> Chat | None:
        """Return the group in which a channel's posts are commented on; None when it has none.

        `channel.discussion_id` saves asking where it is known. Raises as `find_discussion` does.
        """
        ...

    async def list_topics(self, chat: Chat) -> list[TopicRow]:
        """Return every topic of a forum, General and hidden ones included, or every list of Saved Messages.

        Raises as `fetch_history` does.
        """
        ...

    async def find_topics(self, chat: Chat, ids: list[int]) -> list[TopicRow]:
        """Return what Telegram knows about these topics of a forum. Raises as `fetch_history` does."""
        ...


class Decoder(Protocol):
    """Turns raw TL bytes into rows; plain functions only, so that a worker process can run it."""

    def __call__(self, raw: bytes, *, chat_id: int, account: int, is_forum: bool) -> Decoded:
        """Return what the answer holds, up to what this version cannot read. Raises Damaged when the bytes make no sense."""
        ...
