"""A partition as notes: messages in order, a heading for each day, a new note for each part."""

from __future__ import annotations

from datetime import date, datetime

from tobs.core.model import Chat, Message
from tobs.core.ports.writer import Part
from tobs.writers.links import make_anchor
from tobs.writers.markdown.flavors import flavor_of
from tobs.writers.markdown.frontmatter import Properties, clean_title, list_dates, write_properties
from tobs.writers.markdown.message import render_message
from tobs.writers.markdown.shape import name_period
from tobs.writers.scene import Scene

_ALL_HIDDEN = b"*All messages of this note were deleted.*"
"""Stands in a note that shows nothing, so that links to it do not dangle."""


class Note:
    """One note while it is written."""

    def __init__(self, scene: Scene, part: Part) -> None:
        self._scene = scene
        self._part = part
        self._messages = 0
        self._day = ""
        self._post: Properties = {}

    def message(self, shown: list[Message], first: Message) -> bytes:
        """Return a message, or the members of an album, below the heading of its day where that begins."""
        moment = self._scene.calendar.moment(first.date)
        heading = ""
        if moment[:10] != self._day:
            self._day = moment[:10]
            heading = f"## {self._day}\n\n"
        if not self._messages and self._scene.projection.layout == "post":
            sender = self._scene.sender_name(shown[0].sender_id)
            self._post = {
                "date": datetime.fromisoformat(moment),
                "from": clean_title(sender, sender),
                "message_id": first.id,
            }
        self._messages += len(shown)
        anchor = make_anchor(self._scene.links.chat, first.id)
        return f"{heading}{render_message(self._scene, shown, moment, anchor)}".encode()

    def begin(self) -> bytes:
        """Return the note's properties."""
        return f"{write_properties(self._list_properties())}\n".encode()

    def end(self) -> bytes:
        """Return the end of the last line."""
        return b"\n" if self._messages else _ALL_HIDDEN + b"\n"

    def list_beside(self, _path: str) -> dict[str, bytes]:
        """Return nothing: a note stands alone."""
        return {}

    def _list_properties(self) -> Properties:
        partition = self._part.partition
        chat, topic_id = partition.chat, partition.topic_id
        properties: Properties = {"chat": flavor_of(self._scene).refer_to(chat)}
        if topic_id is not None and topic_id != chat.id:
            properties |= self._name_topic(chat, topic_id)
        properties |= self._name_period()
        properties |= {"messages": self._messages, "timezone": self._scene.calendar.zone}
        return properties | list_dates(self._scene.reader.extent)

    def _name_period(self) -> Properties:
        period = name_period(self._part.partition)
        part = {"part": self._part.number} if self._part.number > 1 else {}
        match self._scene.projection.layout:
            case "month":
                return {"month": period} | part
            case "day":
                return {"day": date.fromisoformat(period)} | part
            case "year":
                return {"year": int(period)} | part
            case "post":  # its number in the day may change with any other message
                return self._post
            case "single":
                return part

    def _name_topic(self, chat: Chat, topic_id: int) -> Properties:
        if chat.kind == "saved":
            name = self._scene.people.plain(topic_id)
            return {"list": clean_title(name, name), "list_id": topic_id}
        title = self._scene.layout.topic(chat, topic_id).title
        return {"topic": clean_title(title, f"Topic {topic_id}"), "topic_id": topic_id}
