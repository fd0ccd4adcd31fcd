"""Worlds that change while they are served: messages come, are edited and vanish, and every change is noted."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.core.ids import is_channel
from tobs.simulator.events import Change, Event, Sequence
from tobs.simulator.logs import BulkLog, EditableLog, WrittenLog, message_at, rank_with, write_entry
from tobs.simulator.marks import peer_of
from tobs.simulator.overlay import OverlayLog
from tobs.simulator.topics import edit_topic, make_topic, topic_of


class Living:
    """The part of a `World` that changes its messages; what it needs of the rest is declared here."""

    now: int
    owner: int
    chats: list[Any]
    clock: Callable[[], float] | None = None
    """Gives the dates of what happens (UTC seconds); without one each change comes a second after the one before."""
    forgets_after: int | None = None
    """How many pts of a channel's updates are kept for differences. None: as many as the client's limit, so that a
    difference is too long when pts + limit < current pts, as the documentation had it; today's has 100,000."""
    on_change: Callable[[Event], None] | None = None
    """Called with every event, when what it tells has just happened."""

    def __init__(self) -> None:
        self._sequences: dict[int, Sequence] = {}
        self._last_ids: dict[int, int] = {}
        self._ticks = 0

    def chat(self, marked: int, user_id: int | None = None) -> Any:
        """Return a chat as an account has it (the first one, if none is named), or None."""
        raise NotImplementedError

    def time(self) -> int:
        """Return what time it is in the world (UTC seconds); never before it was made."""
        return max(self.now, int(self.clock())) if self.clock is not None else self.now + self._ticks

    @property
    def event_count(self) -> int:
        """How much has happened since the world was made."""
        return sum(len(sequence.events) for sequence in self._sequences.values())

    def history(self, marked: int) -> list[Event]:
        """Return what has happened in a chat since the world was made."""
        return [event for event in self.sequence(marked).events if event.chat == marked]

    def sequence(self, marked: int) -> Sequence:
        """Return the updates of a channel, or those of the first account to which all its other chats belong."""
        return self._channel_updates(marked) if is_channel(marked) else self.account_updates(self.owner)

    def account_updates(self, user_id: int) -> Sequence:
        """Return the updates of an account's private chats and basic groups."""
        if user_id not in self._sequences:
            pts = 1 + sum(chat.count for chat in self.chats if chat.owner == user_id)
            self._sequences[user_id] = Sequence(pts)
        return self._sequences[user_id]

    def _channel_updates(self, marked: int) -> Sequence:
        if marked not in self._sequences:
            self._sequences[marked] = Sequence(self._living(marked).pts)
        return self._sequences[marked]

    def add_message(
        self,
        marked: int,
        text: str = "",
        *,
        sender: int | None = None,
        reply_to: int = 0,
        topic: int = 0,
        date: int = 0,
        **fields: Any,
    ) -> int:
        """Let a message arrive and return its id.

        `sender` is a marked id (None: not told, as in channels; the other person in a private chat), `topic` the forum
        topic or the root of the comments that it belongs to, `fields` are those of `Message`, or with an `action`
        of `MessageService`. Dates never descend.
        """
        chat = self._living(marked)
        number = self._take_id(chat)
        moment = max(date or self._tick(), chat.top_date)
        is_forum = bool(getattr(chat.entity, "forum", None))
        fields.setdefault("reply_to", _reply_header(reply_to, topic, is_forum=is_forum))
        fields |= _sender_fields(marked, sender, self.owner)
        kind = types.MessageService if "action" in fields else types.Message
        if kind is types.Message:
            fields["message"] = text
        message = kind(id=number, peer_id=peer_of(marked), date=datetime.fromtimestamp(moment, UTC), **fields)
        _editable(chat).add(write_entry(message, topic if is_forum else 0))
        if is_forum:
            _note_topic(chat, message)
        self._note(Change.NEW, chat, [number])
        return number

    def edit_message(self, marked: int, message_id: int, text: str | None = None, **fields: Any) -> None:
        """Edit a message: its text, or any field. Raises KeyError when there is none with this id."""
        if text is not None:
            fields["message"] = text
        fields.setdefault("edit_date", datetime.fromtimestamp(self._tick(), UTC))
        self._change(Change.EDIT, marked, message_id, fields)

    def set_counters(self, marked: int, message_id: int, **fields: Any) -> None:
        """Change views, forwards, reactions or replies, of which no difference tells."""
        self._change(Change.COUNTERS, marked, message_id, fields)

    def delete_message(self, marked: int, message_id: int) -> None:
        """Delete a message. Raises KeyError when there is none with this id."""
        self.delete_messages(marked, [message_id])

    def delete_messages(self, marked: int, ids: Iterable[int]) -> None:
        """Delete several messages of one chat in one event; in a forum also what their topics show on top."""
        chat, gone = self._living(marked), list(ids)
        for message_id in gone:
            self._take_id(chat, ahead=0)  # the id of a deleted top is never given again
            _editable(chat).remove(_rank(chat, message_id))
        self._tick()
        self._note(Change.DELETE, chat, gone)
        for topic in chat.topics.values():
            if topic.top_message in gone:
                ranks = chat.log.matching(lambda message, home=topic.id: topic_of(message) == home)
                topic.top_message = chat.log.id_at(ranks[-1]) if ranks else topic.id

    def add_topic(self, marked: int, title: str, sender: int | None = None) -> int:
        """Create a forum topic and return its id."""
        action = types.MessageActionTopicCreate(title, 0x6FB9F0)
        return self.add_message(marked, sender=sender, action=action)

    def delete_topic(self, marked: int, topic_id: int) -> None:
        """Delete a forum topic with all its messages."""
        chat = self._living(marked)
        del chat.topics[topic_id]
        ranks = chat.log.matching(lambda message: topic_of(message) == topic_id)
        self.delete_messages(marked, [chat.log.id_at(rank) for rank in ranks])

    def _change(self, change: Change, marked: int, message_id: int, fields: dict[str, Any]) -> None:
        chat = self._living(marked)
        rank = _rank(chat, message_id)
        message = message_at(chat.log, rank)
        for name, value in fields.items():
            setattr(message, name, value)
        [topic] = chat.log.topics(rank, rank + 1) or {0}
        _editable(chat).replace(rank, write_entry(message, topic))
        self._note(change, chat, [message_id])

    def _note(self, change: Change, chat: Any, ids: list[int]) -> None:
        sequence = self.sequence(chat.marked)
        sequence.note(change, chat.marked, ids, self.time())
        if is_channel(chat.marked):
            chat.pts = sequence.pts
        if self.on_change is not None:
            self.on_change(sequence.events[-1])

    def _living(self, marked: int) -> Any:
        chat = self.chat(marked)
        if chat is None:
            raise KeyError(f"This world has no chat {marked}.")
        # The state before the first change has to be known before that change.
        if marked not in self._sequences and is_channel(marked):
            self._sequences[marked] = Sequence(chat.pts)
        elif not is_channel(marked):
            self.account_updates(self.owner)
        return chat

    def _take_id(self, chat: Any, ahead: int = 1) -> int:
        """Return the next id of the sequence that the chat takes its ids from, and remember it as taken."""
        sharing = [chat] if not chat.owner else [each for each in self.chats if each.owner == chat.owner]
        top = max(each.top for each in sharing)
        key = chat.owner or chat.marked
        self._last_ids[key] = max(self._last_ids.get(key, 0), top) + ahead
        return self._last_ids[key]

    def _tick(self) -> int:
        self._ticks += 1
        return self.time()


