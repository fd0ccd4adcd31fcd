"""From TL bytes to rows: one answer of the server in, plain tuples out.

Runs wherever the pool puts it; needs telethon.tl only, no connection and no state.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import msgspec
from telethon.errors import TypeNotFoundError
from telethon.tl import types as tl
from telethon.tl.alltlobjects import LAYER

from tobs.core.ids import is_channel, is_user
from tobs.core.media import Values
from tobs.core.model import (
    GENERAL_TOPIC,
    Content,
    Counters,
    Decoded,
    Forward,
    MessageRow,
    Reply,
    RootRow,
    ThreadRow,
    TopicRow,
    WantRow,
)
from tobs.errors import Damaged
from tobs.telegram.actions import decode_action
from tobs.telegram.blocks import decode_blocks, decode_button
from tobs.telegram.counters import read_counters
from tobs.telegram.entities import decode_entities
from tobs.telegram.fields import MOVING
from tobs.telegram.media import decode_media
from tobs.telegram.peers import mark_peer
from tobs.telegram.people import ANSWERS, AnswerReader
from tobs.telegram.reader import PlainEmpty, PlainMessage, PlainService
from tobs.telegram.rest import Rest
from tobs.telegram.salvage import salvage_answer

UNREADABLE = (
    TypeNotFoundError,
    BufferError,
    struct.error,
    AttributeError,
    RuntimeError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
)
"""What Telethon's parsers raise for bytes that are no answer of this layer."""

_MESSAGES = frozenset((PlainMessage, PlainService, PlainEmpty))

READS_LAYER: int = LAYER
"""The layer whose constructors are known here."""

_encoder = msgspec.json.Encoder()


def decode_page(raw: bytes, *, chat_id: int, account: int, is_forum: bool) -> Decoded:
    """Return what an answer of getHistory (or any other messages.Messages) holds.

    A message that stands in the answer twice counts once, as it stood last. `account` is the user id
    of whoever asked: in private chats Telegram names no sender; 0 when that is not known any more. An answer that holds a constructor which
    this layer does not know is read up to there. Raises Damaged when the bytes are no such answer.
    """
    answer, size_bytes = _read_answer(raw)
    try:
        return _describe(answer, size_bytes, _Place(chat_id, account, is_forum))
    except (AttributeError, TypeError, ValueError, LookupError, ArithmeticError) as error:
        # TL says what may stand where, and its parsers do not check it: here stands something else.
        raise Damaged(f"An answer of Telegram cannot be read: {error!r}.") from error


def _describe(answer: Any, size_bytes: int, place: _Place) -> Decoded:
    listed = answer.messages
    if not {type(each) for each in listed} <= _MESSAGES:
        raise Damaged("An answer of Telegram cannot be read: it lists what is no message.")
    unreadable = getattr(answer, "unreadable", None)
    ids = [*(each.id for each in listed), *filter(None, [unreadable])]
    if min(ids, default=1) < 1:
        raise Damaged("An answer of Telegram cannot be used: it lists messages with ids that none can have.")
    found = Decoded(
        rows=[],
        peers=[each for each in (*answer.users, *answer.chats) if each],
        topics=_list_topics(answer),
        wants=[],
        lowest=min(ids, default=None),
        highest=max(ids, default=None),
        total=getattr(answer, "count", None) or len(ids),
        size_bytes=size_bytes,
        empty=[each.id for each in listed if type(each) is PlainEmpty],
        is_cut=getattr(answer, "is_cut", False),
        unreadable=unreadable,
        pts=getattr(answer, "pts", None),
        is_foreign=any(
            type(each) is not PlainEmpty and mark_peer(each.peer_id) != place.chat_id for each in listed
        ),
    )
    for each in {each.id: each for each in listed if type(each) is not PlainEmpty}.values():
        _add_message(found, each, place)
    return found


def _add_message(found: Decoded, message: Any, place: _Place) -> None:
    row, content = place.read(message)
    found.rows.append(row)
    if content.action is not None and (topic := _read_topic(message, row)):
        found.topics.append(topic)
    if content.media is not None or content.page is not None:
        found.wants += _list_wants(row.id, content)
    if content.reply is not None and (thread := _read_thread(row, content.reply)):
        found.threads.append(thread)
    if content.forward is not None and (root := _read_root(row, content.forward)):
        found.roots.append(root)


