"""The ids of a chat's or topic's messages within dates, as the start of a statement.

The index by date begins with the topic, and a topic is what most questions are about. Every message of
a chat is therefore asked for as those without a topic and those of each topic: a forum may once have
been a plain group, and a plain group may once have been a forum.
"""

from __future__ import annotations

from tobs.core.model import Chat
from tobs.core.ports.reader import ALL_TIME

_OF_TOPIC = "account = :account AND chat_id = :chat_id AND date >= :start AND date < :end"

WITH_IDS = (
    "WITH ids (id, date) AS ("
    f" SELECT id, date FROM messages WHERE {_OF_TOPIC} AND topic_id = :topic_id"
    f" UNION ALL SELECT id, date FROM messages WHERE {_OF_TOPIC} AND topic_id IS NULL AND :topic_id IS NULL"
    " UNION ALL SELECT messages.id, messages.date FROM topics CROSS JOIN messages"
    "  ON messages.account = topics.account AND messages.chat_id = topics.chat_id"
    "  AND messages.topic_id = topics.id AND messages.date >= :start AND messages.date < :end"
    "  WHERE topics.account = :account AND topics.chat_id = :chat_id AND :topic_id IS NULL)"
)
"""Defines `ids (id, date)`; takes what `values` returns."""

PART_STARTS = (
    ", ranked (id, rank) AS (SELECT id, row_number() OVER (ORDER BY id) FROM ids),"
    " starts (id) AS (SELECT id FROM ranked WHERE (rank - 1 + :before) % :size = 0)"
    " SELECT DISTINCT coalesce((SELECT min(member.id) FROM messages AS one JOIN messages AS member"
    "  ON member.account = one.account AND member.chat_id = one.chat_id AND member.album_id = one.album_id"
    "  WHERE one.account = :account AND one.chat_id = :chat_id AND one.id = starts.id"
    "  AND one.album_id IS NOT NULL AND member.date >= :start AND member.date < :end"
    "  AND member.topic_id IS one.topic_id), starts.id)"
    " FROM starts ORDER BY 1"
)
"""Goes on after WITH_IDS; takes `size`, and `before`: how many messages stand in the parts before."""


def values(
    chat: Chat, topic_id: int | None, start: int = ALL_TIME[0], end: int = ALL_TIME[1]
) -> dict[str, int | None]:
    """Return the values for WITH_IDS: dates are UTC seconds, None is every message of the chat."""
    return {
        "account": chat.account,
        "chat_id": chat.id,
        "topic_id": topic_id,
        "start": start,
        "end": end,
    }
