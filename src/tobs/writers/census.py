"""How many messages each month of a chat has, and in how many parts they stand."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from tobs.core.model import Chat
from tobs.core.ports.writer import Partition
from tobs.writers.calendar import DAY_SECONDS, Month
from tobs.writers.layout import MAX_ALBUM, Layout, make_partition


class Census(NamedTuple):
    """One partition that has notes, its messages and the number of its parts."""

    partition: Partition
    messages: int
    parts: int


def count_partitions(layout: Layout, chat: Chat, topic_id: int | None) -> list[Census]:
    """Return the partitions of a chat or topic that have a note, earliest first."""
    counts: Counter[Month] = Counter()
    for half, topic in layout.list_sources(chat, topic_id):
        for day, messages in layout.reader.days(half, topic_id=topic).items():
            _add_day(counts, layout, half, topic, day, messages)
    partitions = [(make_partition(chat, topic_id, month), counts[month]) for month in sorted(counts)]
    return [
        Census(partition, messages, len(layout.part_starts(partition)) if layout.may_part(messages) else 1)
        for partition, messages in partitions
        if messages >= MAX_ALBUM or _has_note(layout, partition)
    ]


def _add_day(
    counts: Counter[Month], layout: Layout, chat: Chat, topic_id: int | None, day: int, messages: int
) -> None:
    """Count a UTC day into its month; where two months share it, the shorter piece is counted by itself."""
    months = layout.calendar.months_of_day(day)
    if len(months) == 1:
        counts[months[0]] += messages
        return
    start, border, end = day * DAY_SECONDS, months[0].end, (day + 1) * DAY_SECONDS
    is_early = border - start < end - border
    piece = (start, border) if is_early else (border, end)
    found = layout.reader.count(chat, topic_id=topic_id, start=piece[0], end=piece[1])
    early = found if is_early else messages - found
    for month, count in zip(months, (early, messages - early), strict=True):
        if count:
            counts[month] += count


def _has_note(layout: Layout, partition: Partition) -> bool:
    """Tell whether one of few messages stands here, and not with an album that began a month earlier."""
    span = (partition.start, partition.end)
    return any(
        layout.locate(partition.chat, half, each).partition.key == partition.key
        for half, topic in layout.list_sources(partition.chat, partition.topic_id)
        for each in layout.reader.messages(half, topic_id=topic, start=span[0], end=span[1])
    )
