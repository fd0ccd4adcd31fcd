"""All caches of one place: which there are, opened and saved together, looked into and deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tobs.cache.disk import NotReadable, read_stored
from tobs.cache.entry import CacheCounters
from tobs.cache.store import Cache
from tobs.core.ports.services import Clock
from tobs.core.report import CacheUse

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class CachePlan:
    """A cache that there may be: its name, its file, how many entries it has at most and how long they count as fresh."""

    name: str
    file: str
    max_entries: int
    ttl_seconds: float


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What the file of a cache says: what is in it, and how the last command that looked something up fared.

    `age_s` is how long ago that command ended, None when there was none. `problem` says why a file is of no use; then
    all else is 0.
    """

    name: str
    path: Path
    size_bytes: int
    use: CacheUse
    age_s: float | None
    problem: str = ""


class CacheRegistry:
    """The caches whose files stand in one folder."""

    def __init__(self, folder: Path, plans: Iterable[CachePlan], clock: Clock) -> None:
        self._folder = folder
        self._plans = tuple(plans)
        self._clock = clock
        self._caches = {
            each.name: Cache(
                folder / each.file, clock=clock, max_entries=each.max_entries, ttl_seconds=each.ttl_seconds
            )
            for each in self._plans
        }

    def __getitem__(self, name: str) -> Cache:
        """Return an open cache."""
        return self._caches[name]

    def load(self) -> list[str]:
        """Take what the files hold and return warnings."""
        return [warning for each in self._caches.values() for warning in each.load()]

    def save(self) -> list[str]:
        """Write the files and return warnings."""
        return [warning for each in self._caches.values() for warning in each.save()]

    def list_uses(self) -> dict[str, CacheUse]:
        """Return by name what each cache did since it was opened."""
        return {name: _describe(each.counters) for name, each in self._caches.items()}

    def read_stats(self) -> Iterator[CacheStats]:
        """Yield what the files say, without a change to any; for a cache that has none as well."""
        for plan in self._plans:
            path = self._folder / plan.file
            try:
                stored = read_stored(path)
            except FileNotFoundError:
                yield CacheStats(plan.name, path, 0, CacheUse(), None)
            except NotReadable as error:
                yield CacheStats(plan.name, path, 0, CacheUse(), None, str(error))
            except OSError as error:
                yield CacheStats(plan.name, path, 0, CacheUse(), None, error.strerror or str(error))
            else:
                age_s = self._clock.now() - stored.used_at if stored.counters.was_used else None
                use = _describe(stored.counters)
                yield CacheStats(plan.name, path, path.stat().st_size, use, age_s)

    def clear(self, name: str = "") -> list[Path]:
        """Delete the files of one cache, or of all, with what was set aside; return what was there. Raises OSError."""
        names = [each.file for each in self._plans if name in {"", each.name}]
        paths = [self._folder / each for file in names for each in (file, f"{file}.damaged")]
        found = [each for each in paths if each.is_file()]
        for each in found:
            each.unlink(missing_ok=True)
        return found


def _describe(counters: CacheCounters) -> CacheUse:
    return CacheUse(
        hits=counters.hits,
        misses=counters.misses,
        hit_rate_pct=round(counters.hit_rate_pct, 2),
        evictions=counters.evictions,
        expirations=counters.expirations,
        entries=counters.cache_size,
        size_mb=round(counters.size_bytes / _MIB, 6),
        api_calls=counters.api_calls,
        api_failures=counters.api_failures,
    )
