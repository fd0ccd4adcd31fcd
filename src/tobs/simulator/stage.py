"""Builds a world of written conversations: chats are put on, scripts filled, ids given, and the curtain rises."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.core.ids import is_channel, mark_group
from tobs.simulator.corpus import people
from tobs.simulator.logs import WrittenLog
from tobs.simulator.marks import marked_of
from tobs.simulator.model import Chat, Kind, World
from tobs.simulator.script import Script, number, tell_ids, write_log
from tobs.simulator.topics import GENERAL, describe_topic, edit_topic, make_topic, topic_of

BEGIN = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@dataclass(slots=True)
class Role:
    """A chat whose script is still being written."""

    script: Script
    chat: Chat


class Stage:
    """Collects chats of the first account; private chats and basic groups get ids from its one sequence."""

    def __init__(self, seed: int, now: datetime) -> None:
        self.seed = seed
        self.now = now
        self.peers: dict[int, Any] = {user.id: user for user in people.everybody()}
        self._roles: list[Role] = []
        self._extra: list[Chat] = []
        self._own_ids = 1

    def private(self, user_id: int, begin: datetime = BEGIN, **fields: Any) -> Script:
        """Put on a chat with a user; with oneself it is the saved messages."""
        user = self.peers[user_id]
        kind = Kind.SELF if user_id == people.OWNER else Kind.BOT if user.bot else Kind.PRIVATE
        return self._put(Chat(kind, user, WrittenLog([]), owner=people.OWNER, **fields), begin)

    def group(self, entity: types.Chat, begin: datetime = BEGIN, **fields: Any) -> Script:
        """Put on a basic group."""
        return self._put(Chat(Kind.GROUP, entity, WrittenLog([]), owner=people.OWNER, **fields), begin)

    def channel(self, entity: types.Channel, begin: datetime = BEGIN, **fields: Any) -> Script:
        """Put on a channel, supergroup or forum."""
        kind = Kind.FORUM if entity.forum else Kind.CHANNEL if entity.broadcast else Kind.SUPERGROUP
        return self._put(Chat(kind, entity, WrittenLog([]), **fields), begin)

    def add(self, chat: Chat, peers: list[Any]) -> None:
        """Add a finished chat and the peers it needs."""
        self._extra.append(chat)
        self.peers |= {marked_of(peer): peer for peer in peers}

    def skip_ids(self, count: int) -> None:
        """Begin the account's own sequence that much later, as if its first messages were gone."""
        self._own_ids += count

    def chat_of(self, script: Script) -> Chat:
        """Return the chat that a script belongs to."""
        return next(role.chat for role in self._roles if role.script is script)

    def _put(self, chat: Chat, begin: datetime) -> Script:
        script = Script(chat.marked, people.OWNER, begin)
        self._roles.append(Role(script, chat))
        return script

    def build(self) -> World:
        """Number all messages and return the world."""
        number([role.script for role in self._roles if not is_channel(role.chat.marked)], self._own_ids)
        for role in self._roles:
            if is_channel(role.chat.marked):
                number([role.script])
        tell_ids([role.script for role in self._roles])
        for role in self._roles:
            role.chat.log = write_log(role.script)
            role.chat.pts = 3 * role.chat.count + 1
            if role.chat.kind is Kind.FORUM:
                role.chat.topics = describe_topics(role.script)
        chats = [*(role.chat for role in self._roles), *self._extra]
        _join_migrated(chats)
        accounts = people.accounts()
        return World(self.seed, int(self.now.timestamp()), accounts, self.peers.values(), chats)


def _join_migrated(chats: list[Chat]) -> None:
    """Tell each supergroup that was a basic group how far the old one went."""
    tops = {chat.marked: chat.top for chat in chats}
    for chat in chats:
        old = chat.full.get("migrated_from_chat_id")
        if old is not None:
            chat.full["migrated_from_max_id"] = tops[mark_group(old)]


def describe_topics(script: Script) -> dict[int, types.ForumTopic]:
    """Return the topics of a forum as its service messages made them, General included."""
    general = describe_topic(script.chat, GENERAL, BEGIN, "General", types.PeerUser(people.OWNER))
    topics = {GENERAL: general}
    for message in (draft.message for draft in script.drafts):
        action = getattr(message, "action", None)
        if isinstance(action, types.MessageActionTopicCreate):
            topics[message.id] = make_topic(script.chat, message)
        home = topics[topic_of(message)]
        if isinstance(action, types.MessageActionTopicEdit):
            edit_topic(home, action)
        home.top_message = message.id
    return topics
