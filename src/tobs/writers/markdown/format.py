"""The Markdown format."""

from __future__ import annotations

from tobs.core.fidelity import Omissions
from tobs.core.ports.writer import Part, Rendering, Traits
from tobs.core.request import Projection
from tobs.writers.format import Sheet
from tobs.writers.layout import Shape
from tobs.writers.markdown import owner
from tobs.writers.markdown.about import render_about
from tobs.writers.markdown.escape import escape_name
from tobs.writers.markdown.index import render_index
from tobs.writers.markdown.notes import Note
from tobs.writers.markdown.shape import NoteShape
from tobs.writers.markdown.shown import NOTES
from tobs.writers.scene import Scene, Stage


class Markdown:
    """Notes, for Obsidian or any reader of CommonMark."""

    name = "markdown"
    shown = NOTES
    traits = Traits()
    between = b"\n\n"
    has_albums = True

    def shape(self, projection: Projection) -> Shape:
        """Return how notes are cut."""
        return NoteShape(projection)

    def escape(self, name: str) -> str:
        """Return a name so that it reads as itself."""
        return escape_name(name)

    def open_sheet(self, scene: Scene, part: Part) -> Sheet:
        """Begin a note."""
        return Note(scene, part)

    def list_about(self, scene: Scene, omissions: Omissions) -> list[Rendering]:
        """Return the chat's own note."""
        return [render_about(scene, omissions)]

    def list_index(self, stage: Stage) -> list[Rendering]:
        """Return the note that lists all chats."""
        return [render_index(stage)]

    def fingerprint(self, body: bytes) -> str:
        """Return a hash of our properties by value and of the body."""
        return owner.fingerprint(body)

    def holds_words(self, body: bytes) -> bool:
        """Tell whether the owner wrote something into the region of a note."""
        return owner.holds_words(body)

    def carry_over(self, new: bytes, old: bytes) -> bytes:
        """Return `new` with the owner's properties, tags and words of `old`."""
        return owner.carry_over(new, old)
