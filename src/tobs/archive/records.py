"""Records out of the JSON that the archive holds: what `core.model.sparse` left out gets its default.

msgspec decodes slotted dataclasses too, but asks each one for every field that the JSON does not name,
which costs an exception each: 5 µs for an empty Content, 9 for one with a medium. A typed dictionary is
checked as strictly and costs a quarter of that, with the record made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from operator import or_
from types import UnionType
from typing import Any, Required, TypedDict, TypeVar, get_args, get_origin, get_type_hints

import msgspec

T = TypeVar("T")

_NOTHING = "{}"
"""As most counters are, and a fifth of all contents."""


def make_decoder(record: type[T]) -> Callable[[str], T]:
    """Return what turns JSON into a record; it raises msgspec.MsgspecError or TypeError for JSON that is none."""
    decode = msgspec.json.Decoder(_shape_record(record)).decode
    fill: Callable[[dict[str, Any]], T] = _make_filler(record)
    return lambda text: record() if text == _NOTHING else fill(decode(text))


def _shape_record(record: type[Any], outer: frozenset[type[Any]] = frozenset()) -> Any:
    """Return the typed dictionary that looks like the record's JSON."""
    hints = get_type_hints(record)
    shapes = {}
    for each in fields(record):
        shape = _shape_hint(hints[each.name], outer | {record})
        has_default = each.default is not MISSING or each.default_factory is not MISSING
        shapes[each.name] = shape if has_default else Required[shape]
    return TypedDict(record.__name__, shapes, total=False)  # type: ignore[operator]  # made of what the record says


def _shape_hint(hint: Any, outer: frozenset[type[Any]]) -> Any:
    if hint in outer:  # a medium within a medium: its own record is as strict as need be
        return dict[str, Any]
    if is_dataclass(hint) and isinstance(hint, type):
        return _shape_record(hint, outer)
    if get_origin(hint) is list:
        return list[_shape_hint(get_args(hint)[0], outer)]  # type: ignore[misc]  # a type of the run time
    if isinstance(hint, UnionType):
        first, *rest = (_shape_hint(each, outer) for each in get_args(hint))
        for each in rest:
            first = or_(first, each)
        return first
    return hint


_fillers: dict[type[Any], Callable[[dict[str, Any]], Any]] = {}


def _make_filler(record: type[Any]) -> Callable[[dict[str, Any]], Any]:
    """Return what turns such a dictionary into the record; the records inside are filled first."""
    if record in _fillers:
        return _fillers[record]
    converters: dict[str, Callable[[Any], Any]] = {}

    def fill(values: dict[str, Any]) -> Any:
        for name, value in values.items():
            if name in converters:
                values[name] = converters[name](value)
        return record(**values)

    _fillers[record] = fill  # before what is inside, which may hold the same record again
    hints = get_type_hints(record)
    for each in fields(record):
        if convert := _find_converter(hints[each.name]):
            converters[each.name] = convert
    return fill


def _find_converter(hint: Any) -> Callable[[Any], Any] | None:
    """Return what a field's value becomes a record or a list of records by, or None when it holds none."""
    if is_dataclass(hint) and isinstance(hint, type):
        return _make_filler(hint)
    inside = next(filter(None, map(_find_converter, get_args(hint))), None)
    if inside is None:
        return None
    convert = inside
    if get_origin(hint) is list:
        return lambda values: [convert(each) for each in values]
    return lambda value: None if value is None else convert(value)
