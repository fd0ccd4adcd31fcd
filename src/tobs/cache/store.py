"""A cache of plain values: least recently used out first, with a time to live, kept in one file."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Any

from tobs.cache.disk import NotReadable, Stored, read_stored, size_of, write_stored
from tobs.cache.entry import CacheCounters, CacheEntry
from tobs.core.ports.services import Clock
from tobs.errors import TobsError


class Cache:
    """Implements core.ports.services.KeyValue; `load` and `save` connect it with its file, which need not exist.

    A hit returns the very object that was put. Values are what msgpack knows: None, bool, int, float,
    str, bytes, lists and dictionaries; a tuple comes back as a list after a restart. For one thread.
    """

    def __init__(self, path: Path, *, clock: Clock, max_entries: int, ttl_seconds: float) -> None:
        """`max_entries` 0 turns the cache off: it keeps nothing and touches no file."""
        self._max_entries = max_entries
        self._ttl_seconds = ttl_seconds
        self._clock = clock
        self._path = path
        self._entries: OrderedDict[str, CacheEntry] = OrderedDict()
        self._counters = CacheCounters()
        self._before = Stored()

    @property
    def counters(self) -> CacheCounters:
        """A copy of the counters as they stand."""
        size_bytes = sum(each.size_bytes for each in self._entries.values())
        return replace(self._counters, cache_size=len(self._entries), size_bytes=size_bytes)

    def get(self, key: str, *, even_expired: bool = False) -> Any | None:
        """Return the value, or None when it is not there or has expired; with `even_expired` that is a hit, too."""
        entry = self._entries.get(key)
        now = self._clock.now()
        if entry and entry.is_expired(now):
            self._counters.expirations += 1
            entry = entry if even_expired else None
        if entry is None:
            self._counters.misses += 1
            return None
        self._counters.hits += 1
        entry.accessed_at = now
        self._entries.move_to_end(key)
        return entry.data

    def peek(self, key: str) -> Any | None:
        """Return the value even when it has expired; neither counted nor taken for a use."""
        entry = self._entries.get(key)
        return entry.data if entry else None

    def put(self, key: str, value: Any) -> None:
        """Remember the value; TypeError when it is not plain."""
        size_bytes = size_of(value)
        if not self._max_entries:
            return
        now = self._clock.now()
        self._entries[key] = CacheEntry(key, value, now, now, self._ttl_seconds, size_bytes)
        self._entries.move_to_end(key)
        self._evict()

    def forget(self, key: str) -> None:
        """Drop the value if it is there."""
        self._entries.pop(key, None)

    def note_call(self) -> None:
        """Count a request that was sent for what is not here."""
        self._counters.api_calls += 1

    def note_failure(self) -> None:
        """Count such a request that brought nothing."""
        self._counters.api_failures += 1

    def load(self) -> list[str]:
        """Take what the file holds and return warnings: one that cannot be used is set aside."""
        if not self._max_entries:
            return []
        try:
            self._before = read_stored(self._path)
        except FileNotFoundError:
            return []
        except NotReadable as error:
            return [self._set_aside(error)]
        except OSError as error:
            return [f"The cache {self._path} cannot be read ({error.strerror}); it starts empty."]
        self._entries.update((each.key, each) for each in self._before.entries)
        self._evict()
        return []

    def save(self) -> list[str]:
        """Write the file and return warnings: a cache may be lost at any time, so nothing fails.

        With it stay the counters of whoever looked something up last.
        """
        if not self._max_entries:
            return []
        counters, used_at = self.counters, self._clock.now()
        if not counters.was_used:
            size = {"cache_size": counters.cache_size, "size_bytes": counters.size_bytes}
            counters, used_at = replace(self._before.counters, **size), self._before.used_at
        try:
            write_stored(self._path, Stored([*self._entries.values()], counters, used_at))
        except (TobsError, OSError) as error:
            return [f"The cache {self._path} was not saved: {error}"]
        return []

    def _evict(self) -> None:
        while len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)
            self._counters.evictions += 1

    def _set_aside(self, error: NotReadable) -> str:
        damaged = self._path.with_name(self._path.name + ".damaged")
        try:
            self._path.replace(damaged)
        except OSError as failure:
            return f"The cache {self._path} is not used, since {error}; it stays ({failure.strerror})."
        return f"The cache {self._path} is not used, since {error}; it was renamed to {damaged.name}."
