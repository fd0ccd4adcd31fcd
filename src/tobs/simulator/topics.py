"""Forum topics: what a message says about the one that it is in, and what service messages do to them."""

from datetime import datetime
from typing import Any

from telethon.tl import types

from tobs.simulator.marks import peer_of

GENERAL = 1
"""The topic of the messages that name none."""


def topic_of(message: Any) -> int:
    """Return the topic that a message of a forum is in; the message that creates one is its first."""
    if isinstance(getattr(message, "action", None), types.MessageActionTopicCreate):
        return int(message.id)
    reply = message.reply_to
    if isinstance(reply, types.MessageReplyHeader) and reply.forum_topic:
        return int(reply.reply_to_top_id or reply.reply_to_msg_id or GENERAL)
    return GENERAL


def thread_of(message: Any) -> int:
    """Return the root of the thread that a message outside of forums answers in, 0 if it answers nothing."""
    reply = message.reply_to
    if not isinstance(reply, types.MessageReplyHeader):
        return 0
    return int(reply.reply_to_top_id or reply.reply_to_msg_id or 0)


def make_topic(marked: int, message: Any) -> types.ForumTopic:
    """Return the topic that a service message creates."""
    action = message.action
    return describe_topic(marked, message.id, message.date, action.title, message.from_id, action.icon_color)


def describe_topic(
    marked: int, topic_id: int, date: datetime, title: str, creator: Any, color: int = 0x6FB9F0
) -> types.ForumTopic:
    """Return a topic in which everything is read."""
    return types.ForumTopic(
        id=topic_id,
        date=date,
        peer=peer_of(marked),
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


def edit_topic(topic: types.ForumTopic, action: types.MessageActionTopicEdit) -> None:
    """Change what a service message says that was changed."""
    for name in ("title", "closed", "hidden", "icon_emoji_id"):
        value = getattr(action, name)
        if value is not None:
            setattr(topic, name, value)
