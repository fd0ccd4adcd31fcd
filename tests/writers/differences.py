"""Draws one message by itself, with and without each of its fields: what makes a difference is what a format shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import ExitStack, contextmanager
from dataclasses import MISSING
from typing import Any

from msgspec import NODEFAULT
from msgspec.structs import FieldInfo, fields

from tobs.core.ids import mark_channel
from tobs.core.media import Answer, Media, Poll, Task
from tobs.core.model import Chat, Content, Message, Reply
from tobs.core.ports.reader import FileState
from tobs.core.ports.writer import Part, Partition
from tobs.core.record import Record
from tobs.core.request import Projection
from tobs.writers.format import Format
from tobs.writers.scene import Stage
from writers.memory import MemoryReader, make_message


class Everywhere(MemoryReader):
    """Files end in `suffix`, or are not there; each message is there that is answered, and the task or answer of it."""

    def __init__(self, suffix: str) -> None:
        super().__init__()
        self._suffix = suffix
        self.target = Content()

    def message(self, chat: Chat, message_id: int) -> Message | None:
        return make_message(message_id, 1000, f"Words of {message_id}", content=self.target)

    def file_state(self, _chat: Chat, file_kind: str, file_id: int) -> FileState:
        path = f"Chat/media/{file_id}.{self._suffix}"
        return FileState("done", path=path) if self._suffix else FileState("wanted")


class Easel:
    """Draws single messages of one chat in one format."""

    def __init__(self, format_: Format, kind: str, suffix: str) -> None:
        chat = Chat(0, mark_channel(77), kind, "Chat", basename="Chat")
        self._reader = Everywhere(suffix)
        self._reader.add(chat, [])
        projection = Projection("UTC")
        self._scene = Stage(self._reader, projection, format_.shape(projection), format_.escape).set_scene(
            chat
        )
        self._scene.folder = "Chat"
        self._format = format_
        self._part = Part(Partition(chat, None, "2026-03", 0, 1 << 40), 1, (1,), 1)

    def aim(self, reply: Reply | None) -> None:
        """Have what is answered of a message in all messages that are answered."""
        task = Task(reply.task_id if reply else 0, "The task that is answered")
        answer = Answer("The answer that is answered", reply.poll_option if reply else "")
        self._reader.target = Content(media=Media("todo", tasks=[task], poll=Poll("?", [answer])))

    def draw(self, message: Message) -> bytes:
        """Return the bytes of a message; none when they cannot be made, which no message of Telegram's does."""
        reply = message.content.reply
        message.reply_to_id = (reply.to_id or None) if reply and not reply.chat_id else None
        try:
            return self._format.open_sheet(self._scene, self._part).message([message], message)
        except (KeyError, ValueError):
            return b""


def find_effects(easel: Easel, messages: Iterable[Message], found: set[str]) -> None:
    """Add the paths of which any change makes a difference to what is drawn; those found are not tried again."""
    for message in messages:
        easel.aim(message.content.reply)
        whole, reference = easel.draw(message), None
        for path in vary(message, found):
            drawn = easel.draw(message)
            if path and drawn != (whole if reference is None else reference):
                found.add(path)
            reference = None if path else drawn


def vary(message: Message, known: AbstractSet[str] = frozenset()) -> Iterator[str]:
    """Yield the path of each field that occurs, but for those known, while it is another one; some several times.

    An empty path comes before those that are not to be compared with the message as it is, but as it is then.
    """
    yield from _vary_fields(message.content, "", known)
    yield from _vary_fields(message.counters, "counters.", known)


def _vary_fields(record: Any, lead: str, known: AbstractSet[str]) -> Iterator[str]:
    blanks = {each.name: _find_blank(each, getattr(record, each.name)) for each in fields(record)}
    places = [_Place(record, name, blank) for name, blank in blanks.items() if blank is not MISSING]
    for each in places:
        if each.value != each.blank:
            yield from _vary_value(each, lead + each.name, known, places)


def _find_blank(field: FieldInfo, value: Any) -> Any:
    if not field.required:
        return field.default if field.default_factory is NODEFAULT else field.default_factory()
    return [] if isinstance(value, list) else MISSING