def _read_answer(raw: bytes) -> tuple[Any, int]:
    """Return an answer, or what can be read of it, and how many of its bytes belong to it as far as is known."""
    reader = AnswerReader(raw)
    try:
        try:
            answer = reader.tgread_object()
        except TypeNotFoundError:
            return salvage_answer(raw), len(raw)
        if not isinstance(answer, ANSWERS):
            raise TypeError(f"{type(answer).__name__} has no messages")
        return answer, reader.tell_position()
    except UNREADABLE as error:
        raise Damaged(f"An answer of Telegram cannot be read: {error!r}.") from error


class _Place:
    """The chat that a page belongs to: what its messages leave out follows from it."""

    def __init__(self, chat_id: int, account: int, is_forum: bool) -> None:
        self.chat_id = chat_id
        self.account = account
        self.is_forum = is_forum

    def read(self, message: Any) -> tuple[MessageRow, Content]:
        is_service = type(message) is PlainService
        # Most messages are nothing but a text: they are not looked at any further.
        is_bare = not is_service and vars(message).keys() <= _TEXT
        if is_bare:
            content, kind = _NOTHING, "text" if message.message else "withheld"
        else:
            content, kind = (_read_service if is_service else _read_body)(message)
        counters = read_counters(message, is_service=is_service)
        sender_id = self._find_sender(message)
        if message.out and not self._is_asker(sender_id):
            counters = counters or Counters()
            counters.other["out"] = True
        if other := self._read_flags(message, sender_id):
            content = Content(other=other) if is_bare else content
            content.other |= other
        row = MessageRow(
            message.id,
            message.date,
            getattr(message, "edit_date", None),
            sender_id,
            self._find_topic(message),
            _find_target(message.reply_to),
            getattr(message, "grouped_id", None),
            kind,
            getattr(message, "message", None) or "",
            "{}" if content is _NOTHING else _to_json(content),
            _to_json(counters) if counters else "{}",
        )
        return row, content

    def _read_flags(self, message: Any, sender_id: int | None) -> Values:
        """Return what a message says of its place that this place does not say already."""
        other: Values = {}
        if message.post and sender_id != self.chat_id:
            other["post"] = True
        if message.saved_peer_id is not None and self.chat_id != self.account:
            other["saved_peer_id"] = mark_peer(message.saved_peer_id)
        return other

    def _find_sender(self, message: Any) -> int | None:
        if message.from_id is not None:
            return mark_peer(message.from_id)
        if is_user(self.chat_id):
            return self.account if message.out else self.chat_id
        return self.chat_id if is_channel(self.chat_id) and message.post else None

    def _is_asker(self, sender_id: int | None) -> bool:
        """Tell whether the sender of an own message is who asked; where that is not known any more, any person is."""
        return sender_id == self.account or (
            not self.account and sender_id is not None and is_user(sender_id)
        )

    def _find_topic(self, message: Any) -> int | None:
        if self.chat_id == self.account:
            return mark_peer(getattr(message, "saved_peer_id", None)) or self.account
        if not self.is_forum:
            return None
        if isinstance(getattr(message, "action", None), tl.MessageActionTopicCreate):
            return int(message.id)
        header = message.reply_to
        if isinstance(header, tl.MessageReplyHeader) and header.forum_topic:
            return int(header.reply_to_top_id or header.reply_to_msg_id or GENERAL_TOPIC)
        return GENERAL_TOPIC


def _to_json(record: Content | Counters) -> str:
    return _encoder.encode(record).decode()


def _find_target(header: Any) -> int | None:
    """Return the message of the same chat that is answered; a topic's root alone is no answer."""
    if not isinstance(header, tl.MessageReplyHeader) or header.reply_to_peer_id is not None:
        return None
    if header.forum_topic and not header.reply_to_top_id:
        return None
    return int(header.reply_to_msg_id) if header.reply_to_msg_id else None


