"""What one line of messages.jsonl says, and its JSON Schema."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType, field

from tobs.core.model import Content, Counters
from tobs.core.record import Record
from tobs.writers.told import ToldFile, ToldVersion

SCHEMA_VERSION = 1
"""Grows when a line can no longer be read as one of the version before; new fields do not count."""


class Line(Record):
    """One message of a chat. What holds its default is left out.

    Ids of chats and people are marked ids: a user's n, a basic group's -n, a channel's or supergroup's -100n. Dates
    are UTC, `2026-03-14T09:01:12Z`. `kind` is `text`, `service`, the kind of the medium, `unsupported` or `withheld`.
    `sender` and `topic` are the latest known names. `action` says in English what a service message says;
    `content.action` has its values. `gone` is the day, in the
    zone of the folder, on which it was noticed that the message is deleted. `earlier` are its
    versions before edits, the oldest first, where the folder shows edits (`--show-edits`). Offsets and lengths of
    entities count UTF-16 code units.
    """

    version: Literal[1]
    chat_id: int
    id: int
    date: str
    kind: str
    edited: str = ""
    sender_id: int = 0
    sender: str = ""
    topic_id: int = 0
    topic: str = ""
    reply_to_id: int = 0
    album_id: int = 0
    text: str = ""
    action: str = ""
    content: Content | UnsetType = UNSET
    counters: Counters | UnsetType = UNSET
    files: list[ToldFile] = field(default_factory=list)
    earlier: list[ToldVersion] = field(default_factory=list)
    gone: str = ""


def make_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a line."""
    schema = msgspec.json.schema(Line)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"One line of a messages.jsonl that tobs wrote, version {SCHEMA_VERSION}",
        **schema,
    }
