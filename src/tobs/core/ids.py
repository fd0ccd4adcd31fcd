"""Marked ids: one signed number names any chat or person.

A user is n, a basic group −n, a channel or supergroup −100n, as in Telegram's Bot API
(https://core.telegram.org/api/bots/ids).
"""

from __future__ import annotations

CHANNEL_BASE = 1_000_000_000_000
SHARED_ACCOUNT = 0
"""The account under which channels are stored: their ids are the same for everybody."""


def mark_user(user_id: int) -> int:
    """Return the marked id of a user."""
    return user_id


def mark_group(group_id: int) -> int:
    """Return the marked id of a basic group."""
    return -group_id


def mark_channel(channel_id: int) -> int:
    """Return the marked id of a channel or supergroup."""
    return -CHANNEL_BASE - channel_id


def is_user(marked_id: int) -> bool:
    """Tell whether the marked id names a person or bot."""
    return marked_id > 0


def is_group(marked_id: int) -> bool:
    """Tell whether the marked id names a basic group."""
    return -CHANNEL_BASE < marked_id < 0


def is_channel(marked_id: int) -> bool:
    """Tell whether the marked id names a channel or supergroup."""
    return marked_id < -CHANNEL_BASE


def bare_id(marked_id: int) -> int:
    """Return the id without its mark, as Telegram's own requests want it (always positive)."""
    if is_channel(marked_id):
        return -marked_id - CHANNEL_BASE
    return abs(marked_id)


def archive_account(marked_id: int, account: int) -> int:
    """Return the account that a chat's rows are keyed by: 0 for channels, else the owner's user id."""
    return SHARED_ACCOUNT if is_channel(marked_id) else account
