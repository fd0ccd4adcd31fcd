"""Months and moments in the one zone in which an export folder shows time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY_SECONDS = 86_400


class Month(NamedTuple):
    """A month as people count it; `start` and `end` are UTC seconds, `end` not included."""

    year: int
    number: int
    start: int
    end: int

    @property
    def name(self) -> str:
        """The month as it stands in file names: `2026-03`."""
        return f"{self.year:04}-{self.number:02}"


class Calendar:
    """Turns UTC seconds into what a clock on the wall of `zone` (an IANA name) showed.

    Raises ZoneInfoNotFoundError for a name that the system's database does not have.
    """

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self._zone = ZoneInfo(zone)

    def moment(self, seconds: int) -> str:
        """Return `2026-03-14 09:01:12`."""
        return datetime.fromtimestamp(seconds, self._zone).isoformat(" ")[:19]

    def day(self, seconds: int) -> date:
        """Return the local date."""
        return datetime.fromtimestamp(seconds, self._zone).date()

    def month(self, seconds: int) -> Month:
        """Return the month that holds the moment.

        Where clocks were turned back over a month's end, the wall may show the month before.
        """
        local = self.day(seconds)
        found = _make_month(self._zone, local.year, local.month)
        if seconds >= found.end:
            return _make_month(self._zone, *_next_month(local.year, local.month))
        return found

    def months_of_day(self, utc_day: int) -> list[Month]:
        """Return the months, one or two, that a UTC day (seconds // 86400) has moments of."""
        first, last = self.month(utc_day * DAY_SECONDS), self.month((utc_day + 1) * DAY_SECONDS - 1)
        return [first] if first == last else [first, last]


@cache
def _make_month(zone: ZoneInfo, year: int, number: int) -> Month:
    return Month(year, number, _start_of(zone, year, number), _start_of(zone, *_next_month(year, number)))


def _start_of(zone: ZoneInfo, year: int, number: int) -> int:
    # A wall time that is skipped or shown twice counts by the offset before the change.
    return int(datetime(year, number, 1, tzinfo=zone).astimezone(UTC).timestamp())


def _next_month(year: int, number: int) -> tuple[int, int]:
    return (year + 1, 1) if number == 12 else (year, number + 1)
