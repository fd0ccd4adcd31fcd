"""A limit of messages per second and account, told in the way of the service: by FLOOD_WAIT."""

import math
from dataclasses import dataclass

PAGES = ("messages.getHistory", "messages.getReplies", "messages.getSavedHistory", "messages.search")
"""The methods that answer pages."""

LIMITED = (*PAGES, "messages.getMessages", "channels.getMessages")
"""The methods whose messages are counted."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many messages each second for one account, `takeout_factor` times as many under takeout.

    An account that has rested may take `burst_seconds` of it at once.
    """

    messages_per_second: float
    takeout_factor: float = 10.0
    burst_seconds: float = 2.0


class Bucket:
    """What one account may still take; times are UTC seconds."""

    def __init__(self, per_second: float, burst_seconds: float, now: float) -> None:
        self._per_second = per_second
        self._most = per_second * burst_seconds
        self._level = self._most
        self._seen = now

    def wait_seconds(self, now: float) -> int:
        """Return for how many whole seconds the account has to wait, 0 if it need not."""
        self._level = min(self._most, self._level + max(0.0, now - self._seen) * self._per_second)
        self._seen = now
        return 0 if self._level > 0 else max(1, math.ceil(-self._level / self._per_second))

    def take(self, messages: int) -> None:
        """Note messages that were given; the last page may overdraw, and then has to be waited for."""
        self._level -= messages


class Limiter:
    """The buckets of all accounts, those under takeout apart."""

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit
        self._buckets: dict[tuple[int, bool], Bucket] = {}

    def wait_seconds(self, user_id: int, now: float, *, takeout: bool) -> int:
        """Return for how many whole seconds this account has to wait, 0 if it need not."""
        return self._bucket(user_id, takeout, now).wait_seconds(now)

    def take(self, user_id: int, messages: int, now: float, *, takeout: bool) -> None:
        """Note messages that were given to an account."""
        self._bucket(user_id, takeout, now).take(messages)

    def _bucket(self, user_id: int, takeout: bool, now: float) -> Bucket:
        key = user_id, takeout
        if key not in self._buckets:
            factor = self._limit.takeout_factor if takeout else 1.0
            rate = self._limit.messages_per_second * factor
            self._buckets[key] = Bucket(rate, self._limit.burst_seconds, now)
        return self._buckets[key]
