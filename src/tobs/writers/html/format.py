"""The HTML format."""

from __future__ import annotations

from tobs.core.fidelity import Omissions
from tobs.core.ports.writer import Part, Rendering, Traits
from tobs.core.request import Projection
from tobs.writers.format import Sheet
from tobs.writers.html.page import Page
from tobs.writers.html.shape import PageShape
from tobs.writers.html.shown import PAGES
from tobs.writers.html.site import render_about, render_index
from tobs.writers.layout import Shape
from tobs.writers.scene import Scene, Stage
from tobs.writers.shapes import Ownerless


class Html(Ownerless):
    """Pages for a browser, which open from disk."""

    name = "html"
    shown = PAGES
    traits = Traits()
    between = b"\n"
    has_albums = True

    def shape(self, projection: Projection) -> Shape:
        """Return how pages are cut."""
        return PageShape(projection)

    def open_sheet(self, scene: Scene, part: Part) -> Sheet:
        """Begin a page."""
        return Page(scene, part)

    def list_about(self, scene: Scene, omissions: Omissions) -> list[Rendering]:
        """Return the chat's own page, and what its pages share."""
        return render_about(scene, omissions)

    def list_index(self, stage: Stage) -> list[Rendering]:
        """Return the page that lists all chats."""
        return render_index(stage)
