"""How far a run is, in lines: one for each thing that is going on, one for all, one for what is waited for.

Nothing here knows how lines get on a screen (drawing.py, screen.py), or looks at a clock by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tobs.cli.tables import clean_text
from tobs.core.events import Event, ExportStarted, Progressed, Stage, Waiting
from tobs.core.words import say_count, say_size

WORDS: dict[Stage, tuple[str, str]] = {
    "fetch": ("Fetching", "message"),
    "download": ("Downloading", "file"),
    "render": ("Writing", "note"),
    "process": ("Processing", "file"),
    "verify": ("Checking", "message"),
    "repair": ("Repairing", "answer"),
    "forecast": ("Looking at", "message"),
}
"""What is done to a chat in each stage, and what is counted."""

MEMORY_SECONDS = 15
"""A rate is that of the last seconds, since what a run meets changes."""

LEAST_SECONDS = 2
"""Before that there is no rate worth telling."""

QUIET_SECONDS = 5
"""For how long a stage stands on the screen behind its last news, when others go on."""


class Line(NamedTuple):
    """A line of the display: what is done, how much of it (0 to 1, None for no bar), and more words, the weightiest first."""

    label: str
    share: float | None
    words: list[str]


class _Mark(NamedTuple):
    at: float
    pieces: int
    share: float
    size_bytes: int


@dataclass
class _Lane:
    """One stage of one chat."""

    event: Progressed
    marks: deque[_Mark] = field(default_factory=deque)

    def note(self, event: Progressed, now: float) -> None:
        self.event = event
        mark = _Mark(now, event.messages_processed, event.percentage, event.size_bytes)
        self.marks.append(mark)
        while self.marks[0].at < now - MEMORY_SECONDS and len(self.marks) > 2:
            self.marks.popleft()

    @property
    def is_done(self) -> bool:
        return self.event.percentage >= 100

    def describe(self) -> Line:
        event = self.event
        verb, noun = WORDS[event.stage]
        words = [say_count(event.messages_processed, noun), *self._list_rates()]
        if event.allowed:
            what = "parts" if event.stage == "download" else "requests"
            words.append(f"{event.in_flight} of {event.allowed} {what} in flight")
        return Line(f"{verb} {clean_text(event.entity_name)}", min(event.percentage, 100) / 100, words)

    def _list_rates(self) -> Iterator[str]:
        first, last = self.marks[0], self.marks[-1]
        seconds = last.at - first.at
        if seconds < LEAST_SECONDS or self.is_done:
            return
        if last.size_bytes:
            yield f"{say_size(round((last.size_bytes - first.size_bytes) / seconds))}/s"
        else:
            yield f"{(last.pieces - first.pieces) / seconds:,.0f}/s"
        if last.share > first.share:
            yield f"{say_time((100 - last.share) * seconds / (last.share - first.share))} left"


class Progress:
    """What is known of a run from its events; `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._begun = clock()
        self._lanes: dict[Stage, _Lane] = {}
        self._waits: dict[str, tuple[float, float]] = {}
        self._named = 0
        self._fetched: dict[str, int] = {}
        self._files = 0
        self._size_bytes = 0

    def note(self, event: Event) -> None:
        """Take in what happened."""
        now = self._clock()
        match event:
            case ExportStarted():
                self._named = len(event.chats)
            case Waiting():
                self._waits[event.method] = (now + event.seconds, now)
            case Progressed():
                self._note_progress(event, now)

    def _note_progress(self, event: Progressed, now: float) -> None:
        lane = self._lanes.get(event.stage)
        if lane is None or lane.event.entity_name != event.entity_name:
            if lane:
                self._sum_up(lane)
            lane = self._lanes[event.stage] = _Lane(event)
        lane.note(event, now)
        if event.stage == "fetch":
            self._fetched[event.entity_name] = event.messages_processed

    def _sum_up(self, lane: _Lane) -> None:
        if lane.event.stage == "download":
            self._files += lane.event.messages_processed
            self._size_bytes += lane.event.size_bytes

    def list_lines(self) -> list[Line]:
        """Return what a person should see now."""
        now = self._clock()
        newest = max((each.marks[-1].at for each in self._lanes.values()), default=now)
        shown = [
            each.describe()
            for stage in WORDS
            if (each := self._lanes.get(stage))
            and (not each.is_done or each.marks[-1].at == newest)
            and (each.marks[-1].at >= now - QUIET_SECONDS or each.marks[-1].at == newest or not each.is_done)
        ]
        return [*shown, *self._list_total(now), *self._list_waits(now)]

    def _list_total(self, now: float) -> Iterator[Line]:
        if not self._fetched:
            return
        of_all = f" of {self._named:,}" if self._named > 1 else ""
        words = [say_count(sum(self._fetched.values()), "message")]
        download = self._lanes.get("download")
        files = self._files + (download.event.messages_processed if download else 0)
        if files:
            size_bytes = self._size_bytes + (download.event.size_bytes if download else 0)
            words.append(f"{say_count(files, 'file')} ({say_size(size_bytes)})")
        words.append(say_time(now - self._begun))
        yield Line(
            f"In all {len(self._fetched):,}{of_all} {'chat' if len(self._fetched) == 1 and not of_all else 'chats'}",
            None,
            words,
        )

    def _list_waits(self, now: float) -> Iterator[Line]:
        for method, (until, _) in self._waits.items():
            if until > now:
                yield Line(f"Waiting {say_time(until - now)}", None, [f"asked by Telegram ({method})"])


def say_time(seconds: float) -> str:
    """Return a stretch of time as `1:02:03` or `2:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
