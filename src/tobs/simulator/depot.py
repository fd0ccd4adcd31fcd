"""What a simulator keeps about the files of its world: where each lives, which references hold, what was downloaded."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tobs.simulator.model import World
from tobs.simulator.references import References
from tobs.simulator.shelf import Shelf, StoredFile

LIFETIME_SECONDS = 7200.0
"""For how long a file reference holds, unless the simulator is told otherwise; the service does not say its own."""


@dataclass(slots=True)
class Downloads:
    """How often and how much was downloaded with upload.getFile.

    `asked` counts requests by (file id, part, offset), those that were refused or lost included; `sent` the bytes that
    were given by (file id, part). The part is empty for a document, else the type of a photo's size or of a thumbnail.
    A profile's photo has the parts a (small) and c (big).
    """

    asked: Counter[tuple[int, str, int]] = field(default_factory=Counter)
    sent: Counter[tuple[int, str]] = field(default_factory=Counter)

    def requests_of(self, file_id: int) -> int:
        """Return how often any part of a file was asked for."""
        return sum(count for (each, _, _), count in self.asked.items() if each == file_id)

    def bytes_of(self, file_id: int) -> int:
        """Return how many bytes of a file were given, thumbnails included."""
        return sum(count for (each, _), count in self.sent.items() if each == file_id)

    @property
    def total_bytes(self) -> int:
        """How many bytes of files were given in all."""
        return self.sent.total()


class Depot:
    """The files of a world while it is served."""

    def __init__(
        self, world: World, now: Callable[[], float], lifetime_seconds: float = LIFETIME_SECONDS
    ) -> None:
        self.shelf = Shelf(world)
        self.references = References(self.shelf, now, lifetime_seconds)
        self.downloads = Downloads()
        self._moved: dict[int, int] = {}

    def move(self, file_id: int, dc_id: int) -> None:
        """Let a file live in another data centre than its message says."""
        self._moved[file_id] = dc_id

    def home_of(self, stored: StoredFile) -> int:
        """Return the data centre where a file lives."""
        return self._moved.get(stored.id, stored.dc_id)

    def note_asked(self, request: Any) -> None:
        """Count a request for a part of a file."""
        file_id, part = name_location(request.location)
        self.downloads.asked[file_id, part, request.offset] += 1


def name_location(location: Any) -> tuple[int, str]:
    """Return the file and its part that a location of a request names, 0 for locations without a file's id."""
    if hasattr(location, "photo_id"):
        return location.photo_id, "c" if location.big else "a"
    return getattr(location, "id", 0), getattr(location, "thumb_size", "")
