"""What Telegram tells every client of itself: limits, and what holds for the account (https://core.telegram.org/api/config)."""

from __future__ import annotations

from typing import Any

from telethon.tl import types as tl

FROZEN_UNTIL = "freeze_until_date"
"""When a frozen account will be deleted, in UTC seconds; absent or 0 for all others (https://core.telegram.org/api/auth#frozen-accounts)."""


def read_numbers(answer: Any) -> dict[str, int]:
    """Return the whole numbers of an answer to help.getAppConfig by their names; none when nothing changed since the last one."""
    entries = getattr(getattr(answer, "config", None), "value", None) or []
    return {each.key: int(each.value.value) for each in entries if isinstance(each.value, tl.JsonNumber)}
