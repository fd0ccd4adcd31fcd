"""Which part of a chat a person asked for: as they said it, and as moments and ids."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from tobs.errors import UsageError

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_AGO = re.compile(r"(\d{1,5})([dwmy])")
_EXAMPLE = (
    "`--since 2026-03-01 --until 2026-03`, `--since 2026`, `--since 7d`; d, w, m and y count back from today."
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day, month or year of the calendar, by its first and its last day."""

    text: str
    first: date
    last: date

    def at(self, _today: date, *, is_end: bool) -> date:
        """Return the day that the text means as a beginning or as an end."""
        return self.last if is_end else self.first


@dataclass(frozen=True, slots=True)
class Ago:
    """So many days, or so many months, before today."""

    text: str
    days: int = 0
    months: int = 0

    def at(self, today: date, *, is_end: bool) -> date:  # noqa: ARG002 - one day is both
        """Return that day; before the calendar begins it is the first day that there is."""
        number = today.year * 12 + today.month - 1 - self.months
        year, month = divmod(number, 12)
        if year < 1:
            return date.min
        same_day = date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
        return same_day - timedelta(min(self.days, same_day.toordinal() - 1))


@dataclass(frozen=True, slots=True)
class Limits:
    """A Span in one time zone: `start` ≤ date < `end` in UTC seconds, `low` ≤ id ≤ `high`, the `last` newest.

    What is None does not limit; several limits hold together. `since` and `until` are the local dates.
    """

    start: int | None = None
    end: int | None = None
    low: int = 1
    high: int | None = None
    last: int | None = None
    since: str = ""
    until: str = ""

    @property
    def has_ids(self) -> bool:
        """Tell whether ids limit, which are those of one chat."""
        return self.low > 1 or self.high is not None

    @property
    def is_open(self) -> bool:
        """Tell whether nothing is limited."""
        return self == EVERYTHING


EVERYTHING = Limits()


@dataclass(frozen=True, slots=True)
class Span:
    """What `--since`, `--until`, `--last`, `--from-id` and `--to-id` said; made by `parse_span`."""

    since: Day | Ago | None = None
    until: Day | Ago | None = None
    last: int | None = None
    low: int | None = None
    high: int | None = None

    def locate(self, zone: str, now: float) -> Limits:
        """Return the limits as a clock on the wall of `zone` (an IANA name) has them.

        Both dates are inclusive. Raises UsageError when the end is before the beginning.
        """
        clock = ZoneInfo(zone)
        today = datetime.fromtimestamp(now, clock).date()
        since = self.since.at(today, is_end=False) if self.since else None
        until = self.until.at(today, is_end=True) if self.until else None
        if self.since and self.until and since and until and since > until:
            raise UsageError(
                f"--since {self.since.text} is {since}, which is after --until {self.until.text} ({until}).",
                hint=f"Give the earlier date to --since: {_EXAMPLE}",
            )
        return Limits(
            start=_start_of(since, clock) if since else None,
            end=_end_of(until, clock) if until else None,
            low=self.low or 1,
            high=self.high,
            last=self.last,
            since=since.isoformat() if since else "",
            until=until.isoformat() if until else "",
        )


def parse_span(
    *,
    since: str | None = None,
    until: str | None = None,
    last: int | None = None,
    low: int | None = None,
    high: int | None = None,
) -> Span:
    """Return what the options say; numbers count from 1. Raises UsageError, with an example, for what makes no sense."""
    if low is not None and high is not None and low > high:
        raise UsageError(
            f"--from-id {low} is after --to-id {high}.", hint="The smaller id goes to --from-id, as in "
            "`--from-id 100 --to-id 250`.",
        )  # fmt: skip
    span = Span(_parse_day("--since", since), _parse_day("--until", until), last, low, high)
    if isinstance(span.since, Day) and isinstance(span.until, Day):
        span.locate("UTC", 0)
    return span


def _parse_day(option: str, text: str | None) -> Day | Ago | None:
    if text is None:
        return None
    if found := _AGO.fullmatch(text):
        number = int(found[1])
        units: dict[str, tuple[Literal["days", "months"], int]] = {
            "d": ("days", 1), "w": ("days", 7), "m": ("months", 1), "y": ("months", 12),
        }  # fmt: skip
        name, factor = units[found[2]]
        return Ago(text, **{name: number * factor})
    try:
        if found := _DATE.fullmatch(text):
            return _make_day(text, *(int(each) if each else None for each in found.groups()))
    except ValueError:
        pass  # a month 13, or a 30 February
    raise UsageError(f"{option} {text!r} is no date that tobs understands.", hint=f"Examples: {_EXAMPLE}")


def _make_day(text: str, year: int | None, month: int | None, day: int | None) -> Day:
    first = date(year or 0, month or 1, day or 1)
    last_month = month or 12
    return Day(text, first, date(first.year, last_month, day or monthrange(first.year, last_month)[1]))


def _start_of(day: date, zone: ZoneInfo) -> int:
    # A midnight that is skipped or comes twice counts by the offset before the change, as in the notes.
    if day.year == date.min.year:
        return 0
    return max(0, int(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).timestamp()))


def _end_of(day: date, zone: ZoneInfo) -> int | None:
    return None if day == date.max else _start_of(day + timedelta(1), zone)
