"""`tobs render`, wired."""

from __future__ import annotations

from contextlib import AsyncExitStack, closing
from dataclasses import replace
from pathlib import Path

from tobs._util.clock import SystemClock
from tobs.app.folder import change_projection, choose_projection, open_folder, say_unused
from tobs.app.logbook import begin_log, log_drawn
from tobs.app.pools import make_pool
from tobs.app.projection import wanted_projection
from tobs.archive.checks import ArchiveChecks
from tobs.archive.connect import find_archive
from tobs.archive.part import PartReader
from tobs.archive.still import keep_still
from tobs.core.chatname import pick_whole
from tobs.core.events import Said
from tobs.core.model import Chat
from tobs.core.ports.reader import Extent
from tobs.core.ports.services import Emit
from tobs.core.report import RenderReport
from tobs.core.request import RenderRequest
from tobs.core.span import Limits
from tobs.core.words import say_count
from tobs.errors import ForeignFolder, UsageError
from tobs.export.blank import BlankLedger
from tobs.export.project import Projector
from tobs.settings import Settings
from tobs.writers.registry import make_writers


async def run_render(settings: Settings, request: RenderRequest, emit: Emit) -> RenderReport:
    """Make the files of an export folder again from its archive, or draw elsewhere what is in it.

    In the export folder the request's `timezone` is kept from now on. Raises UsageError when there is no archive, or
    ChatNotFound.
    """
    path = find_archive(request.output)
    if request.to:
        return await _draw_elsewhere(settings, request, path, request.to, emit)
    async with open_folder(request.output, settings) as opened:
        emit = begin_log(settings, "render", emit)
        picked = pick_whole(request.chats, opened.reader.chats()) if request.chats else []
        projection = await choose_projection(
            opened.archive, settings, zone=request.timezone, may_change=not picked
        )
        for warning in opened.archive.warnings:
            emit(Said("warning", warning))
        projector = opened.projector(projection, emit)
        report = await projector.draw_stale(overwrite=request.overwrite, redraw=True, only=picked)
        log_drawn(report)
        return report


async def _draw_elsewhere(
    settings: Settings, request: RenderRequest, path: Path, to: Path, emit: Emit
) -> RenderReport:
    """Draw into a new or empty folder; nothing in the export folder is changed."""
    async with AsyncExitStack() as stack:
        stack.enter_context(keep_still(request.output))
        pool = make_pool(settings)
        stack.push_async_callback(pool.close)
        with closing(ArchiveChecks(path, is_still=True)) as checks:
            kept = checks.projection() or wanted_projection(settings)
        projection = change_projection(kept, settings, zone=settings.timezone)
        if unused := say_unused(settings, projection.formats):
            emit(Said("warning", unused))
        limits = request.span.locate(projection.zone, SystemClock().now())
        reader = PartReader(path, _limit(limits), is_still=True)
        stack.callback(reader.close)
        # Once more, to be closed first: after Ctrl+C its threads may still be reading.
        stack.push_async_callback(pool.close)
        chats = reader.chats()
        picked = [each for each in pick_whole(request.chats, chats) if _has_messages(reader, each, chats)]
        if not picked and reader.extent.is_dated:
            raise UsageError(f"No archived message of these chats is {reader.extent.say_dates()}.")
        everything = {each.key for each in chats if not each.migrated_to}
        shown = frozenset(each.key for each in picked)
        reader.extent = replace(reader.extent, chats=shown, left_out=len(everything - shown))
        _make_target(to, request.output)
        _say_part(reader.extent, len(everything), emit)
        projector = Projector(to, BlankLedger(), reader, make_writers(reader, projection), [], pool, emit)
        return await projector.draw_stale(redraw=True)


def _limit(limits: Limits) -> Extent:
    found = Extent(since=limits.since, until=limits.until)
    return replace(
        found,
        start=found.start if limits.start is None else limits.start,
        end=found.end if limits.end is None else limits.end,
    )


def _has_messages(reader: PartReader, chat: Chat, chats: list[Chat]) -> bool:
    """Tell whether a chat has messages in the part, in any of its halves; without dates every chat is there."""
    extent = reader.extent
    family = [each for each in chats if chat.id in {each.id, each.migrated_to} or each.id == chat.migrated_to]
    return not extent.is_dated or any(
        reader.count(each, topic_id=None, start=extent.start, end=extent.end) for each in family
    )


def _make_target(to: Path, output: Path) -> None:
    try:
        if to.resolve().is_relative_to(output.resolve()):
            raise UsageError(f"{to} lies in the export folder.", hint="--to needs a folder outside of it.")
        if to.exists() and (not to.is_dir() or any(to.iterdir())):
            raise UsageError(f"{to} is not empty.", hint="--to needs a new or empty folder.")
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ForeignFolder(
            f"The folder {to} cannot be made or read: {error.strerror}.", hint="Choose another one with --to."
        ) from error


def _say_part(extent: Extent, chats: int, emit: Emit) -> None:
    words = [f"{chats - extent.left_out:,} of {say_count(chats, 'chat')}"] if extent.left_out else []
    if extent.is_dated:
        words.append(f"messages {extent.say_dates()}")
    if words:
        emit(Said("info", f"Only a part of the archive is drawn: {', '.join(words)}."))
