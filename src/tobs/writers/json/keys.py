"""What the keys of a service message are made of: each of these gives one of them, or none.

A value may be a plain one, or Telegram's object as a dictionary with its constructor's name under `_`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tobs.core.media import Values
from tobs.core.model import Message
from tobs.writers.json.ids import list_target
from tobs.writers.scene import Scene


class Deed(NamedTuple):
    """A service message on its way to Desktop's keys."""

    scene: Scene
    message: Message
    values: Values


Keys = Callable[[Deed], Iterator[tuple[str, Any]]]
"""Gives one key or several, or none where nothing is known."""


def give_number(key: str, name: str = "") -> Keys:
    """Give a number, 0 where Telegram says none."""
    return lambda deed: iter([(key, deed.values.get(name or key, 0))])


def give_flag(key: str, name: str = "") -> Keys:
    """Give whether a flag is set."""
    return lambda deed: iter([(key, bool(deed.values.get(name or key)))])


def give_text(key: str, name: str = "") -> Keys:
    """Give the words of a text."""
    return lambda deed: iter([(key, read_words(deed.values.get(name or key)))])


def give_known(key: str, name: str = "", read: Callable[[Any], Any] = lambda value: value) -> Keys:
    """Give what `read` makes of a value; nothing where there is none."""

    def list_key(deed: Deed) -> Iterator[tuple[str, Any]]:
        value = deed.values.get(name or key)
        if value is not None and (said := read(value)) is not None:
            yield key, said

    return list_key


def give_person(key: str, name: str) -> Keys:
    """Give a peer's name, null where Telegram names nobody."""

    def list_key(deed: Deed) -> Iterator[tuple[str, Any]]:
        peer_id = deed.values.get(name)
        yield key, deed.scene.people.plain(peer_id) if isinstance(peer_id, int) else None

    return list_key


def give_members(key: str, name: str) -> Keys:
    """Give the names of one or several people."""

    def list_key(deed: Deed) -> Iterator[tuple[str, Any]]:
        found = deed.values.get(name, [])
        listed = found if isinstance(found, list) else [found]
        yield key, [deed.scene.people.plain(each) for each in listed if isinstance(each, int)]

    return list_key


def give_target(key: str) -> Keys:
    """Give the message that the deed is about."""
    return lambda deed: list_target(deed.scene, deed.message, key)


def give_inside(key: str, name: str, field: str) -> Keys:
    """Give one field of an object, where Telegram's answer had one."""
    return give_known(key, name, lambda thing: thing.get(field))


def read_words(value: Any) -> str:
    """Return the words of a text with or without entities, or of one that has a title."""
    while isinstance(value, dict):
        value = value.get("text", value.get("title"))
    return value if isinstance(value, str) else ""


def read_name(prefix: str, value: Values) -> str:
    """Return a constructor's name in snake case without its prefix."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(value["_"]).removeprefix(prefix)).lower()
