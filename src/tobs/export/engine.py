"""One run: chats one after the other through the pipeline, then the notes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from tobs.core.events import Failed
from tobs.core.ports.source import FILES
from tobs.core.report import RunReport
from tobs.core.request import ExportRequest
from tobs.core.span import EVERYTHING, Limits
from tobs.errors import EXIT_DONE, EXIT_INCOMPLETE, EXIT_INTERRUPTED, ChatNotFound, Stopped, TobsError
from tobs.export.catchup import CatchUp
from tobs.export.chat import ChatExporter
from tobs.export.choose import ENDS_THE_RUN, Chooser, Wanted
from tobs.export.comments import CommentExporter
from tobs.export.lane import Downloads, MediaLane
from tobs.export.pipeline import Pipeline
from tobs.export.project import Projector
from tobs.export.search import find_searches
from tobs.export.thread import ThreadExporter


@dataclass(slots=True)
class Engine:
    """Everything that a run needs, wired by app."""

    pipeline: Pipeline
    projector: Projector
    limits: Limits = EVERYTHING
    with_comments: bool = False
    lane: MediaLane | None = None

    async def run(self, request: ExportRequest, report: RunReport, stop: asyncio.Event) -> None:
        """Export the chats asked for, draw their notes, and fill in the report.

        A failing chat never touches the others; an error that the next chat would meet as well ends
        the fetching, and what is archived is drawn all the same. `stop` ends it after the pages in flight.
        Media come meanwhile; notes are drawn before the last of them are here, and those that show them once more.
        """
        if self.lane:
            await self.projector.find_lost()
        downloads = Downloads(self.lane, request.media)
        async with downloads.running():
            await self._fetch(request, report, stop, downloads)
            if downloads.is_busy:  # who reads notes need not wait for a film
                await self._draw(report, places_media=False)
        if downloads.error:
            self._note_end(report, downloads.error)
        await self._draw(report)
        await downloads.count(report)
        report.exit_code = judge_run(report, is_stopped=stop.is_set())

    async def _fetch(
        self, request: ExportRequest, report: RunReport, stop: asyncio.Event, downloads: Downloads
    ) -> None:
        """Bring the archive up to date with the chats that are meant."""
        line = self.pipeline
        chooser = Chooser(line.source, line.archive, line.emit)
        try:
            searches = await find_searches(line.source, line.archive, request)
            chats = await chooser.find_chats(request, report)
            await line.source.prepare(self._list_kinds(chats) | ({FILES} if downloads.is_wanted else set()))
            catch_up = CatchUp(line, stop)
            await catch_up.follow_account(report, chats)
            exporter = ChatExporter(
                line, stop, catch_up, request.refresh, self.limits, searches, hand_over=downloads.hand_over
            )
            await self._export_chats(chats, exporter, report, awaits_files=downloads.is_wanted)
        except Stopped:
            for each in chooser.chats:
                await self._leave(each)
        except (*ENDS_THE_RUN, ChatNotFound) as error:
            self._note_end(report, error)

    async def _export_chats(
        self, chats: list[Wanted], exporter: ChatExporter, report: RunReport, *, awaits_files: bool
    ) -> None:
        """Export one chat after the other; those whose turn does not come are told of as well."""
        threads = ThreadExporter(exporter)
        comments = CommentExporter(exporter, {each.chat.key for each in chats if not each.spot})
        for each in exporter.order_chats(chats):
            if exporter.stop.is_set():
                await self._leave(each)
                continue
            with suppress(Stopped):
                if each.spot:
                    await threads.export_spot(each.chat, each.spot, each.report, report)
                    continue
                await self._export_drawing(each, exporter, awaits_files=awaits_files)
                if self.with_comments:
                    await comments.export_comments(each.chat, each.report, report)

    async def _export_drawing(self, wanted: Wanted, exporter: ChatExporter, *, awaits_files: bool) -> None:
        """Export a chat, and draw of it meanwhile what the rest will not change, if all of it is asked for."""
        if exporter.searches or not self.limits.is_open:
            await exporter.export_chat(wanted.chat, wanted.report)
            return
        committed = self.pipeline.committed
        async with self.projector.following(wanted.chat, committed, awaits_files=awaits_files):
            await exporter.export_chat(wanted.chat, wanted.report)

    async def _leave(self, wanted: Wanted) -> None:
        """Put down what is stored of a chat whose turn did not come before the run was stopped."""
        wanted.report.is_interrupted = True
        wanted.report.tally = await self.pipeline.archive.tally(wanted.chat)

    def _list_kinds(self, chats: list[Wanted]) -> set[str]:
        """Return of which kinds the chats are that will be asked; comments of a channel are in a supergroup."""
        kinds = {each.chat.kind for each in chats}
        if any(each.chat.kind == "channel" and (self.with_comments or each.spot) for each in chats):
            kinds.add("supergroup")
        return kinds

    async def _draw(self, report: RunReport, *, places_media: bool = True) -> None:
        try:
            report.render.add(await self.projector.draw_stale(places_media=places_media))
            report.fidelity = await self.projector.list_fidelity(
                {(each.account, each.id) for each in report.chats}
            )
        except TobsError as error:
            self._note_end(report, error)

    def _note_end(self, report: RunReport, error: TobsError) -> None:
        if str(error) not in {report.error, *(each.error for each in report.chats)}:
            self.pipeline.emit(Failed(str(error), hint=error.hint, exit_code=error.exit_code))
        report.error, report.exit_code = str(error), error.exit_code


def judge_run(report: RunReport, *, is_stopped: bool) -> int:
    """Return the exit code that the report amounts to (DESIGN section 7)."""
    if report.error:
        return report.exit_code
    if is_stopped:
        return EXIT_INTERRUPTED
    failures = {each.exit_code for each in report.chats if each.exit_code}
    if failures and all(each.exit_code for each in report.chats):
        return failures.pop() if len(failures) == 1 else TobsError.exit_code
    if failures or not all(each.tally.is_complete and each.media.is_complete for each in report.chats):
        return EXIT_INCOMPLETE
    return EXIT_DONE
