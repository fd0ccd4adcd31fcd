"""Where the bytes of media come from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from tobs.core.model import Chat
from tobs.errors import FileUnavailable


class FileKey(NamedTuple):
    """What names the same bytes in every chat: `photo` or `document`, and Telegram's id."""

    kind: str
    id: int


class Origin(NamedTuple):
    """A message that carries a file: Telegram gives a file's address only with something that shows it."""

    chat: Chat
    message_id: int


@dataclass(slots=True)
class Located:
    """A file as it can be asked for now: `centre` is its data centre, `address` what only the source understands."""

    key: FileKey
    size_bytes: int
    centre: int
    address: Any


@dataclass(slots=True)
class FilePart:
    """Bytes of a file, and how they came: `sent_at` is on the monotonic clock, `latency_seconds` from there to the answer.

    `told_waits` counts how often Telegram told us to wait first.
    """

    data: bytes
    sent_at: float
    latency_seconds: float
    told_waits: int


class PartHash(NamedTuple):
    """What a part of a file is by the server's own word."""

    offset: int
    size_bytes: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class FileLimits:
    """How many files of one data centre may be downloaded at once, below and from `large_bytes` on."""

    small: int = 5
    large: int = 2
    large_bytes: int = 20_000_000


class FileSource(Protocol):
    """Downloads from Telegram. Every method raises GaveUpWaiting, NetworkError, SessionRevoked, ServerError or Stopped besides."""

    async def read_limits(self) -> FileLimits:
        """Return what Telegram lets this account do at once; its defaults where it does not say."""
        ...

    async def locate(
        self, wanted: Iterable[tuple[FileKey, Origin]]
    ) -> dict[FileKey, Located | FileUnavailable]:
        """Return for each file where it is now, or why it cannot be had; asks once for each hundred messages."""
        ...

    async def read_part(self, located: Located, offset: int, limit: int) -> FilePart:
        """Return at most `limit` bytes from `offset` on, fewer only where the file ends.

        `limit` is a multiple of 4096 that divides 1 MiB, and `offset` a multiple of it. Raises StaleReference or FileUnavailable.
        """
        ...

    async def list_hashes(self, located: Located, offset: int) -> list[PartHash]:
        """Return the server's hashes of the parts from the one at `offset` on, as many as it gives at once.

        Raises StaleReference or FileUnavailable, and Skipped instead of waiting for long.
        """
        ...
