"""What each format shows of each constructor that can be in a message, as the tables of docs/formats.md.

For each constructor there is a message that has all its fields. Each of them is changed in turn: the paths
(core/census.py) at which the stored message is another one then are where the field is kept, and the formats declare
which paths they show. A field that changes nothing is lost, unless telegram/fields.py says why it is left out.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from functools import cache
from itertools import count
from typing import Any, Literal

from msgspec.structs import FieldInfo, fields
from telethon.tl import types
from telethon.tl.tlobject import TLObject

from tobs.archive.codec import read_message
from tobs.core.census import list_paths
from tobs.core.model import Message
from tobs.core.record import Record
from tobs.simulator.corpus.every import (
    FIRST_NUMBER,
    Path,
    list_constructors,
    list_sent,
    make_message,
    read_fields,
)
from tobs.telegram.decode import decode_page
from tobs.telegram.fields import TRANSPORT_TYPES
from tobs.telegram.rest import is_transport
from tobs.writers.registry import FORMATS

Cell = Literal["shown", "in part", "counted", "lost", "–"]

_NEAR = 4
"""How many fields lead to a place that is looked at."""

_CHAT_ID, _ACCOUNT = -1000000000005, 77
_COLUMNS = ("id", "date", "edit_date", "sender_id", "topic_id", "reply_to_id", "album_id", "kind", "text")


def judge_constructors() -> dict[str, dict[str, Cell]]:
    """Return for each constructor by name what each format makes of it."""
    return {kind.__name__: _judge(kind) for kind in list_constructors()}


def _judge(target: type) -> dict[str, Cell]:
    """Return what formats make of a constructor where it stands first; where that is nothing, in any other place."""
    if _is_left_out(target):
        return dict.fromkeys(FORMATS, "–")
    cells = _judge_place(target, list_constructors()[target])
    places = _list_places(target)
    while "counted" in cells.values() and (place := next(places, None)):
        elsewhere = _judge_place(target, place)
        is_seen = {
            name for name in cells if cells[name] == "counted" and elsewhere[name] in {"shown", "in part"}
        }
        cells |= dict.fromkeys(is_seen, "in part")
    return cells


def _list_places(target: type) -> Iterator[Path]:
    """Yield the ways to all fields near to the message in which a constructor may stand."""
    for parent, way in list_constructors().items():
        for name, hint in read_fields(parent).items():
            if target in list_sent(hint) and len(way) < _NEAR and not is_transport(parent.__name__, name):
                yield (*way, (parent, name))


def _judge_place(target: type, way: Path) -> dict[str, Cell]:
    sent = make_message(target, count(FIRST_NUMBER), way)
    found = [_find_changes(sent, each) for each in _list_states(sent, target)]
    found += _find_itself(sent, target, way)
    if not any(each != frozenset() for each in found) and target.__name__.endswith("Empty"):
        return dict.fromkeys(FORMATS, "–")
    paths = list_paths(_read(sent))
    return {name: _sum_up(name, found, paths) for name in FORMATS}


def _sum_up(name: str, changes: list[frozenset[str] | None], paths: AbstractSet[str]) -> Cell:
    """Return what a format makes of fields by the paths that each one changes; None for one that changes a column."""
    shown = FORMATS[name].shown
    said = set[Cell]()
    for changed in changes:
        if changed is None:
            said.add("shown")
        else:
            # What is below a path that is not shown is counted there.
            said |= {"shown" if _is_seen(each, shown.holds, paths) else "counted" for each in changed} or {
                "lost"
            }
    if "lost" in said or not said:
        return "lost"
    return said.pop() if len(said) == 1 else "in part"


def _is_seen(path: str, holds: Callable[[str], bool], paths: AbstractSet[str]) -> bool:
    steps = path.split(".")
    above = (".".join(steps[:at]) for at in range(1, len(steps) + 1))
    return all(holds(each) for each in above if each in paths or each == path)


def _is_left_out(target: type) -> bool:
    """Tell whether a constructor stands only where something is left out for good, as telegram/fields.py says."""
    way = list_constructors()[target]
    return target.__name__ in TRANSPORT_TYPES or any(is_transport(kind.__name__, name) for kind, name in way)


def _list_states(sent: Any, target: type) -> Iterator[Any]:
    """Yield the message of a constructor with one field changed, for each field."""
    names = [each for each in read_fields(target) if not is_transport(target.__name__, each)]
    for name in names:
        if isinstance(getattr(_find(sent, target), name), TLObject):
            continue  # the constructors that may stand there have rows of their own
        other = copy.deepcopy(sent)
        thing = _find(other, target)
        setattr(thing, name, _change(getattr(thing, name)))
        if _is_whole(other):
            yield other
    if names and all(isinstance(getattr(_find(sent, target), each), TLObject) for each in names):
        yield _change_within(sent, target)


def _find_itself(sent: Any, target: type, way: Path) -> Iterator[frozenset[str] | None]:
    """Yield the outermost paths that are there with a constructor, and are not without it."""
    if not way:
        return
    changed = _find_changes(sent, _leave_out(sent, target, *way[-1]))
    if changed is None:
        yield None
    elif changed:
        depth = min(each.count(".") for each in changed)
        yield frozenset(each for each in changed if each.count(".") == depth)
    elif not read_fields(target):
        yield changed


def _change_within(sent: Any, target: type) -> Any:
    """Return the message with another value in what a constructor consists of, which are only objects."""
    other = copy.deepcopy(sent)
    thing = _find(other, target)
    while inner := [each for each in vars(thing).values() if isinstance(each, TLObject)]:
        thing = inner[0]
    name, value = next(iter(vars(thing).items()))
    setattr(thing, name, _change(value))
    return other


def _leave_out(sent: Any, target: type, parent: type, name: str) -> Any:
    """Return the message without a constructor that has no fields, or with another one in its place."""
    hint = read_fields(parent)[name]
    others: list[Any] = [None, [], *(each for each in list_sent(hint) if each is not target)]
    for each in others:
        other = copy.deepcopy(sent)
        holder = _find(other, parent)
        if holder is None:  # what is listed of a message is a medium of its own
            return sent
        before = getattr(holder, name)
        made = _make_plain(each) if isinstance(each, type) else each
        is_listed = isinstance(before, list) and isinstance(each, type)
        setattr(holder, name, [made] if is_listed else made)
        if _is_whole(other):
            return other
    return sent


def _make_plain(kind: type) -> Any:
    """Return an object of a constructor, taken out of the message that it has."""
    return _find(make_message(kind, count(FIRST_NUMBER)), kind)


def _find(thing: Any, kind: type) -> Any:
    """Return the object of a constructor inside a message."""
    if type(thing) is kind:
        return thing
    inside = thing if isinstance(thing, list) else vars(thing).values() if isinstance(thing, TLObject) else ()
    return next(filter(None, (_find(each, kind) for each in inside)), None)


def _change(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, TLObject):
        return None
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, list):
        return []
    return (
        f"{value}1"
        if isinstance(value, str)
        else b"other"
        if isinstance(value, bytes)
        else value.replace(year=2020)
    )


def _is_whole(thing: Any) -> bool:
    try:
        return bool(bytes(thing))
    except (AssertionError, AttributeError, TypeError):  # Telethon's, for what cannot be left out
        return False


def _read(sent: Any) -> Message:
    answer = bytes(types.messages.ChannelMessages(1, 1, [sent], [], chats=[], users=[]))
    [row] = decode_page(answer, chat_id=_CHAT_ID, account=_ACCOUNT, is_forum=False).rows
    return read_message(row)


def _find_changes(sent: Any, changed: Any) -> frozenset[str] | None:
    """Return the paths at which two messages differ; None where a column does."""
    one, other = _read(sent), _read(changed)
    if any(getattr(one, each) != getattr(other, each) for each in _COLUMNS):
        return None
    before, after = _spread(one), _spread(other)
    known = list_paths(one) | list_paths(other)
    differ = (each for each in before.keys() | after.keys() if before.get(each) != after.get(each))
    # What is a beginning only has its own path below it, where it is set.
    return frozenset(found for each in differ if (found := _shorten(each, known)) in known)


def _shorten(path: str, known: AbstractSet[str]) -> str:
    """Return the path that stands for a field that a record always has."""
    while path not in known and "." in path:
        path = path.rpartition(".")[0]
    return path


def _spread(message: Message) -> dict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    _add_record(message.content, "", found)
    _add_record(message.counters, "counters.", found)
    return found


@cache
def _list_fields(kind: type[Record]) -> tuple[FieldInfo, ...]:
    return fields(kind)


def _add_record(record: Any, lead: str, found: defaultdict[str, list[Any]]) -> None:
    for each in _list_fields(record.__class__):
        _add_value(getattr(record, each.name), f"{lead}{each.name}", found)


def _add_value(value: Any, path: str, found: defaultdict[str, list[Any]]) -> None:
    if isinstance(value, list):
        for each in value:
            _add_value(each, path, found)
    elif isinstance(value, dict):
        path = f"{path}.{value['_']}" if "_" in value else path
        found[path].append(None)
        for name, each in value.items():
            _add_value(each, f"{path}.{name}", found)
    elif isinstance(value, Record):
        kind = next(
            (each for each in _list_fields(value.__class__) if each.name == "kind" and each.required), None
        )
        path = f"{path}.{getattr(value, 'kind', '')}" if kind else path
        found[path].append(None)
        _add_record(value, f"{path}.", found)
    else:
        found[path].append(value)


_SECTIONS = {
    "Service messages": ("MessageAction",),
    "Media": (
        "MessageMedia",
        "Document",
        "Photo",
        "Geo",
        "Poll",
        "Todo",
        "WebPage",
        "Game",
        "Story",
        "MediaArea",
        "Video",
    ),
    "Styles of text": ("MessageEntity", "Text", "Formatted"),
    "Rich messages": ("Page", "RichMessage", "RichButton"),
    "Buttons": ("Keyboard", "Reply", "InlineButton", "RequestPeer", "InlineQuery"),
    "Gifts and payments": ("StarGift", "Stars", "Payment", "Post", "Shipping"),
    "Reactions, answers and forwards": ("Reaction", "Message", "Fact"),
}
"""How the names of constructors begin; all others are in a section of their own."""

_OTHERS = "Everything else"


def write_tables() -> str:
    """Return the tables: those constructors in one row with which the formats do the same."""
    rows: dict[str, defaultdict[tuple[Cell, ...], list[str]]] = {
        each: defaultdict(list) for each in (*_SECTIONS, _OTHERS)
    }
    for name, cells in judge_constructors().items():
        rows[_find_section(name)][tuple(cells.values())].append(name)
    lines = []
    for section, found in rows.items():
        lines += [
            "",
            f"## {section}",
            "",
            f"| {' | '.join(FORMATS)} | constructors |",
            f"|{'---|' * (len(FORMATS) + 1)}",
        ]
        for same, names in sorted(found.items(), key=lambda each: -len(each[1])):
            lines.append(f"| {' | '.join(same)} | {', '.join(f'`{each}`' for each in sorted(names))} |")
    return "\n".join(lines)


def _find_section(name: str) -> str:
    found = (section for section, leads in _SECTIONS.items() if name.startswith(leads))
    return next(found, _OTHERS)
