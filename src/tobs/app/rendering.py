"""`tobs render`, wired."""

from __future__ import annotations

from pathlib import Path

from tobs.app.folder import choose_projection, open_folder
from tobs.archive.connect import find_archive
from tobs.core.ports.services import Emit
from tobs.core.report import RenderReport
from tobs.settings import Settings


async def run_render(
    settings: Settings, output: Path, *, timezone: str | None, overwrite: bool, emit: Emit
) -> RenderReport:
    """Make the notes of an export folder again from its archive.

    `timezone` is kept in the archive from now on. Raises UsageError when there is no archive.
    """
    find_archive(output)
    async with open_folder(output, settings) as opened:
        projection = await choose_projection(opened.archive, settings, zone=timezone)
        return await opened.projector(projection, emit).draw_stale(overwrite=overwrite, redraw=True)
