"""Topics of a forum as Telegram lists them (https://core.telegram.org/api/forum)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from telethon import functions
from telethon.tl import types as tl

from tobs.core.model import TopicRow
from tobs.telegram.answers import Send, read_answer
from tobs.telegram.decode import topic_row

TOPICS_PER_REQUEST = 100
"""What messages.getForumTopics and getForumTopicsByID give at most."""

_TOPICS = (tl.messages.ForumTopics, "list of topics")


async def list_topics(send: Send) -> list[TopicRow]:
    """Return every topic once; titles and flags are as of each topic's newest message."""
    found: dict[int, TopicRow] = {}
    offset = (0, 0, 0)
    while True:
        answer = read_answer((await send(partial(_ask_list, offset=offset))).raw, *_TOPICS)
        fresh = [each for each in answer.topics if each.id not in found]
        found |= {each.id: topic_row(each) for each in fresh}
        # A page may be short; pinned topics may move while pages are read, so only news goes on.
        if not fresh or len(found) >= answer.count:
            return list(found.values())
        last = fresh[-1]
        dates = {each.id: getattr(each, "date", 0) for each in answer.messages}
        offset = (dates.get(getattr(last, "top_message", 0), 0), getattr(last, "top_message", 0), last.id)


async def find_topics(send: Send, ids: list[int]) -> list[TopicRow]:
    """Return what is known of these topics; what Telegram does not name at all is missing, too."""
    found: dict[int, TopicRow] = {}
    for start in range(0, len(ids), TOPICS_PER_REQUEST):
        some = ids[start : start + TOPICS_PER_REQUEST]
        answer = read_answer((await send(partial(_ask_some, ids=some))).raw, *_TOPICS)
        found |= {each.id: topic_row(each) for each in answer.topics}
    return [found.get(each) or TopicRow(each, "", 0, is_missing=True) for each in ids]


def _ask_list(address: Any, *, offset: tuple[int, int, int]) -> Any:
    date, top_message, topic_id = offset
    return functions.messages.GetForumTopicsRequest(
        peer=address,
        offset_date=datetime.fromtimestamp(date, UTC) if date else None,
        offset_id=top_message,
        offset_topic=topic_id,
        limit=TOPICS_PER_REQUEST,
    )


def _ask_some(address: Any, *, ids: list[int]) -> Any:
    return functions.messages.GetForumTopicsByIDRequest(peer=address, topics=ids)
