"""What a run counts: stages, requests, media, caches, the pool. Whoever is handed none of it counts nothing itself."""

from __future__ import annotations

from typing import Protocol

from tobs._util.pool import PoolCounters
from tobs.core.metrics import StageName


class Meter(Protocol):
    """The counters of one run; never blocks, never fails."""

    def record_stage(
        self,
        stage_name: StageName,
        duration_s: float,
        error: bool = False,
        *,
        count: int = 1,
        queue_s: float = 0,
    ) -> None:
        """Count `count` pieces of a stage that together took `duration_s` until now, after `queue_s` of waiting."""
        ...

    def record_messages(self, count: int) -> None:
        """Note that so many messages were stored, changed or found as they were."""
        ...

    def record_request(self, method: str, latency_s: float, received_bytes: int = 0) -> None:
        """Note that a request was answered, with so many bytes if it was asked for as bytes."""
        ...

    def record_retry(self, method: str) -> None:
        """Note that a request has to be sent again."""
        ...

    def record_wait(self, method: str, duration_s: float) -> None:
        """Note that a method was held back so long because Telegram had said so."""
        ...

    def record_traffic(self, sent_bytes: int, received_bytes: int) -> None:
        """Note what went over a connection to Telegram."""
        ...

    def record_gauge(self, name: str, value: float) -> None:
        """Note that something that moves, like the number of requests in flight, has this value from now on."""
        ...

    def record_media(self, active: int, *, processed: int = 0, throttled: int = 0) -> None:
        """Note that from now on so many files are processed at once.

        `processed` have just ended; `throttled` have to wait for memory.
        """
        ...

    def record_cache(
        self,
        cache_name: str,
        hits: int,
        misses: int,
        evictions: int,
        size_bytes: int,
        *,
        expirations: int = 0,
        entries: int = 0,
    ) -> None:
        """Note how a cache stands; the last word counts."""
        ...

    def record_pool(self, counters: PoolCounters) -> None:
        """Note how the worker pool stands; the last word counts."""
        ...


class NoMeter:
    """Implements Meter where nobody asks for the counts."""

    def record_stage(
        self,
        stage_name: StageName,
        duration_s: float,
        error: bool = False,
        *,
        count: int = 1,
        queue_s: float = 0,
    ) -> None:
        """Count nothing."""

    def record_messages(self, count: int) -> None:
        """Count nothing."""

    def record_request(self, method: str, latency_s: float, received_bytes: int = 0) -> None:
        """Count nothing."""

    def record_retry(self, method: str) -> None:
        """Count nothing."""

    def record_wait(self, method: str, duration_s: float) -> None:
        """Count nothing."""

    def record_traffic(self, sent_bytes: int, received_bytes: int) -> None:
        """Count nothing."""

    def record_gauge(self, name: str, value: float) -> None:
        """Count nothing."""

    def record_media(self, active: int, *, processed: int = 0, throttled: int = 0) -> None:
        """Count nothing."""

    def record_cache(
        self,
        cache_name: str,
        hits: int,
        misses: int,
        evictions: int,
        size_bytes: int,
        *,
        expirations: int = 0,
        entries: int = 0,
    ) -> None:
        """Count nothing."""

    def record_pool(self, counters: PoolCounters) -> None:
        """Count nothing."""


NO_METER = NoMeter()
"""For whoever is handed no meter."""
