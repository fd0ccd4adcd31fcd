"""Uses a full cache, or a plain dictionary: `python -m tobs.bench.caching WAY`, WAY as in `WAYS`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tobs._util.clock import SystemClock
from tobs.bench.telling import tell_work
from tobs.cache.store import Cache

ENTRIES = 10_000
"""As many as the largest cache holds by default."""

_ROUNDS = 20
_DAY_SECONDS = 86_400


def _make_cache(folder: Path) -> Cache:
    return Cache(folder / "cache", clock=SystemClock(), max_entries=ENTRIES, ttl_seconds=_DAY_SECONDS)


def _fill(folder: Path) -> Cache:
    cache = _make_cache(folder)
    for number in range(ENTRIES):
        cache.put(f"key {number}", [number, "channel", 1 << 40])
    return cache


def _look_up_dict(_folder: Path) -> Callable[[], int]:
    plain = {f"key {number}": [number, "channel", 1 << 40] for number in range(ENTRIES)}
    return lambda: sum(plain.get(f"key {number}") is not None for number in range(ENTRIES))


def _look_up(folder: Path) -> Callable[[], int]:
    cache = _fill(folder)
    return lambda: sum(cache.get(f"key {number}") is not None for number in range(ENTRIES))


def _put(folder: Path) -> Callable[[], int]:
    return lambda: _fill(folder).counters.cache_size


def _save(folder: Path) -> Callable[[], int]:
    cache = _fill(folder)
    return lambda: ENTRIES * (cache.save() == [])


def _load(folder: Path) -> Callable[[], int]:
    _fill(folder).save()

    def load() -> int:
        cache = _make_cache(folder)
        return ENTRIES * (cache.load() == [])

    return load


WAYS: dict[str, Callable[[Path], Callable[[], int]]] = {
    "dict, look up": _look_up_dict,
    "look up": _look_up,
    "put": _put,
    "save": _save,
    "load": _load,
}


def main() -> None:
    """Do one thing so often that it can be timed."""
    with tempfile.TemporaryDirectory(prefix="tobs-bench-") as folder:
        work = WAYS[sys.argv[1]](Path(folder))
        tell_work(lambda: sum(work() for _ in range(_ROUNDS)))


if __name__ == "__main__":
    main()
