"""Names the topics of a forum: the whole list once, and later only those that no message and no list named.

The lists of Saved Messages are read once, too; they are called like chats, whose names come with messages.
"""

from __future__ import annotations

from dataclasses import dataclass

from tobs.core.events import Said
from tobs.core.model import Chat
from tobs.core.ports.archive import Archive
from tobs.core.ports.services import Clock, Emit
from tobs.core.ports.source import Source
from tobs.errors import NoAccess, ServerError


@dataclass(frozen=True, slots=True)
class TopicNamer:
    """Asks for topics no oftener than needed: what changes later is said by messages.

    Names are an extra: where Telegram refuses to give them, that is told, and the messages are exported.
    """

    source: Source
    archive: Archive
    clock: Clock
    emit: Emit

    async def list_once(self, chat: Chat) -> None:
        """Read the list of topics unless that was done in an earlier run."""
        if chat.main_topic and not (await self.archive.known_topics(chat)).is_listed:
            await self.list_all(chat)

    async def list_all(self, chat: Chat) -> None:
        """Read the list of topics as it is now."""
        try:
            topics = await self.source.list_topics(chat)
        except (NoAccess, ServerError) as error:
            self.emit(Said("warning", f"The topics of {chat.title} could not be listed: {error}"))
            return
        await self.archive.note_topics(chat, topics, listed_at=self.clock.now())

    async def name_rest(self, chat: Chat) -> None:
        """Ask about the topics that messages are in and that have no title yet, such as deleted ones."""
        if chat.kind != "forum" or not (unnamed := (await self.archive.known_topics(chat)).unnamed):
            return
        try:
            topics = await self.source.find_topics(chat, unnamed)
        except (NoAccess, ServerError) as error:
            self.emit(Said("warning", f"Some topics of {chat.title} have no name: {error}"))
            return
        await self.archive.note_topics(chat, topics, listed_at=None)
