"""A chat's result.json as tests look at it."""

from __future__ import annotations

import json
import re
from typing import Any

from tobs.core.model import Chat, Content, Message
from tobs.core.request import Projection
from tobs.writers.registry import make_writer
from writers.corpus import TEAM
from writers.memory import MemoryReader, make_message

BERLIN = Projection("Europe/Berlin")

_TEXT = r'"(?:[^"\\\x00-\x1f\u2028\u2029]|\\["\\bfnrt]|\\u[0-9a-f]{4})*"'
_LINE = re.compile(
    rf"(?P<blanks> *)(?:{_TEXT}: )?(?:(?P<opens>[\[{{])|(?P<closes>[\]}}])|{_TEXT}|-?\d+(?:\.\d+)?(?:e-?\d+)?|true|false|null"
    r"|\[\]|\{\}),?"
)


def draw_result(reader: MemoryReader, chat: Chat, projection: Projection = BERLIN) -> str:
    """Return the file, of which every line has one key or item and stands as deep as it should."""
    writer = make_writer("json", reader, projection)
    days = [(None, day) for half in reader.halves(chat) for day in reader.days(half, topic_id=None)]
    [partition] = writer.partitions(chat, days)
    frame = writer.frame(partition)
    parts = [each for part in writer.list_parts(partition) for each in writer.render_part(part)]
    bodies = [each.body for each in parts if each.body]
    text = (frame.head + writer.traits.between.join(bodies) + frame.tail).decode()
    if bodies:
        check_lines(text)
    return text


def check_lines(text: str) -> None:
    depth = 0
    for line in text.split("\n"):
        found = _LINE.fullmatch(line)
        assert found, line
        depth -= bool(found["closes"])
        assert len(found["blanks"]) == depth, line
        depth += bool(found["opens"])
    assert depth == 0


def read_result(reader: MemoryReader, chat: Chat, projection: Projection = BERLIN) -> dict[str, Any]:
    """Return the file as Python reads it; no key may stand in an object twice."""
    found = json.loads(draw_result(reader, chat, projection), object_pairs_hook=_read_object)
    assert isinstance(found, dict)
    return found


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)


def read_entries(reader: MemoryReader, chat: Chat, projection: Projection = BERLIN) -> list[dict[str, Any]]:
    entries = read_result(reader, chat, projection)["messages"]
    assert isinstance(entries, list)
    return entries


def read_one(content: Content, text: str = "", **more: Any) -> dict[str, Any]:
    """Return a message of the group as it stands in the file."""
    return read_message(make_message(7, 1_772_229_600, text, content=content, **more))


def read_message(message: Message, reader: MemoryReader | None = None) -> dict[str, Any]:
    reader = reader or MemoryReader(names={1: "Alice Doe", 2: "Bob"}, usernames={4: "gif"})
    reader.add(TEAM, [message])
    return read_entries(reader, TEAM)[-1]


def drop_frame(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a message without what nearly all have."""
    framed = {
        "id",
        "type",
        "date",
        "date_unixtime",
        "from",
        "from_id",
        "actor",
        "actor_id",
        "text_entities",
        "tobs",
    }
    return {name: value for name, value in entry.items() if name not in framed}
