"""`tobs export --dry-run`, wired: nothing is written into the export folder, not even a lock."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import tobs
from tobs._util.clock import SystemClock
from tobs._util.pool import Pool
from tobs.app.connection import connect_account
from tobs.app.exporting import start_report
from tobs.app.identity import find_account, read_identity
from tobs.archive.connect import archive_path
from tobs.archive.holdings import read_holdings
from tobs.core.events import Failed, Forecasted
from tobs.core.forecast import ChatForecast, Forecast
from tobs.core.model import Chat
from tobs.core.ports.services import Emit
from tobs.core.report import ChatReport
from tobs.core.request import ExportRequest
from tobs.core.span import Span
from tobs.errors import ChatNotFound, ForeignFolder, Stopped
from tobs.export.choose import ENDS_THE_RUN, Chooser, list_places
from tobs.export.engine import judge_run
from tobs.export.forecast import Forecaster
from tobs.settings import Settings
from tobs.telegram.decode import decode_page

FORECAST_VERSION = 1


class _Nowhere:
    """Keeps no chat longer than the run."""

    def __init__(self) -> None:
        self._halves: dict[tuple[int, int], list[Chat]] = {}

    async def add_chat(self, chat: Chat, *, group: Chat | None = None) -> Chat:
        before = [replace(group, migrated_to=chat.id)] if group else []
        self._halves[chat.key] = [*before, chat]
        return chat

    async def halves(self, chat: Chat) -> list[Chat]:
        return self._halves.get(chat.key, [])


async def run_forecast(
    settings: Settings, request: ExportRequest, emit: Emit, stop: asyncio.Event
) -> Forecast:
    """Return what the export would take; `stop` ends it with the chats that are looked at by then.

    Chats that fail are named in it, with the exit code that they would give. Raises a TobsError for what ends the
    run before it begins.
    """
    account = find_account(settings)
    read_identity(settings)
    free = shutil.disk_usage(_find_standing(request.output)).free
    found = Forecast(FORECAST_VERSION, tobs.__version__, str(request.output), free)
    clock = SystemClock()
    report = start_report(clock)
    async with Pool(settings.max_threads) as pool:
        held = await pool.run(read_holdings, archive_path(request.output))
        with_comments = held.has_comments if settings.comments is None else settings.comments
        found.notes += _list_notes(request, with_comments=with_comments)
        with suppress(Stopped):
            async with connect_account(settings, clock, emit, account, stop=stop) as line:
                forecaster = Forecaster(line.source, decode_page, pool, held.messages, emit)
                try:
                    chats = await Chooser(line.source, _Nowhere(), emit).find_chats(request, report)
                    found.chats = await forecaster.forecast_chats(chats, request.refresh, stop)
                except Stopped:
                    raise
                except (*ENDS_THE_RUN, ChatNotFound) as error:
                    emit(Failed(str(error), hint=error.hint, exit_code=error.exit_code))
                    report.error, report.exit_code = str(error), error.exit_code
    found.chats += [_name_failure(each) for each in report.chats if each.error]
    if stop.is_set() and len(found.chats) < max(1, len(report.chats)):
        found.notes.append("It was stopped: not all chats were looked at.")
    found.error, found.exit_code = report.error, judge_run(report, is_stopped=stop.is_set())
    found.add_up()
    emit(Forecasted(found))
    return found


def _find_standing(output: Path) -> Path:
    """Return the folder, or the nearest one above it that exists: what is free there is free for it."""
    for each in (output.absolute(), *output.absolute().parents):
        if each.exists():
            if each.is_dir():
                return each
            break
    raise ForeignFolder(f"{output} is a file, not a folder.", hint="Choose another folder with --output.")


def _list_notes(request: ExportRequest, *, with_comments: bool) -> Iterator[str]:
    if request.span != Span() or request.filter.is_on or any(spot for _, spot in list_places(request)):
        yield (
            "Dates, ids, --last, --from, --only, topics and posts are not taken into account: "
            "Telegram counts files for whole chats only."
        )
    if with_comments:
        yield "The comments of channels are not counted: name their groups to have them forecast."
    yield "Sizes are of all media that are posted; what is posted twice is downloaded once."


def _name_failure(chat: ChatReport) -> ChatForecast:
    return ChatForecast(chat.id, chat.title, chat.account, error=chat.error, exit_code=chat.exit_code)