def _vary_value(place: _Place, path: str, known: AbstractSet[str], beside: Sequence[_Place]) -> Iterator[str]:
    value = place.value
    if isinstance(value, list) and any(map(_is_composed, value)):
        for at, each in enumerate(value):
            inner = _Place(value, at, [] if isinstance(each, list) else MISSING)
            yield from _vary_value(inner, path, known, ())
    elif isinstance(value, dict):
        yield from _vary_plain(place, path, known, beside)
    elif isinstance(value, Record):
        yield from _vary_record(place, path, known, beside)
    elif path not in known:
        other = [*map(_change, value)] if isinstance(value, list) else _change(value)
        yield from _try(place, (place.blank, other), path)
        yield from _try_alone(place, path, beside)


def _is_composed(value: Any) -> bool:
    return isinstance(value, list | dict | Record)


def _vary_record(
    place: _Place, path: str, known: AbstractSet[str], beside: Sequence[_Place]
) -> Iterator[str]:
    record = place.value
    needed = [
        each.name for each in fields(record) if _find_blank(each, getattr(record, each.name)) is MISSING
    ]
    path = f"{path}.{record.kind}" if "kind" in needed else path
    if path not in known:
        yield from _try(place, (place.blank,), path)
        yield from _try_alone(place, path, beside)
        for each in needed:
            if each != "kind":
                yield from _try(_Place(record, each), (_change(getattr(record, each)),), path)
    yield from _vary_fields(record, f"{path}.", known)


def _vary_plain(place: _Place, path: str, known: AbstractSet[str], beside: Sequence[_Place]) -> Iterator[str]:
    values = place.value
    if "_" in values:
        path = f"{path}.{values['_']}"
        if path not in known:
            yield from _try(place, (MISSING,), path)
            yield from _try_alone(place, path, beside)
            yield from _try(_Place(values, "_"), ("Another",), path)
    places = [_Place(values, each) for each in values if each != "_"]
    for each in places:
        yield from _vary_value(each, f"{path}.{each.name}", known, places)


def _try(place: _Place, states: tuple[Any, ...], path: str) -> Iterator[str]:
    for state in states:
        with place.put(state):
            yield path


def _try_alone(place: _Place, path: str, beside: Sequence[_Place]) -> Iterator[str]:
    """Try to take a field away where all others are away, and where any other one is: they may say more."""
    others = [each for each in beside if each is not place and each.value != each.blank]
    is_said = (
        isinstance(place.holder, dict) and "_" not in place.holder
    )  # the values of an action, in a sentence
    for away in [others, *([each] for each in others)] if is_said else [others]:
        with ExitStack() as stack:
            for each in away:
                stack.enter_context(each.put(each.blank))
            yield ""
            with place.put(place.blank):
                yield path


def _change(value: Any) -> Any:
    """Return another value of the same type; of a flag, a number, a word."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return f"{value}1"


class _Place:
    """A field of a record, a key of a dictionary or a place in a list; `blank` is what stands there without it."""

    def __init__(self, holder: Any, name: Any, blank: Any = MISSING) -> None:
        self.holder = holder
        self.name = name
        self.blank = blank

    @property
    def value(self) -> Any:
        if isinstance(self.holder, dict):
            return self.holder.get(self.name, MISSING)
        return self.holder[self.name] if isinstance(self.holder, list) else getattr(self.holder, self.name)

    @contextmanager
    def put(self, value: Any) -> Iterator[None]:
        """Have another value there for a while; MISSING takes it away."""
        before = self.value
        if isinstance(self.holder, list):
            whole = self.holder[:]
            self.holder[self.name : self.name + 1] = [] if value is MISSING else [value]
            yield
            self.holder[:] = whole
        elif isinstance(self.holder, dict):
            keys = dict(self.holder)
            self.holder.update({self.name: value})
            if value is MISSING:
                del self.holder[self.name]
            yield
            self.holder.clear()  # the order of keys matters too
            self.holder.update(keys)
        else:
            setattr(self.holder, self.name, value)
            yield
            setattr(self.holder, self.name, before)
