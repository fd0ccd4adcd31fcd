"""messages.getForumTopics and getForumTopicsByID: the topics of a forum with their own paging."""

from typing import Any

from telethon.tl import functions, types

from tobs.simulator.access import account_id, open_chat
from tobs.simulator.dispatch import Context, RpcError, serves
from tobs.simulator.logs import rank_with
from tobs.simulator.model import Chat, Kind
from tobs.simulator.pages import LARGEST_PAGE, encode_peers
from tobs.simulator.raw import Encoded
from tobs.simulator.reading import seconds_of, shown_log


@serves(functions.messages.GetForumTopicsRequest)
def get_forum_topics(context: Context, request: Any) -> Any:
    """Answer a part of the topics, General and hidden ones included: pinned first, then by their newest message.

    The part begins after the offset triple (date, id, topic); `q` keeps those whose title holds it.
    """
    chat = _open_forum(context, request.peer)
    words = (request.q or "").casefold()
    listed = [topic for topic in _in_order(chat) if words in topic.title.casefold()]
    part = _after(chat, listed, request)[: min(max(request.limit, 1), LARGEST_PAGE)]
    return _describe(context, chat, part, len(listed))


@serves(functions.messages.GetForumTopicsByIDRequest)
def get_forum_topics_by_id(context: Context, request: Any) -> Any:
    """Answer the topics asked for in that order, `forumTopicDeleted` for ids of none."""
    if not request.topics:
        raise RpcError(400, "TOPICS_EMPTY")
    chat = _open_forum(context, request.peer)
    found = [chat.topics.get(number) or types.ForumTopicDeleted(number) for number in request.topics]
    return _describe(context, chat, found, len(found))


def _open_forum(context: Context, peer: Any) -> Chat:
    chat = open_chat(context, peer)
    if chat.kind is not Kind.FORUM:
        raise RpcError(400, "CHANNEL_FORUM_MISSING")
    return chat


def _in_order(chat: Chat) -> list[types.ForumTopic]:
    return sorted(
        chat.topics.values(),
        key=lambda topic: (bool(topic.pinned), topic.top_message, topic.id),
        reverse=True,
    )


def _after(chat: Chat, listed: list[Any], request: Any) -> list[Any]:
    """Return the topics after the offset; one that has moved meanwhile is looked for by its message."""
    date = seconds_of(request.offset_date)
    if not (request.offset_topic or request.offset_id or date):
        return listed
    for position, topic in enumerate(listed):
        if topic.id == request.offset_topic and topic.top_message == request.offset_id:
            return listed[position + 1 :]
    bound = request.offset_id
    if not bound:
        rank = chat.log.rank_of_date(date)
        bound = chat.log.id_at(rank) if date and rank < len(chat.log) else chat.top + 1
    return [topic for topic in listed if not topic.pinned and topic.top_message < bound]


def _describe(context: Context, chat: Chat, topics: list[Any], count: int) -> Any:
    log = shown_log(context, chat, chat.log)
    messages, peers = [], {chat.marked}
    for topic in topics:
        rank = rank_with(log, getattr(topic, "top_message", 0))
        if rank is not None:
            messages.append(Encoded(log.page(rank, rank + 1)))
            peers |= log.peers(rank, rank + 1)
    users, chats = encode_peers(context.world, account_id(context), peers, in_group=True)
    return types.messages.ForumTopics(count, topics, messages, chats, users, chat.pts)
