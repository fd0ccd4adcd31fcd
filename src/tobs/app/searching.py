"""`tobs search`, wired."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tobs._util.clock import SystemClock
from tobs.app.projection import wanted_projection
from tobs.archive.connect import find_archive
from tobs.archive.read import ArchiveReader
from tobs.archive.search import ArchiveSearch, FoundKey
from tobs.archive.still import open_still
from tobs.core.chatname import NameKind, list_nearest, parse_chat_name, pick_chats, refuse_spot
from tobs.core.model import Chat
from tobs.core.request import Projection
from tobs.core.searching import FoundMessage, Scope, SearchRequest, SearchResult
from tobs.errors import ChatNotFound, Damaged
from tobs.settings import Settings
from tobs.writers.calendar import Calendar
from tobs.writers.places import Places
from tobs.writers.told import say_moment

_REBUILD = "`tobs search --rebuild` makes the index of words anew; if that does not help, `tobs archive repair` mends the archive."


def run_search(settings: Settings, request: SearchRequest) -> SearchResult:
    """Return the messages that hold the words, each with the place where it stands; also while an export runs.

    Raises UsageError when there is no archive, ChatNotFound, or Damaged.
    """
    path = find_archive(request.output)
    return open_still(path, lambda is_still: _search(settings, request, path, is_still=is_still))


def _search(settings: Settings, request: SearchRequest, path: Path, *, is_still: bool) -> SearchResult:
    with closing(ArchiveSearch(path, is_still=is_still)) as search:
        chats = search.chats()
        projection = search.projection() or wanted_projection(settings)
        picked = pick_chats(request.chats, chats)
        scope = _make_scope(search, request, projection, picked)
        try:
            finding = search.find(request.query, scope)
        except Damaged as error:
            raise Damaged(str(error), hint=_REBUILD) from error
    with closing(ArchiveReader(path, is_still=is_still)) as reader:
        teller = _Teller(reader, projection, chats, request.output)
        found = [teller.tell(each) for each in finding.keys]
    return SearchResult(found, finding.total, finding.searched, len(picked))


def _make_scope(
    search: ArchiveSearch, request: SearchRequest, projection: Projection, picked: Sequence[Chat]
) -> Scope:
    limits = request.span.locate(projection.zone, SystemClock().now())
    return Scope(
        chats=tuple(each.key for each in picked) if request.chats else None,
        senders=_find_senders(search, request.senders) if request.senders else None,
        start=limits.start,
        end=limits.end,
        kinds=request.kinds,
        hides_deleted=projection.keep_deleted == "hide",
        order=request.order,
        limit=request.limit,
    )


def _find_senders(search: ArchiveSearch, names: Sequence[str]) -> tuple[int, ...]:
    """Return everybody who goes by one of these names: among one's own archive, several are no mistake."""
    people = search.list_people()
    own = {each.account for each in search.chats() if each.account}
    return tuple(number for name in names for number in _find_sender(name, people, own))


def _find_sender(text: str, people: Sequence[Chat], own: set[int]) -> list[int]:
    name = parse_chat_name(text)
    refuse_spot(text, name)
    wanted = name.value.casefold()
    match name.kind:
        case NameKind.SELF:
            found = sorted(own)
        case NameKind.ID:
            found = [int(name.value)]
        case NameKind.USERNAME:
            found = [each.id for each in people if each.username.casefold() == wanted]
        case _:
            found = [each.id for each in people if each.title.casefold() == wanted]
    if found:
        return found
    near = list_nearest(name.value, [each.title for each in people])
    raise ChatNotFound(
        f"The archive knows nobody called {text!r}.",
        hint=f"The nearest names are: {', '.join(near)}."
        if near
        else "The own note of each chat lists who wrote there.",
    )


class _Teller:
    """Says of messages what a person wants to know, and where they stand."""

    def __init__(
        self, reader: ArchiveReader, projection: Projection, chats: Sequence[Chat], output: Path
    ) -> None:
        self._reader = reader
        self._chats = {each.key: each for each in chats}
        self._places = Places(reader, projection)
        self._calendar = Calendar(projection.zone)
        self._output = output

    def tell(self, key: FoundKey) -> FoundMessage:
        chat = self._chats[key.account, key.chat_id]
        message = self._reader.message(chat, key.id)
        if message is None:  # rows are never taken away, and both readers are of one archive
            raise Damaged(
                f"Message {key.id} of {chat.title} is in the index, but not in the archive.", hint=_REBUILD
            )
        spot = self._places.find(chat, key.id)
        is_drawn = spot is not None and (self._output / spot.path).is_file()
        return FoundMessage(
            account=key.account,
            chat_id=key.chat_id,
            id=key.id,
            date=say_moment(message.date),
            moment=self._calendar.moment(message.date),
            chat=chat.label,
            sender_id=message.sender_id or chat.id,
            sender=self._places.name_sender(chat, message.sender_id),
            kind=message.kind,
            text=message.text,
            is_deleted=bool(message.gone_at),
            note=spot.path if spot and is_drawn else "",
            anchor=spot.anchor if spot and is_drawn else "",
        )
