"""What an account remembers from one run to the next: told waits, and a takeout that is not finished.

It stands in `state.msgpack` in the account's folder, never in an archive: a copy of an export must not
hold anything that speaks for its owner.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import msgpack

from tobs._util.atomic import save
from tobs.telegram.flood import Deadlines

VERSION = 2


@dataclass(frozen=True, slots=True)
class OpenTakeout:
    """A takeout that was begun and not finished: its id, and the flags that it was begun with."""

    id: int
    flags: frozenset[str]


@dataclass(slots=True)
class AccountState:
    """The state of one account; every `keep_…` is on disk when it returns."""

    path: Path
    waits: Deadlines = field(default_factory=dict)
    takeout: OpenTakeout | None = None

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return what the file holds; nothing when it is not there or cannot be read."""
        # Losing it costs a flood answer, or a takeout begun anew: a damaged file is no reason to stop.
        try:
            version, waits, takeout = msgpack.unpackb(path.read_bytes())
            return cls(path, _read_waits(waits), _read_takeout(takeout)) if version == VERSION else cls(path)
        except (OSError, ValueError, TypeError, AttributeError, msgpack.UnpackException):
            return cls(path)

    def keep_waits(self, waits: Deadlines) -> None:
        """Keep the waits that Telegram told this account."""
        self.waits = dict(waits)
        self._save()

    def keep_takeout(self, takeout: OpenTakeout | None) -> None:
        """Keep the takeout that is open; None when there is none any more."""
        self.takeout = takeout
        self._save()

    def _save(self) -> None:
        waits = [[method, is_inside, *wait] for (method, is_inside), wait in self.waits.items()]
        takeout = [self.takeout.id, sorted(self.takeout.flags)] if self.takeout else None
        save(self.path, msgpack.packb([VERSION, waits, takeout]), mode=0o600)


def _read_waits(rows: Any) -> Deadlines:
    return {
        (str(method), bool(is_inside)): (float(until), float(told)) for method, is_inside, until, told in rows
    }


def _read_takeout(row: Any) -> OpenTakeout | None:
    if row is None:
        return None
    number, flags = row
    return OpenTakeout(int(number), frozenset(map(str, flags)))
