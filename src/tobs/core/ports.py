"""The protocols through which the layers meet; app.py hands the real things over.

`export` knows only these. An adapter that needs what a sibling offers (telegram wants the peer
cache, writers want the archive) takes it as one of these too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from tobs._util.priority import TaskPriority as TaskPriority  # noqa: PLC0414 - also known from here
from tobs.core.events import Event
from tobs.core.model import Chat, Decoded, Message
from tobs.core.ranges import Range
from tobs.core.report import KnownFrom, RunReport, Tally
from tobs.core.request import ListedChats, Projection, Refresh, Selection

T = TypeVar("T")


class Clock(Protocol):
    """Time, so that a test can let hours pass in milliseconds."""

    def now(self) -> float:
        """Return UTC seconds since 1970."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Pool(Protocol):
    """The one worker pool: everything that would block the loop goes there."""

    async def run(self, work: Callable[..., T], *args: Any, priority: TaskPriority = ...) -> T:
        """Return what `work(*args)` returns, run in a thread."""
        ...

    @property
    def lanes(self) -> int:
        """How many calls of `run_apart` keep everything busy."""
        ...

    async def run_apart(self, work: Callable[..., T], *args: Any) -> T:
        """Return what `work(*args)` returns, run where it does not hold us up; everything is pickled."""
        ...


class KeyValue(Protocol):
    """A cache of plain values that may forget anything at any time."""

    def get(self, key: str) -> Any | None:
        """Return the value, or None when it is not there or has expired."""
        ...

    def get_stale(self, key: str) -> Any | None:
        """Return the value even when it has expired."""
        ...

    def put(self, key: str, value: Any) -> None:
        """Remember the value."""
        ...

    def forget(self, key: str) -> None:
        """Drop the value if it is there."""
        ...


Emit = Callable[[Event], None]
"""Tell whoever looks what happened; never blocks, never fails."""


@dataclass(slots=True)
class RawPage:
    """One answer of getHistory as it came off the wire.

    `asked` is the id range that the request could answer: its top down to the bottom of its window
    (`high` is 0 when the top of the chat was not known yet). `raw` is the result object's TL bytes,
    perhaps with padding behind. `sent_at` is on the monotonic clock; `latency_seconds` is from there
    until the bytes were off the socket; `told_waits` counts how often Telegram told us to wait first.
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


@dataclass(slots=True)
class CommitResult:
    """What one page changed in the archive.

    `changed` are messages whose content changed, `counted` those of which only views, reactions and the
    like moved: that is no edit and makes no version. `deleted` ones got a tombstone. `missing` are stored
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


class Source(Protocol):
    """Where chats come from: an account at a Telegram server."""

    account_id: int

    async def find_chat(self, name: str) -> Chat:
        """Return the chat that goes by any form of name; ChatNotFound names the nearest titles, or NoAccess."""
        ...

    async def list_chats(self, selection: Selection) -> ListedChats:
        """Return the chats of the account's list that are meant, `excluded` ones too; one pass also serves later names."""
        ...

    async def fetch_history(self, chat: Chat, *, top: int, low: int, floor: int = 1) -> RawPage:
        """Return the newest page of at most 100 messages with ids ≤ `top` (0: the newest of all).

        `low` only goes into the page's `asked`; messages below `floor` are left out of the page. Raises
        NoAccess, GaveUpWaiting, NetworkError, SessionRevoked or ServerError.
        """
        ...

    async def look(self, chat: Chat, look: Look) -> RawPage:
        """Return some messages that are not to be stored. Raises as `fetch_history` does."""
        ...

    async def fetch_by_id(self, chat: Chat, ids: list[int]) -> RawPage:
        """Return the answer for at most 100 ids that are the chat's; those without a message are in it as empty.

        Raises as `fetch_history` does.
        """
        ...


class Decoder(Protocol):
    """Turns raw TL bytes into rows; plain functions only, so that a worker process can run it."""

    def __call__(self, raw: bytes, *, chat_id: int, account: int, is_forum: bool) -> Decoded:
        """Return what the answer holds. Raises Damaged when the bytes make no sense."""
        ...


class Archive(Protocol):
    """The write side of the truth. Each call is one transaction."""

    async def add_chat(self, chat: Chat) -> Chat:
        """Store or update the chat and return it with the basename it keeps for ever."""
        ...

    async def note_asked(self, chat: Chat, asked: Range) -> None:
        """Remember that this id range was asked for; what is asked for must be accounted for."""
        ...

    async def commit_page(self, page: RawPage, decoded: Decoded, covers: Range | None) -> CommitResult:
        """Store rows, raw answer, covered range and media wishes in one transaction."""
        ...

    async def commit_lookup(self, page: RawPage, decoded: Decoded) -> CommitResult:
        """Store what a look by id brought: messages as `commit_page` does, and tombstones for the empty ids.

        Only messages that are stored get a tombstone.
        """
        ...

    async def covered_ranges(self, chat: Chat) -> list[Range]:
        """Return the ids that need not be asked for again, merged and sorted."""
        ...

    async def count_stored(self, chat: Chat, ids: Range) -> int:
        """Return how many messages have an id in the range."""
        ...

    async def plan_sweep(
        self, chat: Chat, spans: list[Range], read: Range | None, refresh: Refresh, *, now: float
    ) -> SweepPlan:
        """Return which messages stored in `spans` are to be read again; those in `read` were just read."""
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


