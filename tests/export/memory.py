"""A chat and an archive that are only sets of ids, by the paging rules of core.telegram.org/api/offsets."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tobs.core.fidelity import ChatFidelity
from tobs.core.model import Chat, Decoded, MessageRow, PeerRow, TopicRow
from tobs.core.ports.archive import CommitResult, KnownTopics, SweepPlan
from tobs.core.ports.chains import Chain
from tobs.core.ports.services import TaskPriority
from tobs.core.ports.source import Difference, Discussion, Look, RawPage, Search, Sighting, State
from tobs.core.ranges import Range, merge_ranges
from tobs.core.report import KnownFrom, RenderReport, RunReport, Tally
from tobs.core.request import ListedChats, Projection, Refresh, Selection
from tobs.errors import Damaged

T = TypeVar("T")
CHAT = Chat(0, -1000000000005, "supergroup", "Team chat", "team", "Team chat")


@dataclass
class MemorySource:
    """A chat with these ids; `hidden` ones are left out of pages after the slice is cut, so pages are short.

    Answers break off at the `unreadable` ids, and at the `blind` ones without saying so much as their id.
    """

    ids: Iterable[int]
    page_size: int = 100
    hidden: frozenset[int] = frozenset()
    account_id: int = 77
    unreadable: frozenset[int] = frozenset()
    blind: frozenset[int] = frozenset()
    requests: int = 0
    layer: int = 1
    served: list[list[int]] = field(default_factory=list)
    looked: list[list[int]] = field(default_factory=list)

    async def find_chat(self, name: str) -> Chat:
        return CHAT

    async def list_called(self, title: str) -> list[Chat]:
        return []

    async def find_members(self, chat: Chat, name: str) -> list[Chat]:
        return []

    def forget_people(self, name: str, chats: list[Chat]) -> None:
        """Nothing is remembered."""

    def note_seen(self, person: Chat, sightings: list[Sighting]) -> None:
        raise AssertionError("nobody is seen here")

    async def find_origin(self, chat: Chat) -> Chat | None:
        return None

    async def find_hidden(self, chat: Chat) -> int:
        return 0

    async def list_chats(self, selection: Selection) -> ListedChats:
        return ListedChats([CHAT])

    async def prepare(self, kinds: AbstractSet[str]) -> None:
        """There is one way only."""

    async def expect(self, messages: int) -> None:
        """There is one way only."""

    def note_withheld(self, chat: Chat) -> None:
        raise AssertionError("nothing is withheld here")

    async def fetch_history(
        self, chat: Chat, *, top: int, low: int, floor: int = 1, limit: int = 100, thread: int = 0
    ) -> RawPage:
        await asyncio.sleep(0)
        below = sorted((each for each in self.ids if not top or each <= top), reverse=True)
        page = [each for each in below[: min(self.page_size, limit)] if each >= floor]
        # A page is never empty while something is left: the service goes on until it finds a message.
        shown = [each for each in page if each not in self.hidden] or page
        self.served.append(shown)
        return self._pack(chat, Range(low, top) if top else Range(0, 0), shown)

    def _pack(self, chat: Chat, asked: Range, ids: list[int]) -> RawPage:
        self.requests += 1
        listed = [
            f"{each}" if each in self.unreadable else "" if each in self.blind else each for each in ids
        ]
        return RawPage(chat, asked, json.dumps(listed).encode(), self.layer, 0.0)

    async def look(self, chat: Chat, look: Look) -> RawPage:
        await asyncio.sleep(0)
        ids = sorted(self.ids, reverse=True)
        key = look.top or (look.before - 1 if look.before else 2**62)
        first = sum(1 for each in ids if each > key) + look.skip
        shown = ids[max(first, 0) : max(first + look.limit, 0)]
        self.looked.append(shown)
        return self._pack(chat, Range(0, 0), shown)

    async def fetch_by_id(self, chat: Chat, ids: list[int]) -> RawPage:
        """Answer with the ids that are there, and the others below zero."""
        await asyncio.sleep(0)
        there = set(self.ids)
        shown = [each if each in there else -each for each in ids]
        return self._pack(chat, Range(min(ids), max(ids)), shown)

    async def search(self, chat: Chat, search: Search) -> RawPage:
        """Find every message whose id can be divided by the length of the kind's name."""
        await asyncio.sleep(0)
        top = search.top or 2**62
        found = [each for each in self.ids if each <= top and each % (len(search.kind) or 1) == 0]
        page = sorted(found, reverse=True)[: min(search.limit, self.page_size)]
        shown = [each for each in page if each >= search.floor]
        self.served.append(shown)
        return RawPage(chat, Range(0, 0), json.dumps(shown).encode(), 1, 0.0, proves=False)

    async def channel_difference(self, chat: Chat, pts: int) -> Difference:
        return Difference(State(pts))

    async def account_state(self) -> State:
        return State(1)

    async def account_difference(self, state: State) -> Difference:
        return Difference(state)

    async def find_discussion(self, channel: Chat, post_id: int) -> Discussion | None:
        return None

    async def find_group(self, channel: Chat) -> Chat | None:
        return None

    async def list_topics(self, chat: Chat) -> list[TopicRow]:
        return []

    async def find_topics(self, chat: Chat, ids: list[int]) -> list[TopicRow]:
        return []


