"""Log lines that repeat are counted: of those with one template the first is written, and how many came after it."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias

_Template: TypeAlias = tuple[str, int, object]
"""Who wrote it, its level, and its text before anything was filled in."""

MOST_TEMPLATES = 200
"""How many are kept apart at once: who logs finished texts would otherwise have one for each line."""


@dataclass(slots=True)
class _Group:
    """The lines of one template since `begun`; `last` is None as long as there was only the first."""

    begun: float
    count: int = 0
    last: logging.LogRecord | None = None


class BatchingHandler(logging.Handler):
    """Hands records to another handler, at most two of one template in an interval: the first, and the last with a count.

    Warnings and errors are handed on at once. Nothing is lost: what was counted is said when the interval is over
    and another line comes, and by `flush` and `close`.
    """

    def __init__(
        self,
        target: logging.Handler,
        interval_seconds: float,
        monotonic: Callable[[], float],
        uncounted: Collection[str] = (),
    ) -> None:
        """`interval_seconds` 0 hands everything on; what the loggers called `uncounted` say is in any case."""
        super().__init__()
        self._target = target
        self._interval_seconds = interval_seconds
        self._monotonic = monotonic
        self._uncounted = frozenset(uncounted)
        self._groups: dict[_Template, _Group] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Hand the record on, or count it."""
        now = self._monotonic()
        self._say_due(now)
        is_counted = record.levelno < logging.WARNING and record.name not in self._uncounted
        if not is_counted or not self._interval_seconds:
            self._target.handle(record)
            return
        template = (record.name, record.levelno, record.msg)
        if group := self._groups.get(template):
            group.count += 1
            group.last = record
            return
        if len(self._groups) >= MOST_TEMPLATES:
            self._say_all()
        self._groups[template] = _Group(now)
        self._target.handle(record)

    def flush(self) -> None:
        """Say what was counted so far."""
        self.acquire()
        try:
            self._say_all()
        finally:
            self.release()
        self._target.flush()

    def close(self) -> None:
        """Say what was counted, and close the other handler."""
        self.flush()
        self._target.close()
        super().close()

    def _say_due(self, now: float) -> None:
        # In the order in which they began, so that the first one that is not due ends the search.
        for template, group in list(self._groups.items()):
            if now < group.begun + self._interval_seconds:
                return
            del self._groups[template]
            self._say(group, now)

    def _say_all(self) -> None:
        groups, self._groups = self._groups, {}
        now = self._monotonic()
        for each in groups.values():
            self._say(each, now)

    def _say(self, group: _Group, now: float) -> None:
        if group.last is None:
            return
        record = copy.copy(group.last)
        if group.count > 1:
            # Behind the template, so that filling it in stays the business of who writes it, with all that may go wrong.
            record.msg = f"{record.msg} (the last of {group.count:,} such lines in {now - group.begun:.0f} s)"
        self._target.handle(record)