_SAID = (
    "id", "date", "message", "edit_date", "grouped_id", "from_id", "saved_peer_id", "fwd_from", "via_bot_id",
    "via_business_bot_id", "reply_to", "media", "reply_markup", "entities", "post_author", "silent", "noforwards",
    "edit_hide", "rich_message", "effect", "paid_message_stars", "ttl_period", "action",
)  # fmt: skip
_REST = Rest(*_SAID)
_KNOWN = {*_SAID, "out", "peer_id", "post", *MOVING["Message"]}
"""What a message may have of which nothing is in the rest."""
_TEXT = {
    "id",
    "date",
    "message",
    "edit_date",
    "grouped_id",
    "from_id",
    "saved_peer_id",
    "out",
    "peer_id",
    "post",
    *MOVING["Message"],
}
"""What a message of nothing but a text may have."""
_NOTHING = Content()


def _read_service(message: Any) -> tuple[Content, str]:
    """Return what a service message says, and its kind."""
    content = Content(action=decode_action(message.action), is_silent=bool(message.silent))
    if message.reply_to is not None:
        content.reply = _read_reply(message.reply_to)
    content.ttl_seconds = message.ttl_period or 0
    content.other = _REST.read(message)
    return content, "service"


def _read_body(message: Any) -> tuple[Content, str]:
    """Return what an ordinary message says, and its kind."""
    content = Content(
        decode_entities(message.entities),
        via_bot_id=message.via_bot_id or 0,
        author=message.post_author or "",
        is_silent=bool(message.silent),
        is_protected=bool(message.noforwards),
        is_edit_hidden=bool(message.edit_hide),
        other={} if vars(message).keys() <= _KNOWN else _REST.read(message),
    )
    if message.reply_to is not None:
        content.reply = _read_reply(message.reply_to)
    if message.fwd_from is not None:
        content.forward = _read_forward(message.fwd_from)
    if message.reply_markup is not None:
        _read_markup(message.reply_markup, content)
    if message.media is not None:
        content.media = decode_media(message.media)
    if not _RARE.isdisjoint(vars(message)):
        _read_rare(message, content)
    return content, _name_kind(message, content)


_RARE = {"effect", "paid_message_stars", "ttl_period", "via_business_bot_id", "rich_message"}


def _read_rare(message: Any, content: Content) -> None:
    content.effect_id = message.effect or 0
    content.paid_stars = message.paid_message_stars or 0
    content.ttl_seconds = message.ttl_period or 0
    content.via_business_bot_id = message.via_business_bot_id or 0
    if message.rich_message is not None:
        content.page = decode_blocks(message.rich_message)


def _name_kind(message: Any, content: Content) -> str:
    if content.media is None:
        # There is no message of nothing.
        return "text" if message.message or content.page else "withheld"
    if content.media.kind == "webpage":
        return "text"
    if content.media.kind == "unsupported":
        content.unsupported = content.media.title
    return content.media.kind


_HEADER = Rest(
    "forum_topic", "reply_to_msg_id", "reply_to_peer_id", "reply_to_top_id", "quote", "quote_text", "quote_entities",
    "quote_offset", "todo_item_id", "poll_option", "reply_from", "reply_media",
)  # fmt: skip


def _read_reply(header: Any) -> Reply | None:
    if isinstance(header, tl.MessageReplyStoryHeader):
        return Reply(chat_id=mark_peer(header.peer) or 0, story_id=header.story_id)
    if _find_target(header) is None and header.reply_to_peer_id is None and not header.reply_from:
        return None
    found = Reply(
        header.reply_to_msg_id or 0,
        mark_peer(header.reply_to_peer_id) or 0,
        header.reply_to_top_id or 0,
        is_topic=bool(header.forum_topic),
        other=_HEADER.read(header),
    )
    if header.quote_text or header.quote:
        found.quote, found.is_quote = header.quote_text or "", bool(header.quote)
        found.entities = decode_entities(header.quote_entities)
        found.quote_offset = header.quote_offset or 0
    if header.todo_item_id or header.poll_option:
        found.task_id, found.poll_option = header.todo_item_id or 0, (header.poll_option or b"").hex()
    if header.reply_from is not None:
        found.origin = _read_forward(header.reply_from)
    if header.reply_media is not None:
        found.media = decode_media(header.reply_media)
    return found


