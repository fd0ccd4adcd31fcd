"""Nothing of a message is lost: every constructor of the layer, with every field, is found in the row again."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple

import msgspec
import pytest
from telethon.tl import types as tl
from telethon.tl.tlobject import TLObject

from telegram.made import page
from tobs.core.ids import mark_channel, mark_group
from tobs.core.model import Content, Counters, MessageRow
from tobs.simulator.corpus.every import FIRST_NUMBER, list_constructors, list_sent, make_message, read_fields
from tobs.telegram.decode import decode_page
from tobs.telegram.fields import KEPT_FIELDS, MOVING, TRANSPORT, TRANSPORT_TYPES, WAYS
from tobs.telegram.rest import is_transport, name_type

CHAT, ACCOUNT = -1000000000005, 77
CONSTRUCTORS = list(list_constructors())
NAMES = {each.__name__: each for each in CONSTRUCTORS}

UNNAMED = {
    "MessageMediaEmpty": "there is no medium",
    "TextEmpty": "there are no words",
    "GeoPointEmpty": "there is no point",
    "DocumentAttributeAnimated": "the kind of medium is `animation`",
}
"""Constructors that mean the same as leaving the field out, or have another name with us."""

read_content, read_counters = msgspec.json.Decoder(Content).decode, msgspec.json.Decoder(Counters).decode


class Leaf(NamedTuple):
    """A value of a message, and where it stands."""

    holder: Any
    field: str
    value: Any


def decode(message: Any) -> MessageRow:
    [row] = decode_page(page(message), chat_id=CHAT, account=ACCOUNT, is_forum=False).rows
    return row


def find_target(thing: Any, kind: type) -> Any:
    """Return the object of this constructor inside a message."""
    if type(thing) is kind:
        return thing
    inside = thing if isinstance(thing, list) else vars(thing).values() if isinstance(thing, TLObject) else ()
    return next(filter(None, (find_target(each, kind) for each in inside)), None)


def list_leaves(thing: Any) -> Iterator[Leaf]:
    """Yield the values of an object that are to be found again, its bare flags aside."""
    name = type(thing).__name__
    if name in TRANSPORT_TYPES:
        return
    kind: Any = type(thing)
    for field in read_fields(kind):
        if is_transport(name, field):
            continue
        value = getattr(thing, field)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, TLObject):
                yield from list_leaves(each)
            elif not isinstance(each, bool) and each is not None:
                yield Leaf(thing, field, each)


def list_values(value: Any) -> Iterator[Any]:
    """Yield all that a row holds: keys and values, however deep."""
    if isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from list_values(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from list_values(each)
    else:
        yield value


def read_row(row: MessageRow) -> list[Any]:
    stored = [msgspec.json.decode(row.content), msgspec.json.decode(row.counters)]
    return list(list_values([*row._replace(content="", counters=""), *stored]))


def is_found(value: Any, held: list[Any]) -> bool:
    texts = [each for each in held if isinstance(each, str)]
    if isinstance(value, bytes):
        return any(value.hex() in each for each in texts)
    if isinstance(value, str):
        return any(value in each for each in texts)
    if isinstance(value, datetime):
        value = int(value.timestamp())
    if value in held:
        return True
    forms = {mark_group(value), mark_channel(value)} if isinstance(value, int) else set()
    return bool(forms & {each for each in held if isinstance(each, int)}) or any(
        str(value) in each for each in texts
    )


def squash(name: str) -> str:
    return name.replace("_", "").lower()


@pytest.mark.parametrize("target", CONSTRUCTORS, ids=lambda each: each.__name__)
def test_every_value_of_every_constructor_is_found_in_the_row(target: type) -> None:
    message = make_message(target, count(FIRST_NUMBER))
    held = read_row(decode(message))
    lost = [
        f"{type(leaf.holder).__name__}.{leaf.field} = {leaf.value!r}"
        for leaf in list_leaves(message)
        if not is_found(leaf.value, held)
    ]
    assert lost == []


@pytest.mark.parametrize("target", CONSTRUCTORS, ids=lambda each: each.__name__)
def test_every_flag_of_every_constructor_makes_another_row(target: type) -> None:
    if is_dropped(target):
        return
    message = make_message(target, count(FIRST_NUMBER))
    row = decode(message)
    for field in read_fields(target):
        if getattr(find_target(message, target), field) is not True or is_transport(target.__name__, field):
            continue
        other = change(message, target, field)
        assert other is None or decode(other) != row, f"{target.__name__}.{field} does not matter"


@pytest.mark.parametrize(
    "target", [each for each in CONSTRUCTORS if not read_fields(each)], ids=lambda each: each.__name__
)
def test_a_constructor_without_fields_is_named_in_the_row(target: type) -> None:
    if is_dropped(target):
        return
    held = {squash(str(each)) for each in read_row(decode(make_message(target, count(FIRST_NUMBER))))}
    name = squash(target.__name__)
    is_named = any(len(each) > 2 and name.endswith(each) for each in held)
    assert is_named != (target.__name__ in UNNAMED)


def is_dropped(target: type) -> bool:
    """Tell whether a constructor stands only where something is left out for good."""
    path = list_constructors()[target]
    return target.__name__ in TRANSPORT_TYPES or any(
        is_transport(kind.__name__, field) for kind, field in path
    )


@pytest.mark.parametrize("target", CONSTRUCTORS, ids=lambda each: each.__name__)
def test_what_is_stored_comes_back(target: type) -> None:
    row = decode(make_message(target, count(FIRST_NUMBER)))
    assert msgspec.to_builtins(read_content(row.content)) == msgspec.json.decode(row.content)
    assert msgspec.to_builtins(read_counters(row.counters)) == msgspec.json.decode(row.counters)


MOVED = [
    (name, field) for name, fields in MOVING.items() for field in fields if field in read_fields(NAMES[name])
]


def change(message: Any, target: type, field: str) -> Any:
    """Return the message with another value in a field, or None where the field cannot change alone."""
    other = copy.deepcopy(message)
    thing = find_target(other, target)
    value = getattr(thing, field)
    assert value
    setattr(thing, field, value + 1 if type(value) is int else [] if isinstance(value, list) else None)
    try:
        bytes(other)
    except AssertionError:  # Telethon's, for fields that come only together
        return None
    return other


@pytest.mark.parametrize(("name", "field"), MOVED)
def test_what_changes_without_an_edit_makes_no_version(name: str, field: str) -> None:
    message = make_message(NAMES[name], count(FIRST_NUMBER))
    other = change(message, NAMES[name], field)
    if other is None:
        return
    row, changed = decode(message), decode(other)
    assert row.settled() == changed.settled()
    assert row.counters != changed.counters


def test_the_tables_name_only_what_the_layer_has() -> None:
    fields = {field for kind in CONSTRUCTORS for field in read_fields(kind)}
    for name in TRANSPORT:
        constructor, _, field = name.rpartition(".")
        assert field in (read_fields(NAMES[constructor]) if constructor else fields), name
    assert {*TRANSPORT_TYPES, *KEPT_FIELDS, *MOVING, *WAYS} <= set(NAMES)
    for name, ways in WAYS.items():
        assert set(ways) <= set(read_fields(NAMES[name])), name
    moving = {field for kind in (tl.Message, tl.MessageService) for field in read_fields(kind)}
    assert set(MOVING["Message"]) <= moving
    for name in set(MOVING) - {"Message", "MessageService"}:
        assert set(MOVING[name]) <= set(read_fields(NAMES[name])), name


def list_ways() -> dict[str, set[str]]:
    """Return all fields in which an object with a moving field may stand, by what the schema says."""
    leads: dict[str, dict[str, set[str]]] = {}
    for name, kind in NAMES.items():
        for field, hint in read_fields(kind).items():
            if not is_transport(name, field) and field not in MOVING.get(name, {}):
                leads.setdefault(name, {})[field] = {each.__name__ for each in list_sent(hint)}
    moving, before = set(MOVING), set[str]()
    while moving != before:
        before = set(moving)
        moving |= {name for name, fields in leads.items() if any(each & moving for each in fields.values())}
    ways = {
        name: {field for field, each in fields.items() if each & moving} for name, fields in leads.items()
    }
    return {name: fields for name, fields in ways.items() if fields}


def test_the_ways_to_what_moves_are_all_of_them() -> None:
    assert {name: set(fields) for name, fields in WAYS.items()} == list_ways()


def test_the_constructors_are_those_that_the_layer_can_put_into_a_message() -> None:
    assert {tl.Message, tl.MessageService} <= set(CONSTRUCTORS)
    prefixes = (
        "MessageMedia",
        "MessageAction",
        "MessageEntity",
        "PageBlock",
        "InlineButtonType",
        "DocumentAttribute",
    )
    named = {getattr(tl, each) for each in dir(tl) if each.startswith(prefixes)}
    # These two are never part of a message.
    assert named - set(CONSTRUCTORS) <= {each for each in named if "None" in each.__name__}
    assert name_type(tl.Message) == "Message"
