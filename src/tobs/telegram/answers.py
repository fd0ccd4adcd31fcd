"""Answers that are not stored: read at once, as one kind of object."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tobs.errors import ServerError
from tobs.telegram.client import RawAnswer
from tobs.telegram.decode import UNREADABLE
from tobs.telegram.reader import PageReader

Send = Callable[[Callable[[Any], Any]], Awaitable[RawAnswer]]
"""Sends the request made from a chat's address."""


def read_answer(raw: bytes, kind: Any, what: str) -> Any:
    """Return an answer of this kind. Raises ServerError for any other."""
    try:
        found = PageReader(raw).tgread_object()
    except UNREADABLE as error:
        raise ServerError(f"Telegram's {what} cannot be read: {error!r}.") from error
    if not isinstance(found, kind):
        raise ServerError(f"Telegram's {what} is none, but {type(found).__name__}.")
    return found
