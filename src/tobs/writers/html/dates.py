"""Days and months in English, whatever the locale."""

from __future__ import annotations

from datetime import date

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def say_day(iso: str) -> str:
    """Return `Saturday, 14 March 2026` for `2026-03-14`."""
    day = date.fromisoformat(iso)
    return f"{_DAYS[day.weekday()]}, {day.day} {say_month(iso)}"


def say_month(iso: str) -> str:
    """Return `March 2026` for what begins with `2026-03`."""
    return f"{_MONTHS[int(iso[5:7]) - 1]} {iso[:4]}"
