"""What a person asked for: one frozen value, made once, that nothing below the CLI asks again."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tobs.core.span import Span


@dataclass(frozen=True, slots=True)
class Projection:
    """How messages become files: kept in the archive at first use (DESIGN section 5).

    `zone` is an IANA name; `part_size` is how many messages one note holds at most.
    """

    zone: str = "UTC"
    part_size: int = 4000


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """One `tobs export`: the chats as they were named, what part of each, and where they go."""

    chats: tuple[str, ...]
    output: Path
    formats: tuple[str, ...] = field(default=("markdown",))
    span: Span = field(default=Span())


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """One `tobs verify`: no chat named means all of the folder.

    `probe_limit` is how many empty ids of each chat are looked up; 0 for none.
    """

    output: Path
    chats: tuple[str, ...] = ()
    is_online: bool = False
    probe_limit: int = 0
