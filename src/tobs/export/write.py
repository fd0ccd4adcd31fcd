"""Commits pages: the only promise. Before a commit nothing happened, after it everything did."""

from __future__ import annotations

import asyncio
import logging
from array import array
from dataclasses import replace

from tobs.core.events import Progressed
from tobs.core.model import Chat
from tobs.core.ports.archive import Archive
from tobs.core.ports.services import Emit
from tobs.core.ranges import Range, clip_ranges, count_ids, merge_ranges
from tobs.core.report import ChatReport
from tobs.export.horizon import Horizon
from tobs.export.process import Processed
from tobs.export.stopwatch import Stopwatch
from tobs.export.throttle import Throttle

log = logging.getLogger("tobs.export")


_TOGETHER = 8
"""Pages that are committed at once when they wait: each then costs three quarters of what it costs by itself."""


class PageWriter:
    """Takes pages from a queue into the archive and keeps the chat's report."""

    def __init__(
        self,
        archive: Archive,
        horizon: Horizon,
        emit: Emit,
        chat: Chat,
        report: ChatReport,
        scope: int = 0,
        committed: asyncio.Event | None = None,
        *,
        stopwatch: Stopwatch,
    ) -> None:
        """`committed` is set with each page that is in the archive."""
        self._archive = archive
        self._horizon = horizon
        self._emit = emit
        self._chat = chat
        self._report = report
        self._scope = scope
        self._committed = committed or asyncio.Event()
        self.missing = array("q")
        """Stored messages that pages should have listed, and did not."""
        self._stopwatch = stopwatch
        self._top = 0
        self._covered: list[Range] = []

    async def write_pages(self, rows: asyncio.Queue[Processed | None], throttle: Throttle) -> None:
        """Commit pages until None comes; `throttle` is what is told of the requests for them."""
        covered = await self._archive.covered_ranges(self._chat, self._scope)
        self._covered = merge_ranges([*covered, *self._horizon.veil(self._chat)])
        is_open = True
        while is_open:
            waiting, is_open = await _take_waiting(rows)
            if waiting:
                with self._stopwatch.time("pipeline_write", *(each.ready_at for each in waiting)):
                    await self._write_together([await self._unveil(each) for each in waiting])
                self._tell(throttle)

    async def _write_together(self, waiting: list[Processed]) -> None:
        """Hand the pages in one behind the other without waiting, so that the archive makes one transaction of them."""
        async with asyncio.TaskGroup() as group:
            for each in waiting:
                group.create_task(self._write_page(each))

    async def _unveil(self, processed: Processed) -> Processed:
        """Return a page without what it says of ids that this account cannot see: of them it would be empty anyway."""
        decoded, covers = processed.decoded, processed.covers
        if not (decoded.empty or (covers and decoded.lowest is None)):
            return processed
        hidden = await self._horizon.find(self._chat)
        if not hidden:
            return processed
        seen = clip_ranges([covers], Range(hidden + 1, covers.high)) if covers else []
        said = replace(decoded, empty=[each for each in decoded.empty if each > hidden])
        return replace(processed, decoded=said, covers=seen[0] if seen else None)

    async def _write_page(self, processed: Processed) -> None:
        log.debug("%s: committed a page, %s", self._chat.title, processed.covers)
        page, decoded = processed.page, processed.decoded
        report = self._report
        if processed.is_lookup:
            result = await self._archive.commit_lookup(page, decoded)
        else:
            result = await self._archive.commit_page(page, decoded, processed.covers)
            if page.proves and not page.is_part:  # else it counts something else than the chat
                report.total = decoded.total
            self.missing.extend(result.missing)
        self._committed.set()
        report.pages += 1
        report.new += result.new
        report.edited += result.changed
        report.deleted += result.deleted
        report.same += result.same
        self._stopwatch.meter.record_messages(result.new + result.changed + result.same)
        if processed.covers:
            self._covered = merge_ranges([*self._covered, processed.covers])
            self._top = max(self._top, processed.covers.high)

    def _tell(self, throttle: Throttle) -> None:
        report = self._report
        self._emit(
            Progressed(
                entity_name=self._chat.title,
                messages_processed=report.new + report.edited + report.same,
                total_messages=report.total or 0,
                stage="fetch",
                percentage=self._percentage(),
                in_flight=throttle.in_flight,
                allowed=throttle.limit,
            )
        )

    def _percentage(self) -> float:
        """Return how much of the ids asked for is covered; before they are known, of those up to the top."""
        if self._report.searched:
            return self._share_found()
        said = self._report.asked
        asked = Range(said.low, said.high) if said else Range(1, self._top)
        if not asked.size:
            return 100.0
        return min(100.0, round(100 * count_ids(clip_ranges(self._covered, asked)) / asked.size, 1))

    def _share_found(self) -> float:
        """Return how much came of what the server counts as found; several kinds may count a message twice."""
        report = self._report
        came = report.new + report.edited + report.same
        return min(100.0, round(100 * came / (report.total or came or 1), 1))


async def _take_waiting(rows: asyncio.Queue[Processed | None]) -> tuple[list[Processed], bool]:
    """Wait for a page; return those that are there then, and whether more may come."""
    found = [await rows.get()]
    while len(found) < _TOGETHER and found[-1] is not None and not rows.empty():
        found.append(rows.get_nowait())
    return [each for each in found if each is not None], found[-1] is not None
