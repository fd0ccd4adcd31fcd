"""What formats for programs say of a message beside its records, in the same words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from tobs.core.media import File, Media
from tobs.core.model import Content, Message
from tobs.writers.files import find_file
from tobs.writers.scene import Scene


@dataclass(slots=True)
class ToldFile:
    """A file that the message carries, or one of a paid medium's.

    `path` is relative to the file that tells it; where it is empty, `reason` says why the file is not there.
    """

    kind: str
    id: int
    media_kind: str
    path: str = ""
    reason: str = ""


@dataclass(slots=True)
class ToldVersion:
    """How a message was before an edit; dates are UTC, `2026-03-14T09:01:12Z`."""

    edited: str
    text: str
    content: Content = field(default_factory=Content)


def describe_file(scene: Scene, media: Media, file: File) -> ToldFile:
    """Return where a file of a message is, or why it is not there."""
    found = find_file(scene, file)
    return ToldFile(file.kind, file.id, media.kind, found.path, found.reason)


def tell_versions(scene: Scene, message: Message) -> list[ToldVersion]:
    """Return a message's versions before edits, the oldest first, where the folder shows them."""
    if not message.edit_date or not scene.projection.show_edits:
        return []
    return [
        ToldVersion(say_moment(each.edit_date or each.date), each.text, each.content)
        for each in scene.reader.versions(scene.links.chat, message.id)
    ]


def name_topic(scene: Scene, topic_id: int) -> str:
    """Return the title of a forum's topic, or the name of a list of Saved Messages."""
    if scene.chat.kind == "saved":
        return scene.people.plain(topic_id)
    return scene.layout.topic(scene.chat, topic_id).title


def say_moment(seconds: int) -> str:
    """Return a moment as UTC: `2026-03-14T09:01:12Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
