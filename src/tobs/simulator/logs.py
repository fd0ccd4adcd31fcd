"""The messages of one chat in their order: written out by hand, or millions made from templates."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, overload

from tobs.simulator.raw import decoded, mentioned_peers
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

    def matching(self, test: Callable[[Any], bool]) -> Sequence[int]:
        """Return the ranks of the messages that pass the test, ascending.

        The test sees `Message` and `MessageService` objects; those of a bulk log have no id and date of their own.
        """
        ...


class EditableLog(Log, Protocol):
    """A log that can change: at its top by additions, anywhere by edits and deletions."""

    def add(self, entry: "Entry") -> None:
        """Put a message on top."""
        ...

    def replace(self, rank: int, entry: "Entry") -> None:
        """Put another version in the place of a message, under the same id and date."""
        ...

    def remove(self, rank: int) -> None:
        """Take a message away."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One written message, ready for the wire."""

    id: int
    date: int
    data: bytes
    peers: frozenset[int]
    topic: int = 0

    @property
    def message(self) -> Any:
        """The message as an object, another one each time."""
        return decoded(self.data)


def write_entry(message: Any, topic: int = 0) -> Entry:
    """Return the entry of a message that has its id and date; `topic` is the forum topic that it is in."""
    peers = frozenset(mentioned_peers(message))
    return Entry(message.id, int(message.date.timestamp()), bytes(message), peers, topic)


class WrittenLog:
    """A log of messages written one by one."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = list(entries)
        self._ids = [entry.id for entry in self._entries]
        self._dates = [entry.date for entry in self._entries]
        self._messages: dict[int, Any] = {}  # decoded for `matching`, by id

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

    def matching(self, test: Callable[[Any], bool]) -> Sequence[int]:
        """Return the ranks of the messages that pass the test, ascending."""
        for entry in self._entries:
            if entry.id not in self._messages:
                self._messages[entry.id] = entry.message
        return [rank for rank, number in enumerate(self._ids) if test(self._messages[number])]

    def add(self, entry: Entry) -> None:
        """Put a message on top."""
        self._entries.append(entry)
        self._ids.append(entry.id)
        self._dates.append(entry.date)

    def replace(self, rank: int, entry: Entry) -> None:
        """Put another version in the place of a message, under the same id and date."""
        self._entries[rank] = entry
        self._messages.pop(entry.id, None)

    def remove(self, rank: int) -> None:
        """Take a message away."""
        self._messages.pop(self._ids[rank], None)
        del self._entries[rank], self._ids[rank], self._dates[rank]


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

    def matching(self, test: Callable[[Any], bool]) -> Sequence[int]:
        """Return the ranks of the messages that pass the test, without the memory of a list of them."""
        passed = [index for index, template in enumerate(self._templates) if test(decoded(template.data))]
        return Cycle(passed, len(self._templates), self._total)


class Cycle(Sequence[int]):
    """The numbers below `total` whose remainder by `period` is one of `remainders` (ascending), as a sequence."""

    def __init__(self, remainders: Sequence[int], period: int, total: int) -> None:
        self._remainders = remainders
        self._period = period
        rounds, rest = divmod(total, period)
        self._length = rounds * len(remainders) + bisect_left(remainders, rest)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...

    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._length))]
        if not 0 <= index < self._length:
            raise IndexError(index)
        rounds, place = divmod(index, len(self._remainders))
        return rounds * self._period + self._remainders[place]


def message_at(log: Log, rank: int) -> Any:
    """Return the decoded message with that rank."""
    return decoded(log.page(rank, rank + 1))


def rank_with(log: Log, message_id: int) -> int | None:
    """Return the rank of the message with exactly this id, or None for a hole."""
    rank = log.rank_of(message_id)
    return rank if rank < len(log) and log.id_at(rank) == message_id else None
