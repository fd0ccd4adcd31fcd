"""What names the bytes of media, and where they come from."""

from __future__ import annotations

from typing import NamedTuple

from tobs.core.model import Chat


class FileKey(NamedTuple):
    """What names the same bytes in every chat: `photo` or `document`, and Telegram's id."""

    kind: str
    id: int


class Origin(NamedTuple):
    """A message that carries a file: Telegram gives a file's address only with something that shows it."""

    chat: Chat
    message_id: int


class PartHash(NamedTuple):
    """What a part of a file is by the server's own word."""

    offset: int
    size_bytes: int
    sha256: bytes
