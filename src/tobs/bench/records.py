"""What records cost, with slots and without: `python -m tobs.bench.records ARCHIVE` prints what it found.

The values are those of real messages; the class without slots has the same fields and nothing else.
"""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, make_dataclass
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec

from tobs.archive.read import ArchiveReader
from tobs.cache.entry import CacheEntry
from tobs.core.metrics import StageMetrics
from tobs.core.model import Message
from tobs.core.ports.reader import ALL_TIME
from tobs.core.record import Record

_RECORDS = 10_000
"""How many of a kind are made."""

_MESSAGES = 20_000
_RARE = 100
"""A record of which fewer are found among so many messages does not matter."""

_TRIES = 15


@dataclass(slots=True)
class RecordCost:
    """One record: bytes of the object alone, with slots and without, and how much less that is.

    `deep_saved_pct` counts the values that it holds as well. `creation_ratio` and `access_ratio` say how fast ours is, with
    the class without slots as 1; `ms_for_10000` is for making so many.
    """

    record: str
    fields: int
    bytes_each: float
    plain_bytes_each: float
    saved_pct: float
    deep_saved_pct: float
    creation_ratio: float
    access_ratio: float
    ms_for_10000: float


def find_costs(archive: Path) -> list[RecordCost]:
    """Return what each record costs that exists once per message or more, the most frequent first."""
    reader = ArchiveReader(archive)
    try:
        found = _collect(reader)
    finally:
        reader.close()
    entry = [f"key {number}" for number in range(_RECORDS)]
    found[CacheEntry] = [(key, [1, 2], 1.5, 1.5, 3600.0, 3) for key in entry]
    found[StageMetrics] = [tuple(getattr(StageMetrics(), each.name) for each in fields(StageMetrics))] * 1000
    return [_find_cost(each, values) for each, values in found.items()]


def _collect(reader: ArchiveReader) -> dict[type[Any], list[tuple[Any, ...]]]:
    """Return the values of the records of the first messages, by class."""
    found: dict[type[Any], list[tuple[Any, ...]]] = {}
    start, end = ALL_TIME
    messages = (
        each
        for chat in reader.drawn_chats()
        for each in reader.messages(chat, topic_id=None, start=start, end=end)
    )
    for message in islice(messages, _MESSAGES):
        for each in _walk(message):
            values = found.setdefault(type(each), [])
            if len(values) < _RECORDS:
                values.append(tuple(getattr(each, name) for name in _list_names(type(each))))
    frequent = {each: values for each, values in found.items() if len(values) >= _RARE}
    return dict(sorted(frequent.items(), key=lambda item: -len(item[1])))


def _walk(value: object) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _walk(each)
    elif isinstance(value, Record | Message):
        yield value
        for name in _list_names(type(value)):
            yield from _walk(getattr(value, name))


def _list_names(record: type[Any]) -> Sequence[str]:
    if issubclass(record, msgspec.Struct):
        return record.__struct_fields__
    return [each.name for each in fields(record)]


def _find_cost(record: type[Any], values: list[tuple[Any, ...]]) -> RecordCost:
    names = _list_names(record)
    plain = make_dataclass(record.__name__, names)
    own_bytes, plain_bytes = _count_bytes(record, values), _count_bytes(plain, values)
    held = sum({id(each): sys.getsizeof(each) for row in values for each in row}.values()) / len(values)
    created, plain_created = _time_both(
        lambda: [record(*row) for row in values], lambda: [plain(*row) for row in values]
    )
    read = attrgetter(*names)
    own, others = [record(*row) for row in values], [plain(*row) for row in values]
    accessed, plain_accessed = _time_both(
        lambda: [read(each) for each in own], lambda: [read(each) for each in others]
    )
    return RecordCost(
        record.__name__,
        len(names),
        round(own_bytes, 1),
        round(plain_bytes, 1),
        round(100 * (1 - own_bytes / plain_bytes), 1),
        round(100 * (1 - (own_bytes + held) / (plain_bytes + held)), 1),
        round(plain_created / created, 2),
        round(plain_accessed / accessed, 2),
        round(1000 * created / len(values) * _RECORDS, 2),
    )


def _count_bytes(build: Callable[..., object], values: list[tuple[Any, ...]]) -> float:
    made: list[object] = [None] * len(values)
    gc.collect()
    tracemalloc.start()
    for number, row in enumerate(values):
        made[number] = build(*row)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held / len(values)


def _time_both(own: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Return the lowest seconds of each, taken in turn."""
    lowest = [float("inf")] * 2
    for _ in range(_TRIES):
        for at, work in enumerate((own, other)):
            start = time.perf_counter()
            work()
            lowest[at] = min(lowest[at], time.perf_counter() - start)
    return lowest[0], lowest[1]


if __name__ == "__main__":
    print(msgspec.json.encode(find_costs(Path(sys.argv[1]))).decode())  # noqa: T201  # the runner reads it
