"""Which fields occur in a message, as paths: what a format shows is declared in them, and what it does not is counted.

The grammar, of which a table can be made:

- A path begins at the message's content, or with `counters`: `media…`, `reply…`, `other…`, `counters.reactions…`.
- A record's field adds its name: `reply.quote`. Lists add nothing: `buttons.url` is about any button.
- A record that has a `kind` adds it behind the field it stands in: `media.photo.width`, `entities.text_url.value`,
  `action.star_gift.values.gift`, `page.blocks.table.title`.
- Inside `other` and `values`, Telegram's names follow, and the constructor of an object behind the field it stands in:
  `media.webpage.other.attributes.WebPageAttributeTheme.settings`.
- A record's own path stands for the record and the fields that it always has; each field that is set has a path
  besides. So every path that occurs has all its beginnings beside it, but for those that are only names of fields.

Columns of the message (date, sender, text, …) are no paths: every format shows them.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import MISSING, fields, is_dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from tobs.core.model import Content, Counters, Message

_get_content = attrgetter(*(each.name for each in fields(Content)))
_get_counters = attrgetter(*(each.name for each in fields(Counters)))
_NOTHING: frozenset[str] = frozenset()


class _Shape(NamedTuple):
    """The fields of a record that may be left out, with what stands in them then, and whether it has a kind."""

    fields: tuple[tuple[str, Any], ...]
    has_kind: bool


_shapes: dict[type, _Shape | None] = {}


def list_paths(message: Message) -> AbstractSet[str]:
    """Return the paths that occur in a message, each once."""
    # All defaults are falsy, and most messages have nothing else.
    if not any(_get_content(message.content)) and not any(_get_counters(message.counters)):
        return _NOTHING
    found: set[str] = set()
    _add_fields(message.content, "", found)
    _add_fields(message.counters, "counters.", found)
    return found


def _add_fields(record: Any, lead: str, found: set[str]) -> None:
    shape = _look_up(type(record))
    for name, default in shape.fields if shape else ():
        value = getattr(record, name)
        if value != default:
            _add_value(value, lead + name, found)


def _look_up(kind: type[Any]) -> _Shape | None:
    if kind not in _shapes:
        _shapes[kind] = _read_shape(kind) if is_dataclass(kind) else None
    return _shapes[kind]


def _read_shape(kind: Any) -> _Shape:
    optional = [
        (each.name, each.default if each.default_factory is MISSING else each.default_factory())
        for each in fields(kind)
        if each.default is not MISSING or each.default_factory is not MISSING
    ]
    return _Shape(
        tuple(optional), any(each.name == "kind" and each.default is MISSING for each in fields(kind))
    )


def _add_value(value: Any, path: str, found: set[str]) -> None:
    kind = type(value)
    if kind is list:
        for each in value:
            _add_value(each, path, found)
    elif kind is dict:
        _add_plain(value, path, found)
    elif shape := _look_up(kind):
        path = f"{path}.{value.kind}" if shape.has_kind else path
        found.add(path)
        _add_fields(value, f"{path}.", found)
    else:
        found.add(path)


def _add_plain(values: dict[str, Any], path: str, found: set[str]) -> None:
    """Add what `other` or `values` holds, or an object inside of it."""
    if "_" in values:
        path = f"{path}.{values['_']}"
        found.add(path)
    for name, value in values.items():
        if name != "_":
            _add_value(value, f"{path}.{name}", found)
