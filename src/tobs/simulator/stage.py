"""Builds a world of written conversations: chats are put on, scripts filled, ids given, and the curtain rises."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.core.ids import is_channel, mark_group
from tobs.simulator.corpus import people
from tobs.simulator.logs import WrittenLog
from tobs.simulator.marks import marked_of, peer_of
from tobs.simulator.model import Chat, Kind, World
from tobs.simulator.script import Draft, Script, number, tell_ids, write_log

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
    topics = {1: _topic(script, 1, BEGIN, "General", types.PeerUser(people.OWNER))}
    for draft in script.drafts:
        action = getattr(draft.message, "action", None)
        if isinstance(action, types.MessageActionTopicCreate):
            topics[draft.message.id] = _topic(
                script, draft.message.id, draft.date, action.title, draft.message.from_id, action.icon_color
            )
        elif isinstance(action, types.MessageActionTopicEdit) and draft.topic in topics:
            _edit_topic(topics[draft.topic], action)
        topics[_home(draft)].top_message = draft.message.id
    return topics


def _home(draft: Draft) -> int:
    """Return the topic that a message stands in; the message that creates a topic is its first."""
    if isinstance(getattr(draft.message, "action", None), types.MessageActionTopicCreate):
        return int(draft.message.id)
    return draft.topic or 1


def _edit_topic(topic: types.ForumTopic, action: types.MessageActionTopicEdit) -> None:
    for name in ("title", "closed", "hidden", "icon_emoji_id"):
        value = getattr(action, name)
        if value is not None:
            setattr(topic, name, value)


def _topic(
    script: Script, topic_id: int, date: datetime, title: str, creator: Any, color: int = 0x6FB9F0
) -> types.ForumTopic:
    return types.ForumTopic(
        id=topic_id,
        date=date,
        peer=peer_of(script.chat),
        title=title,
        icon_color=color,
        top_message=topic_id,
        read_inbox_max_id=0,
        read_outbox_max_id=0,
        unread_count=0,
        unread_mentions_count=0,
        unread_reactions_count=0,
        unread_poll_votes_count=0,
        from_id=creator,
        notify_settings=types.PeerNotifySettings(),
    )
