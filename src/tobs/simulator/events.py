"""What has happened in a world since it was made, numbered as the service numbers it (core.telegram.org/api/updates)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Change(StrEnum):
    """What an event did. Counters are views, reactions and the like: they change without an update of the message."""

    NEW = "new"
    EDIT = "edit"
    DELETE = "delete"
    COUNTERS = "counters"


@dataclass(frozen=True, slots=True)
class Event:
    """One change of messages in one chat.

    `pts` is the state after it of the sequence that the chat belongs to; counters do not advance it. `date` is UTC
    seconds.
    """

    change: Change
    chat: int
    ids: tuple[int, ...]
    pts: int
    date: int

    @property
    def pts_count(self) -> int:
        """By how much it advanced the pts."""
        return 0 if self.change is Change.COUNTERS else len(self.ids)


class Sequence:
    """The events of one sequence of updates: an account's, or one channel's. `first` is the pts before all of them."""

    def __init__(self, pts: int) -> None:
        self.first = self.pts = pts
        self.events: list[Event] = []

    def note(self, change: Change, chat: int, ids: Iterable[int], date: int) -> None:
        """Append an event and advance the pts."""
        event = Event(change, chat, tuple(ids), self.pts, date)
        self.pts += event.pts_count
        self.events.append(Event(change, chat, event.ids, self.pts, date))

    def since(self, pts: int) -> list[Event]:
        """Return the events after a state, without counters."""
        return [event for event in self.events if event.pts > pts and event.pts_count]
