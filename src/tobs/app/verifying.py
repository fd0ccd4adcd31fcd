"""`tobs verify`, wired."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack, closing

import tobs
from tobs._util.clock import SystemClock
from tobs.app.connection import connect_account
from tobs.app.exporting import say_moment
from tobs.app.folder import choose_projection, open_folder
from tobs.app.identity import find_account
from tobs.app.logbook import begin_log, log_asked, log_drawn
from tobs.app.pools import make_pool
from tobs.app.projection import wanted_projection
from tobs.archive.checks import ArchiveChecks
from tobs.archive.connect import find_archive
from tobs.archive.read import ArchiveReader
from tobs.archive.still import keep_still
from tobs.core.certificate import Asked, Certificate
from tobs.core.chatname import pick_chats
from tobs.core.events import Said
from tobs.core.model import Chat
from tobs.core.ports.services import Emit
from tobs.core.request import VerifyRequest
from tobs.errors import Damaged
from tobs.export.audit import Auditor
from tobs.export.notes import Inspector
from tobs.export.probe import Prober
from tobs.export.stored import MediaInspector
from tobs.export.verify import Verifier, judge_certificate
from tobs.settings import Settings
from tobs.telegram.decode import READS_LAYER, decode_page
from tobs.writers.registry import make_writers

CERTIFICATE_VERSION = 1


async def run_verify(settings: Settings, request: VerifyRequest, emit: Emit) -> Certificate:
    """Prove what an export folder holds; its `exit_code` says how that went.

    Nothing is written and nobody asked, unless the request says so. Raises UsageError when there is no
    archive, ChatNotFound, or Busy; damage is in the certificate.
    """
    path = find_archive(request.output)
    asked = await _ask_telegram(settings, request, emit) if request.is_online else {}
    found = Certificate(CERTIFICATE_VERSION, tobs.__version__, say_moment(SystemClock()))
    async with AsyncExitStack() as stack:
        stack.enter_context(keep_still(request.output))
        pool = make_pool(settings)
        stack.push_async_callback(pool.close)
        try:
            checks = stack.enter_context(closing(ArchiveChecks(path, is_still=True)))
            reader = stack.enter_context(closing(ArchiveReader(path, is_still=True)))
            # Once more, to be closed first: after Ctrl+C its threads may still be reading.
            stack.push_async_callback(pool.close)
            writers = make_writers(reader, checks.projection() or wanted_projection(settings))
            auditor = Auditor(checks, decode_page, pool, emit, layer=READS_LAYER)
            inspector = Inspector(request.output, reader, writers, pool)
            media = MediaInspector(request.output, checks, pool)
            found.last_run = checks.last_run()
            await Verifier(checks, auditor, inspector, media, pool).verify(request.chats, found, asked)
        except Damaged as error:
            found.damage.add(str(error))
    judge_certificate(found)
    return found


def _leave_out_others(chats: Sequence[Chat], account: int, emit: Emit) -> list[Chat]:
    """Return the chats that an account can be asked about; private chats and basic groups of others mean something else to it."""
    for each in chats:
        if each.account not in {0, account}:
            hint = f"`--account {each.account}` asks about it, if that account is logged in."
            emit(Said("warning", f"{each.title} belongs to the account {each.account}. {hint}"))
    return [each for each in chats if each.account in {0, account}]


async def _ask_telegram(
    settings: Settings, request: VerifyRequest, emit: Emit
) -> dict[tuple[int, int], Asked]:
    """Return what Telegram says by chat; what it had left out is stored and drawn."""
    async with open_folder(request.output, settings) as opened:
        emit = begin_log(settings, "verify --online", emit)
        for warning in opened.archive.warnings:
            emit(Said("warning", warning))
        chats = pick_chats(request.chats, opened.reader.chats())
        account = find_account(settings)
        chats = _leave_out_others(chats, account.user_id, emit)
        async with connect_account(settings, SystemClock(), emit, account) as line:
            with closing(ArchiveChecks(opened.archive.path)) as checks:
                prober = Prober(line.source, opened.archive, checks, decode_page, opened.pool)
                said = [(each, await prober.ask_about(each, limit=request.probe_limit)) for each in chats]
        for chat, asked in said:
            log_asked(chat, asked)
        found = {chat.key: asked for chat, asked in said if asked}
        if any(each.probed for each in found.values()):
            projection = await choose_projection(opened.archive, settings)
            log_drawn(await opened.projector(projection, emit).draw_stale())
        return found