def _editable(chat: Any) -> EditableLog:
    """Return the log of a chat as one that can change; a bulk log gets an overlay at its first change."""
    if isinstance(chat.log, BulkLog):
        chat.log = OverlayLog(chat.log)
    assert isinstance(chat.log, WrittenLog | OverlayLog)
    return chat.log


def _rank(chat: Any, message_id: int) -> int:
    rank = rank_with(chat.log, message_id)
    if rank is None:
        raise KeyError(f"Chat {chat.marked} has no message {message_id}.")
    return rank


def _reply_header(reply_to: int, thread: int, *, is_forum: bool) -> types.MessageReplyHeader | None:
    if not reply_to and (not thread or (is_forum and thread == 1)):
        return None
    target = reply_to or thread
    is_in_topic = is_forum and thread > 1
    top = thread if thread and target != thread else None
    return types.MessageReplyHeader(
        reply_to_msg_id=target, reply_to_top_id=top, forum_topic=is_in_topic or None
    )


def _sender_fields(marked: int, sender: int | None, owner: int) -> dict[str, Any]:
    if sender == owner and marked != owner:
        return {"from_id": peer_of(sender), "out": True}
    return {} if sender is None or sender == marked != owner else {"from_id": peer_of(sender)}


def _note_topic(chat: Any, message: Any) -> None:
    """Tell the topics of a forum about a new message."""
    action = getattr(message, "action", None)
    if isinstance(action, types.MessageActionTopicCreate):
        chat.topics[message.id] = make_topic(chat.marked, message)
    home = chat.topics.get(topic_of(message))
    if home is not None:
        home.top_message = message.id
        if isinstance(action, types.MessageActionTopicEdit):
            edit_topic(home, action)
