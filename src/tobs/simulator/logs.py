"""The messages of one chat in their order: written out by hand, or millions made from templates."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tobs.simulator.raw import decoded
from tobs.simulator.templates import Template, patch


class Log(Protocol):
    """Messages by rank: 0 is the oldest, `len(log) - 1` the top. Ids ascend strictly, dates never descend."""

    def __len__(self) -> int: ...

    def id_at(self, rank: int) -> int:
        """Return the id of the message with that rank."""
        ...

    def date_at(self, rank: int) -> int:
        """Return its date in UTC seconds."""
        ...

    def rank_of(self, message_id: int) -> int:
        """Return how many messages have a smaller id."""
        ...

    def rank_of_date(self, date: int) -> int:
        """Return how many messages are older than that second."""
        ...

    def page(self, low: int, high: int) -> bytes:
        """Return the encodings of ranks low…high-1 one after another, the newest first."""
        ...

    def peers(self, low: int, high: int) -> set[int]:
        """Return the marked ids that these messages speak of."""
        ...

    def topics(self, low: int, high: int) -> set[int]:
        """Return the forum topics that these messages are in."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One written message, ready for the wire."""

    id: int
    date: int
    data: bytes
    peers: frozenset[int]
    topic: int = 0


class WrittenLog:
    """A log of messages written one by one."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = list(entries)
        self._ids = [entry.id for entry in self._entries]
        self._dates = [entry.date for entry in self._entries]

    def __len__(self) -> int:
        return len(self._entries)

    def id_at(self, rank: int) -> int:
        """Return the id of the message with that rank."""
        return self._ids[rank]

    def date_at(self, rank: int) -> int:
        """Return its date in UTC seconds."""
        return self._dates[rank]

    def rank_of(self, message_id: int) -> int:
        """Return how many messages have a smaller id."""
        return bisect_left(self._ids, message_id)

    def rank_of_date(self, date: int) -> int:
        """Return how many messages are older than that second."""
        return bisect_left(self._dates, date)

    def page(self, low: int, high: int) -> bytes:
        """Return the encodings of ranks low…high-1, the newest first."""
        return b"".join(entry.data for entry in reversed(self._entries[low:high]))

    def peers(self, low: int, high: int) -> set[int]:
        """Return the marked ids that these messages speak of."""
        return set[int]().union(*(entry.peers for entry in self._entries[low:high]))

    def topics(self, low: int, high: int) -> set[int]:
        """Return the forum topics that these messages are in."""
        return {entry.topic for entry in self._entries[low:high] if entry.topic}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where the ids and dates of a bulk log lie.

    Every `period` messages one id is missing; `runs` are longer holes as (rank of the message after it, length).
    """

    begin: int
    seconds: int
    period: int = 251
    runs: tuple[tuple[int, int], ...] = ()


class BulkLog:
    """A log of any length that costs the memory of its templates only.

    The message of rank r is template r modulo their number, with id, date, reply, album and edit date computed
    from r and patched in.
    """

    def __init__(self, templates: Sequence[Template], total: int, calendar: Calendar) -> None:
        self._templates = templates
        self._total = total
        self._calendar = calendar
        self._step = max(1, calendar.seconds // max(1, total))
        self._missing = sum(length for _, length in calendar.runs)

    def __len__(self) -> int:
        return self._total

    def id_at(self, rank: int) -> int:
        """Return the id of the message with that rank."""
        shift = 0
        for start, length in self._calendar.runs:
            if rank >= start:
                shift += length
        return rank + 1 + rank // self._calendar.period + shift

    def date_at(self, rank: int) -> int:
        """Return its date in UTC seconds; the members of an album share theirs."""
        first = rank - self._templates[rank % len(self._templates)].member
        # Knuth's multiplier spreads neighbouring ranks; the remainder stays below one step, so dates never descend.
        jitter = (first * 2654435761 >> 7) % self._step
        return self._calendar.begin + first * self._calendar.seconds // self._total + jitter

    def rank_of(self, message_id: int) -> int:
        """Return how many messages have a smaller id."""
        # Without the runs the rank would be exact; they only make it smaller.
        period = self._calendar.period
        highest = min(self._total, max(0, message_id) * period // (period + 1) + 2)
        lowest = max(0, (message_id - self._missing) * period // (period + 1) - 2)
        return bisect_left(range(self._total), message_id, min(lowest, highest), highest, key=self.id_at)

    def rank_of_date(self, date: int) -> int:
        """Return how many messages are older than that second."""
        return bisect_left(range(self._total), date, key=self.date_at)

    def page(self, low: int, high: int) -> bytes:
        """Return the encodings of ranks low…high-1, the newest first."""
        templates, size = self._templates, len(self._templates)
        ranks = range(high - 1, low - 1, -1)
        chosen = [templates[rank % size] for rank in ranks]
        page = bytearray(b"".join([template.data for template in chosen]))
        start = 0
        for rank, template in zip(ranks, chosen, strict=True):
            patch(page, start, template, self, rank)
            start += len(template.data)
        return bytes(page)

    def peers(self, low: int, high: int) -> set[int]:
        """Return the marked ids that these messages speak of."""
        size = len(self._templates)
        ranks = range(low, min(high, low + size))
        return set[int]().union(*(self._templates[rank % size].peers for rank in ranks))

    def topics(self, low: int, high: int) -> set[int]:
        """Return no topic: bulk chats are not forums."""
        del low, high
        return set()


def message_at(log: Log, rank: int) -> Any:
    """Return the decoded message with that rank."""
    return decoded(log.page(rank, rank + 1))


def rank_with(log: Log, message_id: int) -> int | None:
    """Return the rank of the message with exactly this id, or None for a hole."""
    rank = log.rank_of(message_id)
    return rank if rank < len(log) and log.id_at(rank) == message_id else None
