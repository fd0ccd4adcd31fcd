"""Takeout sessions of accounts (core.telegram.org/api/takeout): one at a time, kept until finished or revoked."""

import math
from dataclasses import dataclass
from typing import Any

_FIRST_ID = 7_000_000_001


@dataclass(slots=True)
class Takeout:
    """One takeout; `flags` is the request that began it. `ending` is empty while it is open.

    The endings are: finished, failed (finished without success), replaced (begun anew with other flags), revoked.
    """

    id: int
    user_id: int
    flags: Any
    ending: str = ""


class Takeouts:
    """All takeouts there were, in order, in `sessions`.

    With a `delay_seconds` an account has to wait so long after its first request, or until `allow` is called as if
    the person had tapped Allow in Telegram's message.
    """

    def __init__(self) -> None:
        self.delay_seconds = 0
        self.sessions: list[Takeout] = []
        self._allowed: set[int] = set()
        self._asked_at: dict[int, float] = {}

    def allow(self, user_id: int) -> None:
        """Let the account begin a takeout at once."""
        self._allowed.add(user_id)

    def wait_seconds(self, user_id: int, now: float) -> int:
        """Return for how long the account has to wait before it may begin; the first question starts the wait."""
        if not self.delay_seconds or user_id in self._allowed:
            return 0
        asked_at = self._asked_at.setdefault(user_id, now)
        return max(0, math.ceil(asked_at + self.delay_seconds - now))

    def begin(self, user_id: int, flags: Any) -> Takeout:
        """Return the takeout of the account: the open one if it was begun with the same flags, else a new one."""
        current = self.current(user_id)
        if current is not None and bytes(current.flags) == bytes(flags):
            return current
        self.end(user_id, "replaced")
        takeout = Takeout(_FIRST_ID + len(self.sessions), user_id, flags)
        self.sessions.append(takeout)
        return takeout

    def current(self, user_id: int) -> Takeout | None:
        """Return the open takeout of the account."""
        return next((each for each in self.sessions if each.user_id == user_id and not each.ending), None)

    def is_open(self, user_id: int | None, takeout_id: int) -> bool:
        """Say whether this is the open takeout of the account."""
        return any(
            each.id == takeout_id and each.user_id == user_id and not each.ending for each in self.sessions
        )

    def end(self, user_id: int, ending: str = "revoked") -> None:
        """End the open takeout of the account, if there is one: its id is not taken any more."""
        current = self.current(user_id)
        if current is not None:
            current.ending = ending
