"""What every block of a file may need to know, gathered once for each rendering."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tobs.core.actions import Speaker
from tobs.core.model import Chat
from tobs.core.ports.reader import FileState, Reader
from tobs.core.request import Projection
from tobs.writers.across import Across, look_across
from tobs.writers.calendar import Calendar
from tobs.writers.layout import Layout, Shape
from tobs.writers.links import Links
from tobs.writers.people import People

_STATES = 1000


@dataclass(slots=True)
class Scene:
    """One chat, seen in one zone; `folder` is that of the file being written, below the export folder.

    `halves` are the links of each half of the chat by its id, `links` those of the half whose messages
    are being written.
    """

    reader: Reader
    chat: Chat
    layout: Layout
    people: People
    halves: dict[int, Links]
    links: Links
    speaker: Speaker
    projection: Projection
    across: Across
    folder: str = ""
    _states: dict[tuple[str, int], FileState] = field(default_factory=dict)

    @property
    def calendar(self) -> Calendar:
        """The zone's clock."""
        return self.layout.calendar

    def file_state(self, kind: str, file_id: int) -> FileState:
        """Return whether a file's bytes are here; a message asks several times, and not for long."""
        key = (kind, file_id)
        if key not in self._states:
            if len(self._states) >= _STATES:
                self._states.clear()
            self._states[key] = self.reader.file_state(self.chat, kind, file_id)
        return self._states[key]

    def sender_name(self, sender_id: int | None) -> str:
        """Return a sender, not escaped; where Telegram names nobody it is the chat itself that speaks."""
        return self.people.plain(self.links.chat.id if sender_id is None else sender_id)


@dataclass(frozen=True, slots=True)
class Stage:
    """What scenes are set with; `escape` is how the format writes a name that somebody chose."""

    reader: Reader
    projection: Projection
    shape: Shape
    escape: Callable[[str], str]

    def make_layout(self) -> Layout:
        """Return a layout with empty caches."""
        return Layout(self.reader, self.projection, self.shape)

    def set_scene(self, chat: Chat) -> Scene:
        """Return a scene with empty caches: what it tells is the archive as it is now."""
        layout = self.make_layout()
        people = People(self.reader, self.escape)
        speaker = Speaker(people.plain, layout.calendar.moment)
        hides_deleted = self.projection.keep_deleted == "hide"
        halves = {
            each.id: Links(self.reader, chat, each, layout, hides_deleted=hides_deleted)
            for each in layout.halves(chat)
        }
        across = look_across(self.reader, chat, layout, hides_deleted=hides_deleted)
        links = halves[chat.id]
        return Scene(self.reader, chat, layout, people, halves, links, speaker, self.projection, across)
