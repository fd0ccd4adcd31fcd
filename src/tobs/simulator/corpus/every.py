"""One message for each constructor that can stand in a message, made from what Telethon knows of the schema.

The constructors are found by following the types of all fields from message and messageService on, so that those of a
new layer are here as soon as Telethon knows them. In its message each constructor has all its fields, with values that
stand nowhere else; what is around it, and inside of it, has only the fields that it must have.
"""

from __future__ import annotations

import inspect
import typing
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any

from telethon.tl import types
from telethon.tl.tlobject import TLObject

from tobs.simulator.corpus import chats, people
from tobs.simulator.corpus.small import NOW, put_on_chats
from tobs.simulator.marks import peer_of
from tobs.simulator.model import World
from tobs.simulator.script import Draft
from tobs.simulator.stage import Stage

EVERY_ID = 2_000_000_051
_BEGIN = datetime(2026, 2, 1, 6, 0, tzinfo=UTC)

FIRST_NUMBER = 1_100_000_000
"""The numbers that are made begin here: they fit into 32 bits, and are good as dates too."""

_SENT_INPUTS = ("InputStickerSet", "InputGroupCall")
"""Of what only clients send, the two that servers send as well: as the names of a set and of a call."""

_WORDS = "The words of this message"


Path = tuple[tuple[type, str], ...]
"""The fields that lead from a message to a constructor in it."""


def build_every(seed: int, _messages: int) -> World:
    """Return the small world together with one supergroup of all these messages."""
    stage = Stage(seed, NOW)
    put_on_chats(stage)
    script = stage.channel(chats.supergroup(EVERY_ID, "Gallery of constructors", "gallery_every"), _BEGIN)
    for message in every_message():
        message.peer_id, message.date = peer_of(script.chat), script.clock
        if message.from_id is None:
            message.from_id = peer_of(people.ANNA)
        script.drafts.append(Draft(message))
        script.later(minutes=20)
    return stage.build()


def every_message() -> Iterator[Any]:
    """Yield a message for each constructor, in a fixed order."""
    numbers = count(FIRST_NUMBER)
    for target in list_constructors():
        yield make_message(target, numbers)


def make_message(target: type, numbers: Iterator[int], way: Path = ()) -> Any:
    """Return the message that holds this constructor; all its values follow from `numbers`.

    `way` are the fields that lead to it, where it is not to stand where it is found first.
    """
    maker = _Maker(numbers)
    made = maker.make(target, {}, is_full=True)
    for parent, field in reversed(way or list_constructors()[target]):
        given = {field: [made] if _is_list(parent, field) else made}
        made = maker.make(parent, given)
        if not _is_whole(made):
            made = maker.make(parent, given, is_full=True)
    return made


def _is_whole(thing: Any) -> bool:
    """Tell whether an object has all that it needs: some fields come only together, which Telethon asserts."""
    try:
        return bool(bytes(thing))
    except AssertionError:
        return False


@cache
def list_constructors() -> dict[type, Path]:
    """Return every constructor that a server may send, with the fields that lead to it from a message."""
    found: dict[type, Path] = {}
    waiting: deque[tuple[type, Path]] = deque([(types.Message, ()), (types.MessageService, ())])
    while waiting:
        kind, path = waiting.popleft()
        if kind in found:
            continue
        found[kind] = path
        for name, hint in read_fields(kind).items():
            waiting += [(each, (*path, (kind, name))) for each in list_sent(hint)]
    return found


def list_sent(hint: Any) -> list[type]:
    """Return the constructors that a server may put into a field: those for clients only where there are no others."""
    leaves = list(_list_leaves(hint))
    sent = [
        each
        for each in leaves
        if not each.__name__.startswith("Input") or each.__name__.startswith(_SENT_INPUTS)
    ]
    return sent or leaves


@cache
def read_fields(kind: type) -> dict[str, Any]:
    """Return the types of a constructor's fields."""
    made: Any = kind
    names = _Names()
    fields = typing.get_type_hints(made.__init__, None, names)
    if kind is types.MessageService:  # one class of Telethon's stands for both, with the fields of both
        fields = {name: fields[name] for name in _SERVICE_FIELDS}
    elif kind is types.Message:
        fields = {
            name: hint for name, hint in fields.items() if name not in {"action", "reactions_are_possible"}
        }
    return dict(fields)


_SERVICE_FIELDS = (
    "id", "peer_id", "date", "action", "out", "mentioned", "media_unread", "reactions_are_possible", "silent", "post",
    "legacy", "from_id", "saved_peer_id", "reply_to", "reactions", "ttl_period",
)  # fmt: skip


class _Names(dict[str, Any]):
    """The names that Telethon's annotations use; some types have no name of their own, only their constructor."""

    def __missing__(self, name: str) -> Any:
        spaces = (types, *(each for each in vars(types).values() if inspect.ismodule(each)))
        for wanted in (name, name.removeprefix("Type")):
            for space in spaces:
                if hasattr(space, wanted):
                    return getattr(space, wanted)
        raise KeyError(name)


def _list_leaves(hint: Any) -> Iterator[type]:
    if inspect.isclass(hint) and issubclass(hint, TLObject):
        yield hint
    for inner in typing.get_args(hint):
        yield from _list_leaves(inner)


def _is_list(kind: type, field: str) -> bool:
    hint = read_fields(kind)[field]
    return any(typing.get_origin(each) is list for each in (hint, *typing.get_args(hint)))


class _Maker:
    """Makes objects whose values stand nowhere else."""

    def __init__(self, numbers: Iterator[int]) -> None:
        self._numbers = numbers

    def make(self, kind: Any, given: dict[str, Any], *, is_full: bool = False) -> Any:
        """Return an object with the fields that it must have and those given, or with all."""
        given = dict(given)
        if kind is types.Message:
            given.setdefault("message", _WORDS)
        fields = read_fields(kind)
        needed = inspect.signature(kind.__init__).parameters
        for name, hint in fields.items():
            if name not in given and (is_full or needed[name].default is not None):
                given[name] = self._value(hint, name)
        return kind(**given)

    def _value(self, hint: Any, name: str) -> Any:
        inner = [each for each in typing.get_args(hint) if each is not type(None)]
        if typing.get_origin(hint) is list:
            return [self._value(inner[0], name)]
        if leaves := list_sent(hint):
            value = self.make(min(leaves, key=_weigh), {})
            return [value] if inner and typing.get_origin(inner[0]) is list else value
        return self._value(inner[0], name) if inner else self._scalar(hint, name)

    def _scalar(self, hint: Any, name: str) -> Any:
        if hint is bool:
            return True
        if name in {"offset", "length"}:
            return 4  # over a word of the text, so that it shows
        number = next(self._numbers)
        makers: dict[Any, Any] = {
            int: number,
            float: number % 1_000_000 / 8 + 1000.125,
            str: f"{name} {number}",
            bytes: number.to_bytes(8, "big"),
            datetime: datetime.fromtimestamp(number, UTC),
        }
        return makers[hint]


def _weigh(kind: Any) -> tuple[bool, int, int, str]:
    """Let constructors that must have a field go first, those with the fewest objects and fields before others."""
    needed = inspect.signature(kind.__init__).parameters
    hints = [hint for name, hint in read_fields(kind).items() if needed[name].default is not None]
    objects = sum(any(True for _ in _list_leaves(hint)) for hint in hints)
    is_last = not hints or kind.__name__.endswith("Empty")
    return is_last, objects, len(read_fields(kind)), kind.__name__
