"""The messages of one page, and beside it the words of them for a search."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from tobs.core.model import Message
from tobs.core.ports.writer import Part
from tobs.writers.clean import clean_line
from tobs.writers.html.dates import say_day, say_month
from tobs.writers.html.message import Desk, Link
from tobs.writers.html.search import Words
from tobs.writers.html.shape import INDEX_PATH, about_path, find_folder, link_path, name_page
from tobs.writers.html.templates import Shell, load_macros
from tobs.writers.links import make_anchor
from tobs.writers.profile import title_topic
from tobs.writers.scene import Scene

_NEAR_SECONDS = 300
"""Messages of one person that come as soon stand together."""


@dataclass(slots=True)
class Frame:
    """What stands around the messages of a page."""

    title: str
    before: Link | None
    after: Link | None
    is_empty: bool


class Page:
    """One page while it is written."""

    def __init__(self, scene: Scene, part: Part) -> None:
        self._scene = scene
        self._part = part
        self._path = scene.layout.find_path(part.partition, part.number)
        self._desk = Desk(scene, self._path)
        self._macros = load_macros("message.html")
        self._words = Words(name_page(part.partition, part.number))
        self._day = ""
        self._last = (0, 0)

    def message(self, shown: list[Message], first: Message) -> bytes:
        """Return a message, or the members of an album, below the heading of its day where that begins."""
        scene = self._scene
        moment = scene.calendar.moment(first.date)
        heading = ""
        if moment[:10] != self._day:
            self._day, self._last = moment[:10], (0, 0)
            heading = self._macros.day(self._day, say_day(self._day))
        entry = self._desk.make_entry(shown, moment, make_anchor(scene.links.chat, first.id))
        sender = 0 if entry.service else first.sender_id or scene.links.chat.id
        if sender and self._last[0] == sender and first.date - self._last[1] < _NEAR_SECONDS:
            entry.is_near = True
        self._last = (sender, first.date)
        self._words.add(entry, shown)
        return f"{heading}{self._macros.entry(entry)}".encode()

    def begin(self) -> bytes:
        """Return what stands above the messages."""
        return str(load_macros("page.html").begin(self._make_shell(), self._make_frame())).encode()

    def end(self) -> bytes:
        """Return what stands below the messages."""
        return str(load_macros("page.html").end(self._make_frame())).encode()

    def list_beside(self, path: str) -> dict[str, bytes]:
        """Return the words of the page."""
        return {f"{path.removesuffix('.html')}.js": self._words.write()}

    def _make_shell(self) -> Shell:
        chat, folder = self._part.partition.chat, posixpath.dirname(self._path)
        title = self._name_part(self._part.number)
        trail = [
            Link("Chats", link_path(INDEX_PATH, folder)),
            Link(chat.basename, link_path(about_path(chat), folder)),
        ]
        return Shell(
            f"{chat.basename} · {title}",
            title,
            trail,
            link_path(find_folder(chat), folder) + "/",
            page=name_page(self._part.partition, self._part.number),
            has_search=True,
        )

    def _make_frame(self) -> Frame:
        partition, number = self._part.partition, self._part.number
        title = self._name_part(number)
        if partition.topic_id is not None and partition.topic_id != partition.chat.id:
            title = f"{clean_line(title_topic(self._scene, partition.topic_id))} · {title}"
        return Frame(title, self._link_part(number - 1), self._link_part(number + 1), not self._words.rows)

    def _link_part(self, number: int) -> Link | None:
        if not 1 <= number <= len(self._part.starts):
            return None
        name = posixpath.basename(name_page(self._part.partition, number))
        return Link(self._name_part(number), f"{name}.html")

    def _name_part(self, number: int) -> str:
        """Return `March 2026`, with the number of the page where the month has several."""
        month = say_month(self._part.partition.key.rpartition("/")[2])
        return f"{month}, page {number}" if len(self._part.starts) > 1 else month
