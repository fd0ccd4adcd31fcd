"""`tobs archive repair`, wired."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

from tobs._util.clock import SystemClock
from tobs.app.pools import make_pool
from tobs.archive.checks import ArchiveChecks
from tobs.archive.connect import archive_path, repaired_path
from tobs.archive.damage import has_schema
from tobs.archive.lock import lock_folder
from tobs.archive.rebuild import ArchiveRebuild
from tobs.archive.swap import finish_swap
from tobs.core.certificate import Findings
from tobs.core.ports.services import Emit, Pool
from tobs.core.repair import RepairReport
from tobs.errors import Damaged, ForeignFolder, NewerArchive, UsageError
from tobs.export.audit import Auditor
from tobs.export.repair import Repairer, find_damage
from tobs.settings import Settings
from tobs.telegram.client import LIBRARY
from tobs.telegram.decode import READS_LAYER, decode_page


async def run_repair(settings: Settings, output: Path, emit: Emit) -> RepairReport:
    """Put the archive of an export folder together anew if it is damaged; a sound one is not touched.

    Raises UsageError when there is none, NewerArchive, ForeignFolder, Busy, DiskFull, or Damaged when nothing of it can
    be read; then it is as it was.
    """
    path = archive_path(output)
    if not path.is_file() and not repaired_path(path).is_file():
        raise UsageError(f"{output} holds no archive.", hint="`tobs export <chat>` makes one.")
    # What a repair puts aside is never in the way of what another one put aside.
    aside = datetime.fromtimestamp(SystemClock().now(), UTC).strftime("%Y-%m-%dT%H%M%S.%fZ")
    async with _locked(settings, output) as pool:
        report = RepairReport()
        if repaired_path(path).exists():
            report.damaged_copy = finish_swap(path, aside).name
        report.damage = await _find_damage(path, pool, emit)
        if not report.damage.count:
            report.is_sound = True
            return report
        with closing(ArchiveRebuild(output, library=LIBRARY, aside=aside)) as rebuild:
            await Repairer(rebuild, decode_page, pool, emit, layer=READS_LAYER).repair(report)
        return report


@asynccontextmanager
async def _locked(settings: Settings, output: Path) -> AsyncIterator[Pool]:
    async with AsyncExitStack() as stack:
        stack.enter_context(lock_folder(output))
        pool = make_pool(settings)
        stack.push_async_callback(pool.close)
        yield pool


async def _find_damage(path: Path, pool: Pool, emit: Emit) -> Findings:
    """Return what is wrong with an archive. Raises NewerArchive or ForeignFolder when it is none of ours."""
    found = Findings()
    try:
        with closing(ArchiveChecks(path, is_still=True)) as checks:
            auditor = Auditor(checks, decode_page, pool, emit, layer=READS_LAYER)
            await find_damage(checks, auditor, pool, found)
    except (ForeignFolder, NewerArchive) as error:
        # The numbers in its header say so; what is in it says what it is.
        if not has_schema(path):
            raise
        found.add(str(error))
    except Damaged as error:
        found.add(str(error))
    return found
