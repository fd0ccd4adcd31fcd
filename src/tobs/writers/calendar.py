"""Periods and moments in the one zone in which an export folder shows time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from tobs.core.ports.reader import ALL_TIME

DAY_SECONDS = 86_400
_EPOCH = date(1970, 1, 1).toordinal()


Unit = Literal["day", "month", "year", "all"]
"""How long a period is; `all` is one that holds everything."""


class Period(NamedTuple):
    """A stretch of time as people count it; `start` and `end` are UTC seconds, `end` not included.

    `name` is as it stands in file names: `2026-03`, and it sorts as time does.
    """

    start: int
    end: int
    name: str


_ALL = Period(*ALL_TIME, "all")
_FORMATS: dict[Unit, str] = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}


class Calendar:
    """Turns UTC seconds into what a clock on the wall of `zone` (an IANA name) showed.

    Raises ZoneInfoNotFoundError for a name that the system's database does not have.
    """

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self._zone = ZoneInfo(zone)
        self._offsets: dict[int, int | None] = {}

    def moment(self, seconds: int, separator: str = " ") -> str:
        """Return `2026-03-14 09:01:12`."""
        utc_day = seconds // DAY_SECONDS
        if utc_day not in self._offsets:
            self._offsets[utc_day] = _find_offset(self._zone, utc_day)
        offset = self._offsets[utc_day]
        if offset is None:
            return datetime.fromtimestamp(seconds, self._zone).isoformat(separator)[:19]
        day, second = divmod(seconds + offset, DAY_SECONDS)
        return f"{_name_day(day)}{separator}{_CLOCK[second // 60]}{_SECONDS[second % 60]}"

    def day(self, seconds: int) -> date:
        """Return the local date."""
        return datetime.fromtimestamp(seconds, self._zone).date()

    def period(self, seconds: int, unit: Unit) -> Period:
        """Return the period that holds the moment.

        Where clocks were turned back over its end, the wall may show the period before.
        """
        if unit == "all":
            return _ALL
        found = _make_period(self._zone, _begin(self.day(seconds), unit), unit)
        return found if seconds < found.end else _make_period(self._zone, _end(self.day(seconds), unit), unit)

    def periods_of_day(self, utc_day: int, unit: Unit) -> list[Period]:
        """Return the periods, up to three days of them, that a UTC day (seconds // 86400) has moments of."""
        found = [self.period(utc_day * DAY_SECONDS, unit)]
        while found[-1].end < (utc_day + 1) * DAY_SECONDS:
            found.append(self.period(found[-1].end, unit))
        return found


# A message's date is said for each one, and `datetime` takes four times as long to say it.
_CLOCK = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(DAY_SECONDS // 60)]
_SECONDS = [f":{second:02}" for second in range(60)]


@lru_cache(1024)
def _name_day(day: int) -> str:
    return date.fromordinal(_EPOCH + day).isoformat()


def _find_offset(zone: ZoneInfo, utc_day: int) -> int | None:
    """Return how many seconds the wall clock is ahead all of a UTC day, None when that changes within it."""
    first, last = (
        datetime.fromtimestamp(seconds, zone).utcoffset()
        for seconds in (utc_day * DAY_SECONDS, (utc_day + 1) * DAY_SECONDS)
    )
    return int(first.total_seconds()) if first is not None and first == last else None


def _begin(day: date, unit: Unit) -> date:
    return day if unit == "day" else day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)


def _end(day: date, unit: Unit) -> date:
    """Return the first day after a day's period."""
    if unit == "day":
        return day + timedelta(1)
    if unit == "year":
        return date(day.year + 1, 1, 1)
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


@cache
def _make_period(zone: ZoneInfo, first: date, unit: Unit) -> Period:
    return Period(_start_of(zone, first), _start_of(zone, _end(first, unit)), first.strftime(_FORMATS[unit]))


def _start_of(zone: ZoneInfo, first: date) -> int:
    # A wall time that is skipped or shown twice counts by the offset before the change.
    return int(datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC).timestamp())
