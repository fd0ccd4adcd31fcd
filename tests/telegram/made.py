"""Any constructor of the layer, made with as few or as many fields as it takes."""

from __future__ import annotations

import inspect
import typing
from datetime import UTC, datetime
from functools import cache
from typing import Any, ForwardRef

from telethon.tl import types as tl

DATE = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
_PLAIN: dict[Any, Any] = {int: 7, str: "words", bytes: b"\x01", float: 1.5, bool: True, datetime: DATE}
_DEPTH = 2


def constructors(prefix: str) -> list[type]:
    """Return all constructors whose names start so, by name."""
    return [getattr(tl, name) for name in sorted(dir(tl)) if name.startswith(prefix)]


@cache
def read_parameters(constructor: Any) -> dict[str, inspect.Parameter]:
    """Return what a constructor takes, by name; asked once, for that is slow and thousands of objects are made."""
    parameters = inspect.signature(constructor.__init__).parameters
    return {name: each for name, each in parameters.items() if name != "self"}


def make(constructor: Any, *, is_full: bool, depth: int = 0) -> Any:
    """Return an object of a constructor; `is_full` fills in what may be left out, on the surface."""
    given = {}
    for name, parameter in read_parameters(constructor).items():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            continue
        is_optional = parameter.default is None
        if not is_optional or (is_full and depth == 0):
            given[name] = _value(parameter.annotation, is_full=is_full, depth=depth)
    return constructor(**given)


def _value(annotation: Any, *, is_full: bool, depth: int) -> Any:
    inner = typing.get_args(annotation)
    if typing.get_origin(annotation) is list:
        return [] if depth > _DEPTH else [_value(inner[0], is_full=is_full, depth=depth + 1)]
    if type(None) in inner:
        return _value(inner[0], is_full=is_full, depth=depth)
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    name = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else annotation
    union = _find_type(name)
    return make(_choose(union), is_full=is_full, depth=depth + 1) if union else None


@cache
def _find_type(name: str) -> Any:
    """Return the union of constructors with this name, or None where Telethon names it nowhere."""
    spaces = (tl, *(each for each in vars(tl).values() if inspect.ismodule(each)))
    return next((getattr(each, name) for each in spaces if hasattr(each, name)), None)


def _choose(union: Any) -> Any:
    """Return the constructor that needs least, but no empty one if there is another."""
    choices = typing.get_args(union) or (union,)
    full = [each for each in choices if not each.__name__.endswith("Empty")] or choices
    # What only clients send never stands in an answer.
    full = [each for each in full if not each.__name__.startswith("Input")] or full
    return min(full, key=lambda each: (len(read_parameters(each)), each.__name__))


def message(number: int = 7, **fields: Any) -> Any:
    """Return a message of a supergroup."""
    usual = {
        "id": number,
        "peer_id": tl.PeerChannel(5),
        "date": DATE,
        "message": "words",
        "from_id": tl.PeerUser(42),
    }
    return tl.Message(**(usual | fields))


def service(action: Any, number: int = 8) -> Any:
    return tl.MessageService(
        id=number, peer_id=tl.PeerChannel(5), date=DATE, action=action, from_id=tl.PeerUser(42)
    )


def page(*messages: Any, count: int = 0) -> bytes:
    """Return an answer of getHistory for a supergroup."""
    answer = tl.messages.ChannelMessages(1, count or len(messages), [*messages], [], chats=[], users=[])
    return bytes(answer)
