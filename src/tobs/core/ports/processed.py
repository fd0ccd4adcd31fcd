"""The memory of what was made of which content, so that nothing is made twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Processed:
    """What came of one content under certain options.

    `made`: `path` (below the export folder, with `/`) has it, `size_bytes` long. `kept`: the original is what one
    wants. `failed`: the content cannot be processed. For the last two `reason` says why.
    """

    state: Literal["made", "kept", "failed"]
    path: str = ""
    size_bytes: int = 0
    reason: str = ""


class ProcessedMemory(Protocol):
    """Kept with the archive."""

    async def find_processed(self, sha256: str, options: str) -> Processed | None:
        """Return what is known of a content (SHA-256, hex) under options, written in one form."""
        ...

    async def note_processed(self, sha256: str, options: str, result: Processed) -> None:
        """Remember what came of it, in place of what was known."""
        ...
