"""How messages become files in a folder of which nothing is known yet; apart, since a search needs no more of a folder."""

from __future__ import annotations

from tzlocal import get_localzone_name

from tobs.core.request import Projection
from tobs.settings import Settings


def wanted_projection(settings: Settings) -> Projection:
    """Return the options of a folder that has none yet."""
    local = get_localzone_name() or "UTC"
    return Projection(
        zone=settings.timezone or ("UTC" if local == "Etc/UTC" else local),
        keep_deleted=settings.keep_deleted or "mark",
        show_edits=bool(settings.show_edits),
        comments=bool(settings.comments),
        formats=settings.format or ("markdown",),
        layout=settings.layout or "month",
        flavor=settings.flavor or "obsidian",
        media_layout=settings.media_layout or "per-chat",
    )
