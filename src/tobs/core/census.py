"""Which fields occur in a message, as paths: what a format shows is declared in them, and what it does not is counted.

The grammar, of which a table can be made:

- A path begins at the message's content, or with `counters`: `media…`, `reply…`, `other…`, `counters.reactions…`.
- A record's field adds its name: `reply.quote`. Lists add nothing: `buttons.url` is about any button.
- A record that has a `kind` adds it behind the field it stands in: `media.photo.width`, `entities.text_url.value`,
  `action.star_gift.values.gift`, `page.blocks.table.title`.
- Inside `other` and `values`, Telegram's names follow, and the constructor of an object behind the field it stands in:
  `media.webpage.other.attributes.WebPageAttributeTheme.settings`.
- A record's own path stands for the record and the fields that it always has; each field that is set has a path
  besides, and so has a list that it always has, like a poll's `answers`. So every path that occurs has all its
  beginnings beside it, but for those that are only names of fields.

Columns of the message (date, sender, text, …) are no paths: every format shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from itertools import compress
from operator import attrgetter
from typing import Any, NamedTuple, get_args, get_origin

from msgspec.structs import fields

from tobs.core import media, model
from tobs.core.model import NO_CONTENT, NO_COUNTERS, Content, Counters, Message
from tobs.core.record import Record


class Verdict(Enum):
    """What becomes of a path: is it named, and is there to be looked below it."""

    NAME = "named, and what is below it is looked at"
    STOP = "named, and nothing below it"
    ENTER = "not named, but what is below it is looked at"
    SKIP = "not named, and nothing below it"


class _Place:
    """Where something may stand that is more than a plain value, and what is done with each kind of record there."""

    __slots__ = ("path", "steps")

    def __init__(self, path: str) -> None:
        self.path = path
        self.steps: dict[str, _Step] = {}


class _Walk(NamedTuple):
    """The fields of a record, in a certain place, that are worth a look, and what reads them at once.

    A path stands for a field that is named when it is set, a place for one that is looked into.
    """

    fields: tuple[str | _Place, ...]
    read: Callable[[Any], tuple[Any, ...]]


class _Step(NamedTuple):
    """What is done with a record, in a certain place; `name` is its path where that is named."""

    name: str
    walk: _Walk | None


class Census:
    """Names the paths that occur in messages, as far as `judge` wants them.

    Made for many messages: what can be known of a place is looked up once.
    """

    def __init__(self, judge: Callable[[str], Verdict]) -> None:
        self._judge = judge
        self._verdicts: dict[str, Verdict] = {}
        self._content = self._plan_walk(Content, "")
        self._counters = self._plan_walk(Counters, "counters.")

    def list_paths(self, message: Message) -> AbstractSet[str]:
        """Return the paths that occur in a message, each once."""
        found: set[str] = set()
        if message.content is not NO_CONTENT:
            self._add_fields(self._content, message.content, found)
        if message.counters is not NO_COUNTERS:
            self._add_fields(self._counters, message.counters, found)
        return found

    def _add_fields(self, walk: _Walk, record: Any, found: set[str]) -> None:
        values = walk.read(record)
        if not any(values):  # all defaults are false
            return
        # A loop over all fields measured twice as slow.
        for field, value in zip(compress(walk.fields, values), filter(None, values), strict=True):
            if isinstance(field, str):
                found.add(field)
            elif type(value) is not list:
                self._add_value(value, field, found)
            else:
                for each in value:
                    self._add_value(each, field, found)

    def _add_value(self, value: Any, place: _Place, found: set[str]) -> None:
        kind = type(value)
        if kind is list:  # of lists, as buttons are
            for each in value:
                self._add_value(each, place, found)
        elif kind is dict:
            self._add_plain(value, place.path, found)
        else:
            key = value.kind if kind in _KINDRED else ""
            step = place.steps.get(key) or self._plan_step(place, kind, key)
            if step.name:
                found.add(step.name)
            if step.walk:
                self._add_fields(step.walk, value, found)

    def _add_plain(self, value: Any, path: str, found: set[str]) -> None:
        """Add what `other` or `values` holds: in the end, plain values."""
        kind = type(value)
        if kind is dict:
            self._add_object(value, path, found)
        elif kind is list:
            for each in value:
                self._add_plain(each, path, found)
        elif self._find_verdict(path) in _NAMED:
            found.add(path)

    def _add_object(self, values: Mapping[str, Any], path: str, found: set[str]) -> None:
        if "_" in values:
            path = f"{path}.{values['_']}"
            verdict = self._find_verdict(path)
            if verdict in _NAMED:
                found.add(path)
            if verdict in _DONE:
                return
        for name, value in values.items():
            if name != "_":
                self._add_plain(value, f"{path}.{name}", found)

    def _find_verdict(self, path: str) -> Verdict:
        if path not in self._verdicts:
            self._verdicts[path] = self._judge(path)
        return self._verdicts[path]

    def _plan_step(self, place: _Place, record: type[Any], kind: str) -> _Step:
        path = f"{place.path}.{kind}" if kind else place.path
        verdict = self._find_verdict(path)
        walk = None if verdict in _DONE else self._plan_walk(record, f"{path}.")
        place.steps[kind] = _Step(path if verdict in _NAMED else "", walk)
        return place.steps[kind]

    def _plan_walk(self, record: type[Any], lead: str) -> _Walk:
        found: dict[str, str | _Place] = {}
        for name, held in _list_fields(record):
            path = lead + name
            verdict = self._find_verdict(path)
            if held in _PLAIN or (held in _ALIKE and verdict in _DONE):
                if verdict in _NAMED:
                    found[name] = path
            elif verdict is not Verdict.SKIP:
                found[name] = _Place(path)
        return _Walk(tuple(found.values()), _make_reader([*found]))


# Tuples: to find a member of an Enum in a set calls its hash function, which is Python.
_NAMED = (Verdict.NAME, Verdict.STOP)
_DONE = (Verdict.STOP, Verdict.SKIP)
_PLAIN = frozenset({int, str, bool, float})
_RECORDS = frozenset(
    each
    for each in (*vars(media).values(), *vars(model).values())
    if isinstance(each, type) and issubclass(each, Record)
)
_KINDRED = frozenset(
    each for each in _RECORDS if any(field.name == "kind" and field.required for field in fields(each))
)
"""Records that are told apart by their `kind`; a button's may be missing."""

_ALIKE = _RECORDS - _KINDRED
"""Records of which one field's all have one path."""


def _list_fields(record: type[Any]) -> list[tuple[str, type[Any]]]:
    """Return the fields of a record that may be left out, and the lists that it always has, each with what it holds."""
    return [
        (each.name, _find_held(each.type))
        for each in fields(record)
        if not each.required or get_origin(each.type) is list
    ]


def _find_held(hint: Any) -> type[Any]:
    """Return what a field, or the lists in it, hold one or more of."""
    if get_origin(hint) is dict:
        return dict
    inner = [each for each in get_args(hint) if each is not type(None)]
    return _find_held(inner[0]) if inner else hint


def _make_reader(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return (lambda record: (getattr(record, names[0]),)) if names else (lambda _record: ())


_EVERYTHING = Census(lambda _path: Verdict.NAME)


def list_paths(message: Message) -> AbstractSet[str]:
    """Return all paths that occur in a message, each once."""
    return _EVERYTHING.list_paths(message)
