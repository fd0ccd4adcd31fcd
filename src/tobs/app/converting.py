"""Processing the pictures and videos of a run, wired."""

from __future__ import annotations

import asyncio

from tobs.app.caches import PROBES, note_uses, open_shared_caches
from tobs.app.folder import OpenFolder
from tobs.app.processing import make_lanes, make_processor
from tobs.core.model import Chat
from tobs.core.ports.meter import Meter
from tobs.core.ports.services import Clock, Emit
from tobs.core.report import ProcessReport, RunReport
from tobs.core.request import Projection
from tobs.errors import EXIT_INTERRUPTED
from tobs.export.convert import Converter, ConvertOptions
from tobs.settings import Settings


async def process_media(
    settings: Settings,
    opened: OpenFolder,
    projection: Projection,
    report: RunReport,
    emit: Emit,
    stop: asyncio.Event,
    clock: Clock,
    meter: Meter,
) -> None:
    """Process what the chats of a run brought into the folder, as far as PROCESS says.

    Fills in the report. Raises DiskFull or ForeignFolder. A run that failed or was stopped leaves it to the next one.
    """
    if not settings.process or report.error or stop.is_set():
        return
    report.processed = ProcessReport()
    lanes = make_lanes(settings, meter, opened.pool.threads)
    is_shared = projection.media_layout == "shared"
    with open_shared_caches(settings, clock, emit) as caches:
        converter = Converter(
            opened.output,
            # Some are measured and hashed while others are encoded.
            ConvertOptions(settings.process, is_shared, width=2 * lanes.count),
            ledger=opened.archive.processed,
            files=opened.processed_files(),
            maker=make_processor(
                settings, probes=caches[PROBES], lanes=lanes, pool=opened.pool, meter=meter, emit=emit
            ),
            store=opened.store,
            pool=opened.pool,
            emit=emit,
        )
        chats = await opened.pool.run(_list_chats, opened, {(each.account, each.id) for each in report.chats})
        try:
            await converter.convert(chats, report.processed, stop)
        finally:
            note_uses(caches, report)
    if report.processed.is_interrupted:
        report.exit_code = EXIT_INTERRUPTED


def _list_chats(opened: OpenFolder, keys: set[tuple[int, int]]) -> list[Chat]:
    """Return the chats in whose folders the media of these stand."""
    reader = opened.reader
    return [each for each in reader.drawn_chats() if any(half.key in keys for half in reader.halves(each))]
