"""Whose messages are wanted: from what was typed to the one account that goes by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tobs.core.chatname import ChatName, NameKind, list_nearest, match_title, parse_chat_name
from tobs.core.ids import archive_account
from tobs.core.model import Chat
from tobs.core.ports.archive import Archive
from tobs.core.ports.source import Source
from tobs.core.request import ExportRequest
from tobs.errors import ChatNotFound, TobsError, UsageError
from tobs.export.choose import ENDS_THE_RUN

_SHOWN = 10
_HOW_TO_NAME = (
    "The own note of an exported chat lists who wrote there, with their ids; a member of a group is also found by the "
    "whole name, as Telegram shows it."
)


@dataclass(slots=True)
class PeopleFinder:
    """Finds people among the account's chats, those who wrote in the chats of the run, and the members of these."""

    source: Source
    archive: Archive
    request: ExportRequest
    _named: list[Chat] = field(default_factory=list)
    _places: list[Chat] = field(default_factory=list)
    _writers: dict[int, Chat] | None = None

    async def find_sender(self, name: str) -> Chat:
        """Return who goes by this name, with an address.

        Raises UsageError when several do, and ChatNotFound when nobody does.
        """
        parsed = parse_chat_name(name)
        if parsed.kind is not NameKind.TITLE:
            try:
                return await self.source.find_chat(name)
            except ChatNotFound as error:
                if parsed.kind is not NameKind.ID:
                    raise ChatNotFound(
                        f"Whose messages are meant is not clear: {error}", hint=error.hint
                    ) from error
        writers = await self._list_writers()
        found = {each.id: each for each in writers.values() if _fits(each, parsed)}
        found |= {each.id: each for each in await self._list_others(name, parsed)}
        if not found:
            self.source.forget_people(name, self._named)
        sender = self._choose(parsed, found.values())
        if sender.id in writers:
            self.source.note_seen(sender, await self.archive.list_sightings(self._places, sender.id))
        return sender

    async def _list_others(self, name: str, parsed: ChatName) -> list[Chat]:
        """Return who goes by the name in the list of chats, and among the members of the chats that were named."""
        others = await self.source.list_called(parsed.value) if parsed.kind is NameKind.TITLE else []
        for chat in self._named:
            try:
                others += await self.source.find_members(chat, name)
            except ENDS_THE_RUN:
                raise
            except TobsError:
                continue  # its members are not shown to this account
        return others

    async def _list_writers(self) -> dict[int, Chat]:
        """Return by id who wrote in the chats of the run, as far as these are in the archive."""
        if self._writers is None:
            await self._find_places()
            account = self.source.account_id
            self._writers = {
                row.id: Chat(archive_account(row.id, account), row.id, row.kind, row.name, row.username)
                for row in await self.archive.list_people(self._places)
            }
        return self._writers

    async def _find_places(self) -> None:
        """Look up the chats of the run; whatever is wrong with one is said when its turn comes."""
        for name in self.request.chats:
            try:
                self._named.append(await self.source.find_chat(name))
            except ENDS_THE_RUN:
                raise
            except TobsError:
                continue
        self._places = [*self._named]
        if self.request.selection.needs_list:
            try:
                self._places += (await self.source.list_chats(self.request.selection)).chats
            except ENDS_THE_RUN:
                raise
            except TobsError:
                return

    def _choose(self, name: ChatName, found: Iterable[Chat]) -> Chat:
        chosen = match_title(name.value, [*found]) if name.kind is NameKind.TITLE else [*found]
        if len(chosen) == 1:
            return chosen[0]
        if chosen:
            raise UsageError(
                f"{len(chosen)} people are called {name.value!r}: {_describe_all(chosen)}.",
                hint="Give --from the id or the @username of the one that you mean.",
            )
        writers = self._writers or {}
        titles = list_nearest(name.value, [each.title for each in writers.values()])
        near = [each for each in writers.values() if each.title in titles]
        raise ChatNotFound(
            f"Nobody called {name.value!r} is in your list of chats, wrote in the chats to be searched, or is a "
            "member of them.",
            hint=f"The nearest names are: {_describe_all(near)}." if near else _HOW_TO_NAME,
        )


def _fits(person: Chat, name: ChatName) -> bool:
    if name.kind is NameKind.ID:
        return person.id == int(name.value)
    return person.title.casefold() == name.value.casefold()


def _describe_all(people: Iterable[Chat]) -> str:
    ordered = sorted(people, key=lambda each: (each.title, each.id))
    words = [
        f"{each.title} ({each.id}{f', @{each.username}' if each.username else ''})"
        for each in ordered[:_SHOWN]
    ]
    return ", ".join([*words, "…"] if len(ordered) > _SHOWN else words)