_ORIGIN = Rest(
    "date", "from_id", "from_name", "channel_post", "post_author", "saved_from_peer", "saved_from_msg_id",
    "saved_from_id", "saved_from_name", "saved_date", "imported", "psa_type",
)  # fmt: skip


def _read_forward(header: Any) -> Forward:
    return Forward(
        date=header.date,
        from_id=mark_peer(header.from_id) or 0,
        name=header.from_name or "",
        post_id=header.channel_post or 0,
        author=header.post_author or "",
        saved_chat_id=mark_peer(header.saved_from_peer) or 0,
        saved_id=header.saved_from_msg_id or 0,
        saved_from_id=mark_peer(header.saved_from_id) or 0,
        saved_name=header.saved_from_name or "",
        saved_date=header.saved_date or 0,
        is_imported=bool(header.imported),
        psa=header.psa_type or "",
        other=_ORIGIN.read(header),
    )


_KEYBOARDS = {
    tl.ReplyKeyboardMarkup: "keyboard",
    tl.ReplyKeyboardHide: "keyboard_hide",
    tl.ReplyKeyboardForceReply: "force_reply",
}
_MARKUP = Rest("rows")


def _read_markup(markup: Any, content: Content) -> None:
    content.buttons = [
        [decode_button(each) for each in row.buttons] for row in getattr(markup, "rows", None) or ()
    ]
    content.keyboard = _KEYBOARDS.get(type(markup), "")
    if rest := _MARKUP.read(markup):
        content.other["reply_markup"] = rest


def _list_topics(answer: Any) -> list[TopicRow]:
    """Return the topics that the answer tells beside its messages."""
    told = getattr(answer, "topics", None) or ()
    return [topic_row(each) for each in told if isinstance(each, tl.ForumTopic)]


def topic_row(topic: Any) -> TopicRow:
    """Return what a ForumTopic, or ForumTopicDeleted, says.

    Whatever was said about a topic was said in it, so no later than by its newest message.
    """
    if isinstance(topic, tl.ForumTopicDeleted):
        return TopicRow(topic.id, "", 0, is_missing=True)
    closed, hidden = bool(topic.closed), bool(topic.hidden)
    return TopicRow(topic.id, topic.title, topic.top_message, closed, hidden, is_told=True)


def _read_topic(message: Any, row: MessageRow) -> TopicRow | None:
    """Return what a service message says about a topic, if it says anything."""
    action = getattr(message, "action", None)
    if (
        not isinstance(action, (tl.MessageActionTopicCreate, tl.MessageActionTopicEdit))
        or row.topic_id is None
    ):
        return None
    closed, hidden = getattr(action, "closed", None), getattr(action, "hidden", None)
    if not action.title and closed is None and hidden is None:
        return None
    return TopicRow(row.topic_id, action.title or "", message.id, closed, hidden)


def _read_root(row: MessageRow, forward: Forward) -> RootRow | None:
    """Return the post that a message repeats: the service puts it into the discussion group in the channel's name."""
    if not forward.post_id or not is_channel(forward.from_id):
        return None
    is_own = row.sender_id == forward.from_id == forward.saved_chat_id
    return RootRow(row.id, forward.from_id, forward.post_id) if is_own else None


def _read_thread(row: MessageRow, reply: Reply) -> ThreadRow | None:
    if not reply.top_id or reply.is_topic or row.reply_to_id in {None, reply.top_id}:
        return None
    return ThreadRow(reply.top_id, row.id)


def _list_wants(message_id: int, content: Content) -> Iterator[WantRow]:
    for media, file in content.list_files():
        if media.ttl_seconds:  # to fetch it would be to open it (https://core.telegram.org/api/self-destruct)
            continue
        yield WantRow(message_id, file.kind, file.id, media.kind, file.size_bytes, file.mime, file.name)
