"""What no typed field says: the other fields of a TL object as plain values, under Telegram's own names.

Which names those are is found out once for each constructor and place. A field is left out when it is not set: None,
False, an empty text or list, and 0 where the schema has no way to leave a number out.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from telethon.tl.tlobject import TLObject

from tobs.core.ids import mark_channel, mark_group
from tobs.core.media import Values
from tobs.telegram.fields import KEPT_FIELDS, MOVING, TRANSPORT, TRANSPORT_TYPES, WAYS
from tobs.telegram.peers import mark_peer

_MARKERS: dict[str, Callable[[int], int]] = {"chat_id": mark_group, "channel_id": mark_channel}
_OPTIONAL_TRUTHS = {("MessageActionTopicEdit", "closed"), ("MessageActionTopicEdit", "hidden")}
"""Where Telegram tells False from nothing said, and the difference means something: a topic was opened again."""


class Rest:
    """The fields of one constructor that are not typed where it stands: all but those said, or only those named."""

    def __init__(self, *said: str, only: tuple[str, ...] = ()) -> None:
        self._said = frozenset(said)
        self._only = only
        self._known: dict[type, _Names] = {}

    def read(self, thing: Any) -> Values:
        """Return what is set of these fields."""
        kind = type(thing)
        names = self._known.get(kind)
        if names is None:
            names = self._known[kind] = _Names(kind, self._said, self._only)
        return names.read(thing)


class _Names:
    """The names of a constructor's fields that count, with what stands in them when nothing does."""

    def __init__(self, kind: type, said: frozenset[str], only: tuple[str, ...]) -> None:
        self.constructor = name_type(kind)
        fields = list_fields(kind)
        if only:
            named = {each.name: each for each in fields}
            self._fields = [named[name] for name in only if name in named]
        else:
            gone = said.union(MOVING.get(self.constructor, ()))
            self._fields = [
                each
                for each in fields
                if each.name not in gone and not is_transport(self.constructor, each.name)
            ]
        # With the constructor's class, so that attrgetter gives a tuple however few the names are.
        self._get = attrgetter("__class__", "__class__", *(each.name for each in self._fields))
        self._blank = (kind, kind, *(each.blank for each in self._fields))

    def read(self, thing: Any) -> Values:
        if self._get(thing) == self._blank:
            return {}
        found = {}
        for name, is_optional, _ in self._fields:
            value = getattr(thing, name, None)
            if value or self._is_told(name, value, is_optional=is_optional):
                plain = plain_value(value, name)
                if plain is not None and plain not in ([], {}):
                    found[name.rstrip("_")] = plain
        return found

    def _is_told(self, name: str, value: Any, *, is_optional: bool) -> bool:
        """Tell whether what looks like nothing is something: an optional 0, or a False that was sent."""
        if value is False:
            return (self.constructor, name) in _OPTIONAL_TRUTHS
        return is_optional and type(value) in (int, float)


def name_type(kind: type) -> str:
    """Return the name of a constructor, also of one that telegram/reader.py reads in its own way."""
    return str(getattr(kind, "NAME", kind.__name__))


def is_transport(constructor: str, name: str) -> bool:
    """Tell whether a field is left out for good."""
    if constructor in KEPT_FIELDS:
        return name not in KEPT_FIELDS[constructor]
    return name in TRANSPORT or f"{constructor}.{name}" in TRANSPORT


class Field(NamedTuple):
    """A field of a constructor, and what stands in it when it is left out."""

    name: str
    is_optional: bool
    blank: bool | None


def list_fields(kind: type) -> list[Field]:
    """Return the fields of a constructor, in the order of the schema. Raises TypeError for another type."""
    made: Any = getattr(kind, "SIGNATURE", kind)
    if not issubclass(made, TLObject):
        raise TypeError(f"{kind.__name__} is no constructor")
    found = []
    for each in inspect.signature(made.__init__).parameters.values():
        if each.kind is each.POSITIONAL_OR_KEYWORD and each.name != "self":
            is_optional = each.default is None
            blank = False if is_optional and "bool" in str(each.annotation) else None
            found.append(Field(each.name, is_optional, blank))
    return found


_WHOLE = Rest()


def plain_value(value: Any, name: str = "") -> Any:
    """Return a value of TL as JSON can hold it; None for what is left out."""
    kind = type(value)
    if kind is int:
        return _MARKERS[name](value) if name in _MARKERS else value
    if kind is list:
        plain = [plain_value(each, name) for each in value]
        return [each for each in plain if each is not None]
    if kind is bytes:
        return value.hex()
    if isinstance(value, TLObject):
        return plain_object(value)
    return value


def plain_object(thing: Any) -> Any:
    """Return an object as a dictionary with its constructor's name, a peer as its marked id."""
    if (marked := mark_peer(thing)) is not None:
        return marked
    constructor = name_type(type(thing))
    if constructor in TRANSPORT_TYPES:
        return None
    found = {"_": constructor, **_WHOLE.read(thing)}
    if constructor in KEPT_FIELDS and "id" in found:
        mark = mark_group if constructor.startswith("Chat") else mark_channel
        found["id"] = mark(found["id"])
    return found


@cache
def _find_moving(kind: type) -> tuple[Rest | None, tuple[str, ...]]:
    """Return what of a constructor moves, and the fields in which there may be more of that."""
    constructor = name_type(kind)
    moving = MOVING.get(constructor)
    return Rest(only=tuple(moving)) if moving else None, WAYS.get(constructor, ())


def list_moving(thing: Any) -> Values:
    """Return what of an object changes without an edit, at the places where it stands."""
    kind: Any = type(thing)
    told, ways = _find_moving(kind)
    found = told.read(thing) if told else {}
    for name in ways:
        value = getattr(thing, name, None)
        if type(value) is list:
            inside: Any = [list_moving(each) for each in value]
            if any(inside):
                found[name] = inside
        elif value is not None and (inside := list_moving(value)):
            found[name] = inside
    return found
