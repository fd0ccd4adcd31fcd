"""What formats for programs say of a message beside its records, in the same words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from msgspec import UNSET, UnsetType

from tobs.core.media import File, Media
from tobs.core.model import Content, Message
from tobs.core.record import Record
from tobs.writers.files import find_medium
from tobs.writers.scene import Scene

T = TypeVar("T", bound=Record)


class ToldFile(Record):
    """A file that the message carries, or one of a paid medium's.

    `path` is relative to the file that tells it; where it is empty, `reason` says why the file is not there.
    """

    kind: str
    id: int
    media_kind: str
    path: str = ""
    reason: str = ""


class ToldVersion(Record):
    """How a message was before an edit; dates are UTC, `2026-03-14T09:01:12Z`."""

    edited: str
    text: str
    content: Content | UnsetType = UNSET


def describe_file(scene: Scene, media: Media, file: File) -> ToldFile:
    """Return where a file of a message is, or why it is not there."""
    found = find_medium(scene, media, file)
    return ToldFile(file.kind, file.id, media.kind, found.path, found.reason)


def tell_versions(scene: Scene, message: Message) -> list[ToldVersion]:
    """Return a message's versions before edits, the oldest first, where the folder shows them."""
    if not message.edit_date or not scene.projection.show_edits:
        return []
    return [
        ToldVersion(say_moment(each.edit_date or each.date), each.text, drop_blank(each.content))
        for each in scene.reader.versions(scene.links.chat, message.id)
    ]


def drop_blank(record: T) -> T | UnsetType:
    """Return a record that says anything; one that does not is left out."""
    return UNSET if record == type(record)() else record


def name_topic(scene: Scene, topic_id: int) -> str:
    """Return the title of a forum's topic, or the name of a list of Saved Messages."""
    if scene.chat.kind == "saved":
        return scene.people.plain(topic_id)
    return scene.layout.topic(scene.chat, topic_id).title


def say_moment(seconds: int) -> str:
    """Return a moment as UTC: `2026-03-14T09:01:12Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
