"""The chats of a run: the named ones first, then those chosen from the account's list, each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from tobs.core.chatname import NameKind, Spot, parse_chat_name, refuse_spot
from tobs.core.events import Failed, Said
from tobs.core.ids import SHARED_ACCOUNT
from tobs.core.model import Chat
from tobs.core.ports.services import Emit
from tobs.core.ports.source import Source
from tobs.core.report import ChatReport, RunReport
from tobs.core.request import ExportRequest, ListedChats, Selection
from tobs.errors import (
    Busy,
    ChatNotFound,
    Damaged,
    DiskFull,
    GaveUpWaiting,
    LoginError,
    NetworkError,
    NoAccess,
    Stopped,
    TobsError,
    UsageError,
)

MAY_HAVE_MIGRATED = frozenset({"supergroup", "forum"})
"""What may have been a basic group before (https://core.telegram.org/api/channel#migration)."""

ENDS_THE_RUN = (LoginError, Busy, Damaged, GaveUpWaiting, NetworkError, DiskFull, UsageError, Stopped)
"""What the next chat would meet as well; any other error is one chat's own."""


def list_places(request: ExportRequest) -> Iterator[tuple[str, Spot | None]]:
    """Yield each name with the place that it, or an option beside it, means; None is the whole chat."""
    for name in request.chats:
        for spot in request.spots or (parse_chat_name(name).spot,):
            yield name, spot


def note_failure(emit: Emit, report: ChatReport, error: TobsError) -> None:
    """Put down, and tell, why a chat failed."""
    report.error, report.exit_code = str(error), error.exit_code
    emit(Failed(str(error), hint=error.hint, entity_name=report.title, exit_code=error.exit_code))


class ChatKeeper(Protocol):
    """Where the chats of a run are kept: an archive, or nowhere."""

    async def add_chat(self, chat: Chat, *, group: Chat | None = None) -> Chat:
        """Return the chat with the basename that it keeps; `group` is what it was before."""
        ...

    async def halves(self, chat: Chat) -> list[Chat]:
        """Return a chat that is kept behind the group that it was, if that is kept; nothing if it is not."""
        ...


@dataclass(slots=True)
class Wanted:
    """A chat of the run, or the place in it that alone is wanted."""

    chat: Chat
    report: ChatReport
    spot: Spot | None = None


@dataclass(slots=True)
class Chooser:
    """Looks all chats up before anything is fetched: basenames are given in this order."""

    source: Source
    archive: ChatKeeper
    emit: Emit
    _found: dict[tuple[tuple[int, int], Spot | None], Wanted] = field(default_factory=dict)

    @property
    def chats(self) -> list[Wanted]:
        """The chats that were found so far."""
        return [*self._found.values()]

    async def find_chats(self, request: ExportRequest, report: RunReport) -> list[Wanted]:
        """Return the chats with their reports, which stand in the run's report too; a whole chat has its places in it.

        What cannot be found fails alone; only an unknown chat to leave out, and what the next chat would
        meet as well, is raised.
        """
        listed = await self._list_chats(request.selection)
        excluded = await self._find_excluded(request.selection.excluded)
        for name, spot in list_places(request):
            chat_report = ChatReport(0, name)
            report.chats.append(chat_report)
            try:
                chat = await self.source.find_chat(name)
            except ENDS_THE_RUN as error:
                chat_report.is_interrupted = isinstance(error, Stopped)
                raise
            except TobsError as error:
                note_failure(self.emit, chat_report, error)
                continue
            report.chats.remove(chat_report)
            if chat.id not in excluded and {(chat.key, spot), (chat.key, None)}.isdisjoint(self._found):
                await self._take(chat, spot, excluded, report)
        for chat in listed.chats:
            if chat.id not in excluded and (chat.key, None) not in self._found:
                await self._take(chat, None, excluded, report)
        self._tell(request.selection, listed, report)
        return self.chats

    async def _take(self, chat: Chat, spot: Spot | None, excluded: set[int], report: RunReport) -> None:
        """Take a place in a chat, or the chat behind the basic group that it was: the last report is the chat's."""
        for half in [await self.archive.add_chat(chat)] if spot else await self._add(chat):
            is_own = half.account in {SHARED_ACCOUNT, self.source.account_id}
            if half.id in excluded or (half.key, spot) in self._found or not is_own:
                continue
            found = ChatReport(half.id, half.label, account=half.account)
            report.chats.append(found)
            self._found[half.key, spot] = Wanted(half, found, spot)

    async def _add(self, chat: Chat) -> list[Chat]:
        """Store a chat and return its halves; which group a supergroup was is asked once for all runs."""
        if chat.kind not in MAY_HAVE_MIGRATED:
            return [await self.archive.add_chat(chat)]
        halves = await self.archive.halves(chat)
        origin: Chat | None = None
        if not halves or halves[-1].migrated_from is None:
            try:
                origin = await self.source.find_origin(chat)
                chat = replace(chat, migrated_from=origin.id if origin else 0)
            except ENDS_THE_RUN:
                raise
            except TobsError as error:
                self.emit(Said("warning", f"Which group {chat.title} was before is not known: {error}"))
        await self.archive.add_chat(chat, group=origin)
        return await self.archive.halves(chat)

    async def _list_chats(self, selection: Selection) -> ListedChats:
        """Return what the list gives, or no chats and the reason: the named ones may be there all the same."""
        if not selection.needs_list:
            return ListedChats([])
        try:
            return await self.source.list_chats(selection)
        except ENDS_THE_RUN:
            raise
        except TobsError as error:
            return ListedChats([], [error])

    async def _find_excluded(self, names: Iterable[str]) -> set[int]:
        """Return the marked ids of what is to be left out; nothing is fetched as long as one is not known."""
        excluded = set()
        for name in names:
            parsed = parse_chat_name(name)
            refuse_spot(name, parsed)
            if parsed.kind is NameKind.ID:
                excluded.add(int(parsed.value))
                continue
            try:
                excluded.add((await self.source.find_chat(name)).id)
            except NoAccess:
                # What this account may not read is left out anyway.
                continue
            except ChatNotFound as error:
                raise UsageError(f"What to leave out is not clear: {error}", hint=error.hint) from error
        return excluded

    def _tell(self, selection: Selection, listed: ListedChats, report: RunReport) -> None:
        for error in listed.missing:
            report.chats.append(ChatReport(0, "the list of chats"))
            note_failure(self.emit, report.chats[-1], error)
        for note in listed.notes:
            self.emit(Said("warning", note))
        if not report.chats:
            what = "chat is left" if selection.excluded else "chat of your list is of that folder and type"
            raise ChatNotFound(f"No {what}.", hint="`tobs chats` takes --folder and --type too.")
