"""Numbers as people read them: counts, sizes, durations, money."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

_SIZES = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))

_SIZE = re.compile(r"([0-9]{1,15}(?:[.,][0-9]{1,3})?) *([kmgt]?b?)", re.IGNORECASE)

_SPANS = (
    (31_536_000, "year"), (2_592_000, "month"), (604_800, "week"), (86_400, "day"),
    (3600, "hour"), (60, "minute"),
)  # fmt: skip

# ISO 4217 where the smallest unit is not a hundredth; XTR are Telegram's own Stars
# (https://core.telegram.org/bots/payments/currencies.json).
_DECIMALS = {
    "CLP": 0, "ISK": 0, "JPY": 0, "KRW": 0, "PYG": 0, "UGX": 0, "VND": 0, "XTR": 0, "TON": 9,
}  # fmt: skip


def say_count(number: int, noun: str, plural: str = "") -> str:
    """Return `1 message`, `1,234 messages`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def say_size(size_bytes: int) -> str:
    """Return a size in decimal units with two or three digits: `812 bytes`, `24 kB`, `1.3 GB`."""
    for unit, name in _SIZES:
        if size_bytes * 2000 >= unit * 1999:  # 999.5 of one are rounded to 1.0 of the next
            amount = size_bytes / unit
            return f"{amount:.1f} {name}" if amount < 9.95 else f"{amount:.0f} {name}"
    return say_count(size_bytes, "byte")


def parse_size(value: object) -> object:
    """Return the bytes that a size like `100MB`, `1.5 GB` or `0` names; anything but a text as it is. Raises ValueError."""
    if not isinstance(value, str):
        return value
    found = _SIZE.fullmatch(value.strip())
    if found is None:
        raise ValueError("not a size")
    factor = {name.lower(): unit for unit, name in _SIZES} | {
        "": 1,
        "b": 1,
        "k": 10**3,
        "m": 10**6,
        "g": 10**9,
        "t": 10**12,
    }
    return int(Decimal(found[1].replace(",", ".")) * factor[found[2].lower()])


def say_clock(seconds: float) -> str:
    """Return how long something plays: `0:07`, `1:02:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def say_period(seconds: int) -> str:
    """Return a span of time in its largest unit that divides it: `1 day`, `90 minutes`, `15 seconds`."""
    for unit, name in _SPANS:
        if seconds >= unit and seconds % unit == 0:
            return say_count(seconds // unit, name)
    return say_count(seconds, "second")


def say_money(amount: int, currency: str) -> str:
    """Return an amount given in the smallest unit of its currency: `12.99 EUR`, `50 Stars`."""
    decimals = _DECIMALS.get(currency, 2)
    if currency in {"XTR", ""}:
        return say_count(amount, "Star")
    if not decimals:
        return f"{amount:,} {currency}"
    whole, rest = divmod(abs(amount), 10**decimals)
    fraction = f"{rest:0{decimals}}"
    if decimals > 2:
        fraction = fraction.rstrip("0").ljust(2, "0")
    return f"{'-' if amount < 0 else ''}{whole:,}.{fraction} {currency}"


def say_some(words: Sequence[str], count: int) -> str:
    """Return `A, B, C` for the first of `count` words, with ` and 4 more` behind when those are not all."""
    more = f" and {count - len(words):,} more" if count > len(words) else ""
    return ", ".join(words) + more


def say_list(words: Sequence[str]) -> str:
    """Return `A`, `A and B`, `A, B and C`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
