"""One cached value, and the counters of a cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class CacheEntry:
    """A plain value with its times (UTC seconds), time to live (seconds) and size (bytes in msgpack)."""

    key: str
    data: Any
    created_at: float
    accessed_at: float
    ttl: float
    size_bytes: int

    def is_expired(self, now: float) -> bool:
        """Tell whether the value is too old; one from the future is, since the clock was set back."""
        return not 0 <= now - self.created_at < self.ttl


@dataclass(slots=True)
class CacheCounters:
    """What a cache did since it was opened; `expirations` are lookups that found too old a value.

    `api_calls` are requests sent for what was not there, `api_failures` those of them that brought nothing.
    """

    hits: int = 0
    misses: int = 0
    evictions: int = 0
    expirations: int = 0
    api_calls: int = 0
    api_failures: int = 0
    cache_size: int = 0
    size_bytes: int = 0

    @property
    def was_used(self) -> bool:
        """Tell whether anything was looked up."""
        return bool(self.hits or self.misses)

    @property
    def hit_rate_pct(self) -> float:
        """Hits of all lookups in percent, 0 when there was none."""
        lookups = self.hits + self.misses
        return 100 * self.hits / lookups if lookups else 0.0
