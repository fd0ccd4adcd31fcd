"""What a format has to say: how files are cut, and three verbs for what stands in one."""

from __future__ import annotations

from typing import Protocol

from tobs.core.fidelity import Omissions
from tobs.core.model import Message
from tobs.core.ports.writer import Part, Rendering, Traits
from tobs.core.request import Projection
from tobs.writers.layout import Shape
from tobs.writers.scene import Scene, Stage
from tobs.writers.shown import Shown


class Sheet(Protocol):
    """One file, or one part of a file that several parts share, while it is written.

    `begin` and `end` are what stands around the messages. They are asked for when the messages of a part are
    done, so that they can tell how many were shown; where parts share a file they must not depend on that.
    """

    def message(self, shown: list[Message], first: Message) -> bytes:
        """Return one message, or the members of an album that are shown; `first` may be a hidden one."""
        ...

    def begin(self) -> bytes:
        """Return what stands before the messages."""
        ...

    def end(self) -> bytes:
        """Return what stands behind them."""
        ...

    def list_beside(self, path: str) -> dict[str, bytes]:
        """Return by their paths the files that belong to the one at `path`; asked for last, and not where parts share one."""
        ...


class Format(Protocol):
    """One format; `between` stands between two messages, `has_albums` tells whether an album is one message.

    `shown` is what it shows of a message.
    """

    name: str
    shown: Shown
    traits: Traits
    between: bytes
    has_albums: bool

    def shape(self, projection: Projection) -> Shape:
        """Return how chats are cut into files."""
        ...

    def escape(self, name: str) -> str:
        """Return a name that somebody chose as it is written inside of a line."""
        ...

    def open_sheet(self, scene: Scene, part: Part) -> Sheet:
        """Begin one file, or one part of a file."""
        ...

    def list_about(self, scene: Scene, omissions: Omissions) -> list[Rendering]:
        """Return the files about a chat beside those of its messages, of which `omissions` is not shown."""
        ...

    def list_index(self, stage: Stage) -> list[Rendering]:
        """Return the files that belong to no chat."""
        ...

    def fingerprint(self, body: bytes) -> str:
        """Return a hash of what is ours in a file."""
        ...

    def holds_words(self, body: bytes) -> bool:
        """Tell whether the owner wrote something into a place of a file that is theirs."""
        ...

    def carry_over(self, new: bytes, old: bytes) -> bytes:
        """Return `new` with what the owner added to `old`."""
        ...
