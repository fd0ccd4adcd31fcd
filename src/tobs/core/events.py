"""What a run says while it goes on; whoever looks decides how to show it.

Each record is one line of the JSON stream (discriminator `type`) when nobody looks at a terminal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

from tobs.core.forecast import Forecast
from tobs.core.report import ProcessReport

Stage: TypeAlias = Literal["fetch", "download", "render", "process", "verify", "repair", "forecast"]
"""What a chat is going through."""


@dataclass(slots=True)
class Event:
    """Something that happened; `type` names it in the JSON stream."""

    type: ClassVar[str]


EVENTS_VERSION = 1
"""Grows when a line of the JSON stream can no longer be read as before; new keys and types do not count."""


@dataclass(slots=True)
class ExportStarted(Event):
    """The run begins, with the chats in the order in which they are exported."""

    type: ClassVar[str] = "export_start"
    chats: list[str]
    output: str
    version: int = EVENTS_VERSION


@dataclass(slots=True)
class Progressed(Event):
    """A page was committed, a file came to an end, a note was written, or a picture or video was processed.

    In `fetch`, `total_messages` is the server's own count and may be 0 or off, so `percentage` is of the id range asked
    for, which is exact. In `fetch` and `download`, `in_flight` requests of at most `allowed` ones are under way; in
    `download`, `size_bytes` have come so far.
    """

    type: ClassVar[str] = "progress"
    entity_name: str
    messages_processed: int
    total_messages: int
    stage: Stage
    percentage: float
    in_flight: int = 0
    allowed: int = 0
    size_bytes: int = 0


@dataclass(slots=True)
class Said(Event):
    """A sentence for the person: `level` is `info` or `warning`."""

    type: ClassVar[str] = "message"
    level: str
    text: str


@dataclass(slots=True)
class Waiting(Event):
    """Telegram told us to wait; nothing is wrong."""

    type: ClassVar[str] = "waiting"
    seconds: float
    method: str


@dataclass(slots=True)
class Failed(Event):
    """A chat, or the run, failed; `exit_code` is what this alone would end with."""

    type: ClassVar[str] = "error"
    text: str
    hint: str = ""
    entity_name: str = ""
    exit_code: int = 1


@dataclass(slots=True)
class Forecasted(Event):
    """What an export would take (`tobs export --dry-run`)."""

    type: ClassVar[str] = "forecast"
    forecast: Forecast


@dataclass(slots=True)
class ExportFinished(Event):
    """The run is over; the run file has the whole report. `processed` is None when nothing was to be processed."""

    type: ClassVar[str] = "export_finish"
    success: bool
    exit_code: int
    messages_new: int
    messages_stored: int
    notes_written: int
    seconds: float
    kept_notes: list[str] = field(default_factory=list)
    processed: ProcessReport | None = None


EVENTS: tuple[type[Event], ...] = (
    ExportStarted,
    Progressed,
    Said,
    Waiting,
    Failed,
    Forecasted,
    ExportFinished,
)
"""Every kind of event. (`Event.__subclasses__()` may list each twice: `slots=True` makes a second class.)"""
