"""How many messages each period of a chat has, and in how many parts they stand."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from tobs.core.model import Chat
from tobs.core.ports.writer import Partition
from tobs.writers.calendar import DAY_SECONDS, Period
from tobs.writers.layout import MAX_ALBUM, Layout, find_id, make_partition


class Census(NamedTuple):
    """One partition that has files, its messages and the number of its parts."""

    partition: Partition
    messages: int
    parts: int


def count_partitions(layout: Layout, chat: Chat, topic_id: int | None) -> list[Census]:
    """Return the partitions of a chat or topic that have a file, earliest first."""
    counts: Counter[Period] = Counter()
    for half, topic in layout.list_sources(chat, topic_id):
        for day, messages in layout.reader.days(half, topic_id=topic).items():
            _add_day(counts, layout, half, topic, day, messages)
    partitions = [(make_partition(chat, topic_id, each), counts[each]) for each in sorted(+counts)]
    return [
        Census(partition, messages, len(layout.part_starts(partition)) if layout.may_part(messages) else 1)
        for partition, messages in partitions
        if messages >= MAX_ALBUM or _has_file(layout, partition)
    ]


def _add_day(
    counts: Counter[Period], layout: Layout, chat: Chat, topic_id: int | None, day: int, messages: int
) -> None:
    """Count a UTC day into its period; where several share it, all but the longest piece are counted one by one."""
    periods = layout.calendar.periods_of_day(day, layout.shape.unit)
    start, end = day * DAY_SECONDS, (day + 1) * DAY_SECONDS
    pieces = [(each, max(each.start, start), min(each.end, end)) for each in periods]
    longest = max(pieces, key=lambda piece: piece[2] - piece[1])
    rest = messages
    for period, begin, stop in pieces:
        if period is not longest[0]:
            found = layout.reader.count(chat, topic_id=topic_id, start=begin, end=stop)
            rest -= found
            counts[period] += found
    counts[longest[0]] += rest


def _has_file(layout: Layout, partition: Partition) -> bool:
    """Tell whether one of few messages stands here, and not with an album that began a period earlier."""
    span = (partition.start, partition.end)
    return any(
        layout.stands_in(partition, half, each)
        for half, topic in layout.list_sources(partition.chat, partition.topic_id)
        for each in layout.reader.messages(half, topic_id=topic, start=span[0], end=span[1])
    )


def find_file(layout: Layout, partition: Partition, *, is_last: bool) -> int:
    """Return the number of the first or last part of a partition that has a file."""
    starts = layout.part_starts(partition)
    numbers = range(1, len(starts) + 1)
    return next(
        each
        for each in (reversed(numbers) if is_last else numbers)
        if _begins(layout, partition, starts[each - 1])
    )


def _begins(layout: Layout, partition: Partition, start: int) -> bool:
    """Tell whether the message with which a part begins stands in the partition."""
    for half, _ in layout.list_sources(partition.chat, partition.topic_id):
        if bool(half.migrated_to) == (start < 0):
            message = layout.reader.message(half, find_id(half, start))
            return message is not None and layout.stands_in(partition, half, message)
    return False
