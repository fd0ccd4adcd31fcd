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
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from itertools import compress
from operator import attrgetter
from typing import Any, NamedTuple

from tobs.core import media, model
from tobs.core.model import Content, Counters, Message

_NOTHING: frozenset[str] = frozenset()


class Verdict(Enum):
    """What becomes of a path: is it named, and is there to be looked below it."""

    NAME = "named, and what is below it is looked at"
    STOP = "named, and nothing below it"
    ENTER = "not named, but what is below it is looked at"
    SKIP = "not named, and nothing below it"


class _Walk(NamedTuple):
    """The fields of a record, in a certain place, that are worth a look: their paths, and what reads them at once.

    `leaves` are the paths of those that are named when they are set; their values come first, then those of `paths`.
    """

    leaves: tuple[str, ...]
    paths: tuple[str, ...]
    read: Callable[[Any], tuple[Any, ...]]


class _Step(NamedTuple):
    """What is done with a record, in a certain place."""

    path: str
    is_named: bool
    walk: _Walk | None


class Census:
    """Names the paths that occur in messages, as far as `judge` wants them.

    Made for many messages: what can be known of a place is looked up once.
    """

    def __init__(self, judge: Callable[[str], Verdict]) -> None:
        self._judge = judge
        self._verdicts: dict[str, Verdict] = {}
        self._steps: dict[tuple[str, type[Any], str], _Step] = {}
        self._content = self._plan_walk(Content, "")
        self._counters = self._plan_walk(Counters, "counters.")

    def list_paths(self, message: Message) -> AbstractSet[str]:
        """Return the paths that occur in a message, each once."""
        content, counters = self._content.read(message.content), self._counters.read(message.counters)
        if not any(content) and not any(counters):
            return _NOTHING
        found: set[str] = set()
        self._add_fields(self._content, content, found)
        self._add_fields(self._counters, counters, found)
        return found

    def _add_fields(self, walk: _Walk, values: tuple[Any, ...], found: set[str]) -> None:
        # All defaults are false; a loop over all fields measured twice as slow.
        found.update(compress(walk.leaves, values))
        composed = values[len(walk.leaves) :]
        for path, value in zip(compress(walk.paths, composed), filter(None, composed), strict=True):
            self._add_value(value, path, found)

    def _add_value(self, value: Any, path: str, found: set[str]) -> None:
        kind = type(value)
        if kind is list:
            for each in value:
                self._add_value(each, path, found)
        elif kind is dict:
            self._add_plain(value, path, found)
        elif kind in _PLAIN:
            if self._find_verdict(path) in _NAMED:
                found.add(path)
        else:
            key = (path, kind, value.kind if kind in _KINDRED else "")
            step = self._steps.get(key) or self._plan_step(key)
            if step.is_named:
                found.add(step.path)
            if step.walk:
                self._add_fields(step.walk, step.walk.read(value), found)

    def _add_plain(self, values: Mapping[str, Any], path: str, found: set[str]) -> None:
        """Add what `other` or `values` holds, or an object inside of it."""
        if "_" in values:
            path = f"{path}.{values['_']}"
            verdict = self._find_verdict(path)
            if verdict in _NAMED:
                found.add(path)
            if verdict in _DONE:
                return
        for name, value in values.items():
            if name != "_":
                self._add_value(value, f"{path}.{name}", found)

    def _find_verdict(self, path: str) -> Verdict:
        if path not in self._verdicts:
            self._verdicts[path] = self._judge(path)
        return self._verdicts[path]

    def _plan_step(self, key: tuple[str, type[Any], str]) -> _Step:
        path, record, kind = key
        path = f"{path}.{kind}" if kind else path
        verdict = self._find_verdict(path)
        walk = None if verdict in _DONE else self._plan_walk(record, f"{path}.")
        self._steps[key] = _Step(path, verdict in _NAMED, walk)
        return self._steps[key]

    def _plan_walk(self, record: type[Any], lead: str) -> _Walk:
        leaves = _list_leaves(record)
        verdicts = {each: self._find_verdict(lead + each) for each in _list_fields(record)}
        named = [each for each, verdict in verdicts.items() if each in leaves and verdict in _NAMED]
        composed = [
            each for each, verdict in verdicts.items() if each not in leaves and verdict is not Verdict.SKIP
        ]
        leaf_paths, paths = (tuple(lead + each for each in names) for names in (named, composed))
        return _Walk(leaf_paths, paths, _make_reader([*named, *composed]))


_NAMED = frozenset({Verdict.NAME, Verdict.STOP})
_DONE = frozenset({Verdict.STOP, Verdict.SKIP})
_PLAIN = frozenset({int, str, bool, float})
_LEAVES = frozenset(each.__name__ for each in _PLAIN)


_KINDRED = frozenset(
    each
    for each in (*vars(media).values(), *vars(model).values())
    if isinstance(each, type) and is_dataclass(each)
    if any(field.name == "kind" and field.default is MISSING for field in fields(each))
)
"""Records that are told apart by their `kind`; a button's may be missing."""


def _list_fields(record: type[Any]) -> list[str]:
    """Return the fields of a record that may be left out, and the lists that it always has."""
    return [
        each.name
        for each in fields(record)
        if each.default is not MISSING
        or each.default_factory is not MISSING
        or str(each.type).startswith("list[")
    ]


def _list_leaves(record: type[Any]) -> set[str]:
    """Return the fields that hold no records."""
    return {
        each.name for each in fields(record) if str(each.type).removeprefix("list[").rstrip("]") in _LEAVES
    }


def _make_reader(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return (lambda record: (getattr(record, names[0]),)) if names else (lambda _record: ())


_EVERYTHING = Census(lambda _path: Verdict.NAME)


def list_paths(message: Message) -> AbstractSet[str]:
    """Return all paths that occur in a message, each once."""
    return _EVERYTHING.list_paths(message)
