"""How far back an account may read: new members of a supergroup may not see what was written before they came.

Of the ids that it cannot see an account learns nothing: Telegram's lists end above them, and looked up by id they are
empty. So nothing that it is told makes them empty, or the messages that another account stored there deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tobs.core.events import Said
from tobs.core.model import Chat
from tobs.core.ports.archive import Archive
from tobs.core.ports.services import Emit
from tobs.core.ports.source import Source
from tobs.core.ranges import Range
from tobs.errors import ServerError
from tobs.export.isolate import HIGHEST

HIDING = frozenset({"supergroup", "forum"})
"""Kinds of chats with a history that may be hidden from some (https://core.telegram.org/constructor/channelFull)."""


@dataclass(slots=True)
class Horizon:
    """What one account cannot see, as far as a run has to know it."""

    source: Source
    archive: Archive
    emit: Emit
    _hidden: dict[tuple[int, int], int] = field(default_factory=dict)
    _found: set[tuple[int, int]] = field(default_factory=set)

    def veil(self, chat: Chat) -> list[Range]:
        """Return the ids that are known to be hidden, as ranges."""
        hidden = self._hidden.get(chat.key, 0)
        return [Range(1, hidden)] if hidden else []

    def lowest(self, chat: Chat) -> int:
        """Return the lowest id that is not known to be hidden."""
        return self._hidden.get(chat.key, 0) + 1

    async def recall(self, chat: Chat) -> None:
        """Learn what is hidden before anything of a chat is read.

        That this account sees all of it is believed where nothing is stored yet, and from its own last run on, until an
        answer comes empty. A server that does not say costs a warning: then such an answer will be an error.
        """
        if chat.kind not in HIDING or chat.key in self._hidden:
            return
        account = self.source.account_id
        known = await self.archive.hidden_to(chat, account)
        if known is None and not await self.archive.count_stored(chat, Range(1, HIGHEST)):
            known = 0
            await self.archive.note_hidden(chat, account, known)
        if known == 0:
            self._hidden[chat.key] = 0
        else:
            await self.consult(chat)

    async def consult(self, chat: Chat) -> int:
        """Return what `find` does, and 0 with a warning when Telegram does not say it."""
        try:
            return await self.find(chat)
        except ServerError as error:
            text = f"Whether this account may read all of {chat.title} is not known: {error}"
            self.emit(Said("warning", text))
            return 0

    async def find(self, chat: Chat) -> int:
        """Return up to which id nothing is visible, as Telegram says in this run; 0 when all is. Raises ServerError."""
        if chat.kind not in HIDING:
            return 0
        if chat.key not in self._found:
            hidden = await self.source.find_hidden(chat)
            await self.archive.note_hidden(chat, self.source.account_id, hidden)
            self._hidden[chat.key] = hidden
            self._found.add(chat.key)
        return self._hidden[chat.key]
