"""What an export would take, as far as it can be known beforehand: counts by the server, sizes from samples."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class KindForecast:
    """The files of one kind in a chat (`core.model.FILE_KINDS`).

    `size_bytes` goes by `sampled` messages; the truth lies within `margin_bytes` of it about 19 times in 20, if the
    sample is like the rest. `is_counted`: Telegram counted them; else
    `files` is guessed, which the margin leaves out.
    """

    kind: str
    files: int
    size_bytes: int = 0
    sampled: int = 0
    margin_bytes: int = 0
    is_counted: bool = True


@dataclass(slots=True)
class ChatForecast:
    """One chat. `messages` is Telegram's count, `stored` how many of them need not be fetched again.

    `disk_bytes` is what the messages to fetch take in archive and notes, without media. The media of a protected
    chat are withheld (`is_withheld`), so `media_bytes` is 0 there. `seconds_takeout` is the time under takeout, without
    the wait until Telegram allows one. `notes` say what could not be learned.
    """

    id: int
    title: str
    account: int = 0
    messages: int = 0
    stored: int = 0
    to_fetch: int = 0
    requests: int = 0
    seconds: int = 0
    seconds_takeout: int = 0
    disk_bytes: int = 0
    kinds: list[KindForecast] = field(default_factory=list)
    media_bytes: int = 0
    is_withheld: bool = False
    notes: list[str] = field(default_factory=list)
    error: str = ""
    exit_code: int = 0


@dataclass(slots=True)
class Forecast:
    """All chats; `free_bytes` is what is free where `output` would be. `notes` say what is not taken into account."""

    schema_version: int
    tobs_version: str
    output: str
    free_bytes: int
    chats: list[ChatForecast] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str = ""
    exit_code: int = 0
    to_fetch: int = 0
    requests: int = 0
    seconds: int = 0
    seconds_takeout: int = 0
    disk_bytes: int = 0
    media_bytes: int = 0

    def add_up(self) -> None:
        """Fill in the sums over all chats."""
        self.to_fetch = sum(each.to_fetch for each in self.chats)
        self.requests = sum(each.requests for each in self.chats)
        self.seconds = sum(each.seconds for each in self.chats)
        self.seconds_takeout = sum(each.seconds_takeout for each in self.chats)
        self.disk_bytes = sum(each.disk_bytes for each in self.chats)
        self.media_bytes = sum(each.media_bytes for each in self.chats)
