"""The properties at the head of a note (https://help.obsidian.md/properties)."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tobs.core.names import has_visible
from tobs.writers.clean import clean_line
from tobs.writers.markdown.code import break_commands

Properties = dict[str, Any]

KEYS = frozenset({
    "title", "chat_id", "kind", "username", "link", "migrated_from", "first_message", "last_message", "messages", "coverage", "asked",
    "ids_empty", "ids_unknown", "ids_unreadable", "ids_hidden", "chat", "topic", "topic_id", "list", "list_id", "month", "part", "chats", "timezone", "tags",
})  # fmt: skip
"""Every key that tobs writes into some note; the others are the owner's."""

TAG = "telegram"
"""Our one tag; an owner may add others beside it."""

_FENCED = re.compile(r"---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)


def clean_title(title: str, fallback: str) -> str:
    """Return a chat's or topic's title as a property: on one line, and no command to a plug-in.

    `fallback` stands for a title without a visible character.
    """
    plain = clean_line(title)
    return break_commands(plain) if has_visible(plain) else fallback


def write_properties(properties: Properties) -> str:
    """Return properties as a block of YAML between its fences, types kept."""
    dumped = yaml.safe_dump(
        properties, allow_unicode=True, sort_keys=False, default_flow_style=False, width=2**31
    )
    return f"---\n{dumped}---\n"


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