@dataclass(slots=True)
class FileState:
    """Whether a file's bytes are here: `state` is `wanted` until they are, `reason` says why not."""

    state: str
    reason: str = ""
    path: str = ""


@dataclass(slots=True)
class ChatSummary:
    """What a chat's own note tells: all of it follows from the messages stored.

    `kinds` counts messages by kind, `people` is (marked id, messages sent) with the most active
    first, `files` counts wanted files by media kind, dates are UTC seconds or None.
    """

    first_date: int | None
    last_date: int | None
    kinds: dict[str, int]
    people: list[tuple[int, int]]
    files: dict[str, int]
    tally: Tally


@dataclass(frozen=True, slots=True)
class Topic:
    """A forum topic; `basename` is given once, as a chat's is, and starts with the chat's."""

    id: int
    title: str
    basename: str


class Reader(Protocol):
    """The read side of the archive on a read-only connection of its own; used from worker threads."""

    def chats(self) -> list[Chat]:
        """Return all chats, in the order in which they were first exported."""
        ...

    def summary(self, chat: Chat) -> ChatSummary:
        """Return what a chat's own note tells."""
        ...

    def topics(self, chat: Chat) -> dict[int, Topic]:
        """Return the topics of a forum by id, with the latest known titles."""
        ...

    def peer_name(self, peer_id: int) -> str:
        """Return the latest known name for a marked id; never empty."""
        ...

    def peer_username(self, peer_id: int) -> str:
        """Return the latest known username without @, or an empty string."""
        ...

    def messages(self, chat: Chat, *, topic_id: int | None, start: int, end: int) -> Iterator[Message]:
        """Yield messages with `start` ≤ date < `end` (UTC seconds) in id order.

        `topic_id` None means every message of the chat.
        """
        ...

    def message(self, chat: Chat, message_id: int) -> Message | None:
        """Return one message, or None when the archive does not have it."""
        ...

    def versions(self, chat: Chat, message_id: int) -> list[Message]:
        """Return the earlier states of an edited message, the oldest first."""
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

    def part_starts(self, chat: Chat, *, topic_id: int | None, start: int, end: int, size: int) -> list[int]:
        """Return the first id of every part of `size` messages, by rank in id order within the dates.

        An album that would be cut begins the later part as a whole.
        """
        ...

    def file_state(self, file_kind: str, file_id: int) -> FileState:
        """Return whether a file's bytes are here, or why not."""
        ...


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


ABOUT = "about"
"""The partition key of a chat's own note."""

INDEX = "index"
"""The partition key of the note that lists all chats; it belongs to no chat."""


@dataclass(slots=True)
class Rendering:
    """One file as it should stand: its path below the export folder, and its bytes.

    `partition` is the key of the partition (ABOUT and INDEX for those notes); `peers` are the
    people whose names it shows, so that a changed name redraws it.
    """

    path: str
    partition: str
    body: bytes
    peers: frozenset[int] = frozenset()


class Writer(Protocol):
    """One format. Everything comes from the Reader; the same archive gives the same bytes."""

    name: str

    def partitions(self, chat: Chat, days: Iterable[tuple[int | None, int]]) -> list[Partition]:
        """Return the partitions that (topic id, UTC day) pairs fall into, earliest first."""
        ...

    def render(self, partition: Partition) -> Iterator[Rendering]:
        """Yield the partition's files in order; none when it has no message."""
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


@dataclass(slots=True)
class Placed:
    """A file that tobs wrote: the hash on disk, and the hash that was about to be written."""

    path: str
    account: int
    chat_id: int
    partition: str
    on_disk: str
    pending: str
    peers: frozenset[int]


class Ledger(Protocol):
    """What project remembers in the archive: which days are stale, and which files are ours."""

    async def stale_days(self, chat: Chat) -> list[tuple[int | None, int]]:
        """Return (topic id, UTC day) pairs whose messages changed since they were last rendered."""
        ...

    async def clear_stale(self, chat: Chat, days: list[tuple[int | None, int]]) -> None:
        """Forget these pairs: their files are on disk.

        A pair that became stale again after the last `stale_days` of the chat stays.
        """
        ...

    async def stale_partitions(self, chat: Chat | None) -> list[str]:
        """Return the keys of partitions that show a name which changed since (None: of no chat)."""
        ...

    async def clear_partitions(self, chat: Chat | None, keys: list[str]) -> None:
        """Forget these partitions, as `clear_stale` forgets days."""
        ...

    async def mark_linking(self, chat: Chat, *, topic_id: int | None, start: int, end: int) -> None:
        """Mark the days of messages that answer one with `start` ≤ date < `end` (UTC seconds) stale.

        For when the parts of a partition moved, so that links into it name another file.
        """
        ...

    async def reserve_topics(self, chat: Chat) -> None:
        """Give every topic of the chat that has none a basename, in the order of their ids.

        To be called before the first render of a run, when all pages are in: given earlier, names would
        depend on which page came first.
        """
        ...

    async def placed(self, chat: Chat | None) -> list[Placed]:
        """Return the files written for a chat, or those that belong to no chat."""
        ...

    async def expect_file(self, placed: Placed) -> None:
        """Commit that a file is about to be written (durable when this returns)."""
        ...

    async def confirm_file(self, placed: Placed) -> None:
        """Commit that the file stands on disk."""
        ...

    async def forget_file(self, path: str) -> None:
        """Drop a file that no longer exists."""
        ...
