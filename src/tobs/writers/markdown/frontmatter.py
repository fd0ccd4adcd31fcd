"""The properties at the head of a note (https://help.obsidian.md/properties)."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import yaml

from tobs.core.names import has_visible
from tobs.core.ports.reader import Extent
from tobs.writers.clean import clean_line
from tobs.writers.markdown.code import break_commands

Properties = dict[str, Any]

KEYS = frozenset({
    "title", "chat_id", "kind", "username", "link", "migrated_from", "first_message", "last_message", "messages", "coverage", "asked",
    "ids_empty", "ids_unknown", "ids_unreadable", "ids_hidden", "chat", "topic", "topic_id", "list", "list_id", "month", "day", "year",
    "message_id", "part", "chats", "timezone", "tags",
})  # fmt: skip
"""Every key that tobs writes into some note, beside POST_KEYS; the others are the owner's.

What says that a part of an archive was drawn is not among them: nobody draws that a second time.
"""

POST_KEYS = KEYS | {"date", "from"}
"""The keys of a note of one post, which is one that has `message_id`: elsewhere an owner may well have these two."""

TAG = "telegram"
"""Our one tag; an owner may add others beside it."""

_FENCED = re.compile(r"---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)


def list_dates(extent: Extent) -> Properties:
    """Return from when to when the messages of a part of an archive are; nothing of a whole one."""
    days = {"since": extent.since, "until": extent.until}
    return {key: date.fromisoformat(day) for key, day in days.items() if day}


class _Dumper(yaml.SafeDumper):
    """Writes moments as Obsidian does."""


_Dumper.add_representer(
    datetime,
    lambda dumper, moment: dumper.represent_scalar("tag:yaml.org,2002:timestamp", moment.isoformat()),
)


def find_keys(properties: Properties) -> frozenset[str]:
    """Return which keys are ours in the note that has these properties."""
    return POST_KEYS if "message_id" in properties else KEYS


def clean_title(title: str, fallback: str) -> str:
    """Return a chat's or topic's title as a property: on one line, and no command to a plug-in.

    `fallback` stands for a title without a visible character.
    """
    plain = clean_line(title)
    return break_commands(plain) if has_visible(plain) else fallback


def write_properties(properties: Properties) -> str:
    """Return properties as a block of YAML between its fences, types kept."""
    lines = (
        _write_property(key, value) if isinstance(value, str | int) else _dump({key: value})
        for key, value in properties.items()
    )
    return f"---\n{''.join(lines)}---\n"


@lru_cache(256, typed=True)
def _write_property(key: str, value: str | int) -> str:
    # Most of a note's properties are those of the note before.
    return _dump({key: value})


def _dump(properties: Properties) -> str:
    found: str = yaml.dump(
        properties, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=False, width=2**31
    )
    return found


def split_note(text: str) -> tuple[Properties, str] | None:
    """Return a note's properties and what is below them, or None when there are none to be read."""
    fenced = _FENCED.match(text)
    if fenced is None:
        return None
    try:
        properties = yaml.safe_load(fenced[1] or "") or {}
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return (properties, text[fenced.end() :]) if isinstance(properties, dict) else None
