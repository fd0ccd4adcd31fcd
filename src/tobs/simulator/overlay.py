"""Views of logs: one with later changes laid over it, parts of one, and one whose messages are shown differently."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tobs.simulator.logs import Entry, Log, WrittenLog


class OverlayLog:
    """Another log with additions at the top, and edits and deletions anywhere; costs the memory of the changes only."""

    def __init__(self, base: Log) -> None:
        self._base = base
        self._deleted: list[int] = []  # ranks of the base, ascending
        self._edited: dict[int, Entry] = {}  # by rank of the base
        self._added = WrittenLog([])

    def __len__(self) -> int:
        return self._kept + len(self._added)

    @property
    def _kept(self) -> int:
        return len(self._base) - len(self._deleted)

    def _below(self, rank: int) -> int:
        """Return the rank of the base of a rank here that is not an addition."""
        # The i-th deleted rank has `deleted[i] - i` messages below it that are still there.
        gone = bisect_right(range(len(self._deleted)), rank, key=lambda i: self._deleted[i] - i)
        return rank + gone

    def id_at(self, rank: int) -> int:
        """Return the id of the message with that rank."""
        kept = self._kept
        return self._added.id_at(rank - kept) if rank >= kept else self._base.id_at(self._below(rank))

    def date_at(self, rank: int) -> int:
        """Return its date in UTC seconds."""
        kept = self._kept
        return self._added.date_at(rank - kept) if rank >= kept else self._base.date_at(self._below(rank))

    def rank_of(self, message_id: int) -> int:
        """Return how many messages have a smaller id."""
        return self._above(self._base.rank_of(message_id)) + self._added.rank_of(message_id)

    def rank_of_date(self, date: int) -> int:
        """Return how many messages are older than that second."""
        return self._above(self._base.rank_of_date(date)) + self._added.rank_of_date(date)

    def _above(self, base_rank: int) -> int:
        return base_rank - bisect_left(self._deleted, base_rank)

    def page(self, low: int, high: int) -> bytes:
        """Return the encodings of ranks low…high-1, the newest first."""
        kept = self._kept
        added = self._added.page(max(0, low - kept), max(0, high - kept))
        high = min(high, kept)
        return added + self._old_page(self._below(low), self._below(high - 1) + 1) if low < high else added

    def _old_page(self, low: int, high: int) -> bytes:
        pieces = [
            entry.data if entry else self._base.page(start, end)
            for start, end, entry in self._runs(low, high)
        ]
        return b"".join(reversed(pieces))

    def _runs(self, low: int, high: int) -> Iterator[tuple[int, int, Entry | None]]:
        """Yield what is left of ranks low…high-1 of the base: untouched runs as (low, high, None), edits with theirs."""
        first, last = bisect_left(self._deleted, low), bisect_left(self._deleted, high)
        touched = set(self._deleted[first:last]) | {rank for rank in range(low, high) if rank in self._edited}
        start = low
        for rank in sorted(touched):
            if start < rank:
                yield start, rank, None
            if rank in self._edited:
                yield rank, rank + 1, self._edited[rank]
            start = rank + 1
        if start < high:
            yield start, high, None

    def peers(self, low: int, high: int) -> set[int]:
        """Return the marked ids that these messages speak of."""
        kept = self._kept
        found = self._added.peers(max(0, low - kept), max(0, high - kept))
        high = min(high, kept)
        if low < high:
            for start, end, entry in self._runs(self._below(low), self._below(high - 1) + 1):
                found |= entry.peers if entry else self._base.peers(start, end)
        return found

    def topics(self, low: int, high: int) -> set[int]:
        """Return the forum topics that these messages are in."""
        kept = self._kept
        found = self._added.topics(max(0, low - kept), max(0, high - kept))
        high = min(high, kept)
        return found | self._base.topics(self._below(low), self._below(high - 1) + 1) if low < high else found

    def matching(self, test: Callable[[Any], bool]) -> Sequence[int]:
        """Return the ranks of the messages that pass the test, ascending."""
        gone = set(self._deleted) | self._edited.keys()
        old = [rank for rank in self._base.matching(test) if rank not in gone]
        for rank, entry in self._edited.items():
            if test(entry.message):
                insort(old, rank)
        kept = self._kept
        return [*map(self._above, old), *(kept + rank for rank in self._added.matching(test))]

    def add(self, entry: Entry) -> None:
        """Put a message on top."""
        self._added.add(entry)

    def replace(self, rank: int, entry: Entry) -> None:
        """Put another version in the place of a message, under the same id and date."""
        if rank >= self._kept:
            self._added.replace(rank - self._kept, entry)
        else:
            self._edited[self._below(rank)] = entry

    def remove(self, rank: int) -> None:
        """Take a message away."""
        if rank >= self._kept:
            self._added.remove(rank - self._kept)
            return
        below = self._below(rank)
        insort(self._deleted, below)
        self._edited.pop(below, None)


class PickedLog:
    """Some of the messages of a log, by their ranks in ascending order."""

    def __init__(self, log: Log, picks: Sequence[int]) -> None:
        self._log = log
        self._picks = picks

    def __len__(self) -> int:
        return len(self._picks)

    def id_at(self, rank: int) -> int:
        """Return the id of the message with that rank."""
        return self._log.id_at(self._picks[rank])

    def date_at(self, rank: int) -> int:
        """Return its date in UTC seconds."""
        return self._log.date_at(self._picks[rank])

    def rank_of(self, message_id: int) -> int:
        """Return how many messages have a smaller id."""
        return bisect_left(self._picks, self._log.rank_of(message_id))

    def rank_of_date(self, date: int) -> int:
        """Return how many messages are older than that second."""
        return bisect_left(self._picks, self._log.rank_of_date(date))

    def page(self, low: int, high: int) -> bytes:
        """Return the encodings of ranks low…high-1, the newest first."""
        picks = [self._picks[rank] for rank in range(high - 1, low - 1, -1)]
        return b"".join(self._log.page(pick, pick + 1) for pick in picks)

    def peers(self, low: int, high: int) -> set[int]:
        """Return the marked ids that these messages speak of."""
        picks = [self._picks[rank] for rank in range(low, high)]
        return set[int]().union(*(self._log.peers(pick, pick + 1) for pick in picks))

    def topics(self, low: int, high: int) -> set[int]:
        """Return the forum topics that these messages are in."""
        picks = [self._picks[rank] for rank in range(low, high)]
        return set[int]().union(*(self._log.topics(pick, pick + 1) for pick in picks))

    def matching(self, test: Callable[[Any], bool]) -> Sequence[int]:
        """Return the ranks of the messages that pass the test, ascending."""
        passed = set(self._log.matching(test))
        return [rank for rank, pick in enumerate(self._picks) if pick in passed]


def between(log: Log, low_id: int, high_id: int) -> Log:
    """Return the part of a log whose ids are from low_id to high_id, both included."""
    return PickedLog(log, range(log.rank_of(low_id), log.rank_of(high_id + 1)))