def decode_ids(raw: bytes, *, chat_id: int, account: int, is_forum: bool) -> Decoded:
    """Implements core.ports.source.Decoder for MemorySource."""
    try:
        whole = json.loads(raw)
    except json.JSONDecodeError as error:
        raise Damaged("Not an answer.") from error
    listed = list(itertools.takewhile(lambda each: isinstance(each, int), whole))
    cut = next((each for each in whole if isinstance(each, str)), None)
    unreadable = int(cut) if cut else None
    ids = [each for each in listed if each > 0]
    rows = [MessageRow(each, each, None, 1, None, None, None, "text", "", "{}", "{}") for each in ids]
    ids += [unreadable] if unreadable else []
    return Decoded(
        rows,
        [],
        [],
        [],
        min(ids, default=None),
        max(ids, default=None),
        None,
        len(raw),
        [-each for each in listed if each < 0],
        is_cut=cut is not None,
        unreadable=unreadable,
    )


class NoChains:
    """Implements core.ports.chains.Chains for answers that tell no state."""

    async def read(self, chat: Chat) -> Chain | None:
        return None

    async def begin(self, chat: Chat, pts: int | None) -> bool:
        return False

    async def advance(self, chat: Chat, pts: int) -> None:
        raise AssertionError

    async def renew(self, chat: Chat, pts: int | None, known_from: KnownFrom) -> None:
        assert pts is None

    async def tear(self, chat: Chat) -> None:
        raise AssertionError

    async def state(self, account: int) -> State | None:
        return None

    async def keep_state(self, account: int, state: State, *, is_torn: bool = False) -> None:
        raise AssertionError

    async def chats_of(self, account: int) -> list[Chat]:
        return []

    async def find_touched(self, chat: Chat, difference: Difference) -> list[int]:
        return []


@dataclass
class MemoryArchive:
    """Implements core.ports.archive.Archive with sets; `stored` counts how often each id came."""

    covered: list[Range] = field(default_factory=list)
    asked: list[Range] = field(default_factory=list)
    stored: dict[int, int] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    unreadable: dict[int, int] = field(default_factory=dict)
    room: int = 2**62
    chains: NoChains = field(default_factory=NoChains)

    async def add_chat(self, chat: Chat, *, group: Chat | None = None) -> Chat:
        return chat

    async def halves(self, chat: Chat) -> list[Chat]:
        return [chat]

    async def list_people(self, chats: list[Chat]) -> list[PeerRow]:
        return []

    async def list_sightings(self, chats: list[Chat], sender_id: int) -> list[Sighting]:
        return []

    async def link_discussion(self, channel: Chat, group: Chat) -> Chat:
        return group

    async def note_asked(self, chat: Chat, asked: Range, scope: int = 0) -> None:
        self.asked = merge_ranges([*self.asked, asked])

    async def asked_top(self, chat: Chat, scope: int = 0) -> int:
        return self.asked[-1].high if self.asked else 0

    async def hidden_to(self, chat: Chat, account: int) -> int | None:
        return None

    async def note_hidden(self, chat: Chat, account: int, hidden_to: int) -> None:
        assert not hidden_to

    async def note_whole(self, chat: Chat, top: int) -> None:
        if top:
            await self.note_asked(chat, Range(1, top))

    async def commit_page(self, page: RawPage, decoded: Decoded, covers: Range | None) -> CommitResult:
        await asyncio.sleep(0)
        self._take(page, decoded)
        if covers:
            self.covered = merge_ranges([*self.covered, covers])
        return CommitResult(new=len(decoded.rows))

    async def commit_lookup(self, page: RawPage, decoded: Decoded) -> CommitResult:
        await asyncio.sleep(0)
        self._take(page, decoded)
        self.gone |= set(decoded.empty)
        for each in decoded.empty:
            self.unreadable.pop(each, None)
        return CommitResult(deleted=len(decoded.empty))

    def _take(self, page: RawPage, decoded: Decoded) -> None:
        for row in decoded.rows:
            self.stored[row.id] = self.stored.get(row.id, 0) + 1
            self.unreadable.pop(row.id, None)
        if decoded.unreadable is not None:
            self.unreadable[decoded.unreadable] = page.layer

    async def unreadable_layers(self, chat: Chat) -> dict[int, int]:
        return dict(self.unreadable)

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
        return SweepPlan([], KnownFrom(1))

    async def covered_ranges(self, chat: Chat, scope: int = 0) -> list[Range]:
        return [*self.covered]

    async def count_stored(self, chat: Chat, ids: Range) -> int:
        return sum(1 for each in self.stored if ids.holds(each))

    async def known_topics(self, chat: Chat) -> KnownTopics:
        return KnownTopics(is_listed=True, unnamed=[], titles={})

    async def note_topics(self, chat: Chat, rows: list[TopicRow], *, listed_at: float | None) -> None:
        pass

    async def tally(self, chat: Chat) -> Tally:
        return Tally()

    async def keep_projection(self, wanted: Projection) -> Projection:
        return wanted

    async def save_run(self, report: RunReport) -> None:
        pass


class NoPool:
    """Implements core.ports.services.Pool on the loop's own thread."""

    lanes = 1
    width = 1

    async def run(
        self, work: Callable[..., T], *args: Any, priority: TaskPriority = TaskPriority.NORMAL
    ) -> T:
        await asyncio.sleep(0)
        return work(*args)

    async def run_apart(
        self, work: Callable[..., T], *args: Any, priority: TaskPriority = TaskPriority.HIGH
    ) -> T:
        return await self.run(work, *args)

    async def run_anywhere(self, work: Callable[..., T], *args: Any) -> T:
        return await self.run(work, *args)


class NoNotes:
    """Stands where the projector would draw."""

    async def draw_stale(self, **_options: bool) -> RenderReport:
        return RenderReport()

    def following(self, *_args: object, **_options: bool) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def list_fidelity(self, _keys: object) -> list[ChatFidelity]:
        return []
