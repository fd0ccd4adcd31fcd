"""What a run says goes into the log as well, with what it was begun with and how it ended."""

from __future__ import annotations

import logging
import platform

import tobs
from tobs.core.certificate import Asked
from tobs.core.events import Event, ExportStarted, Failed, Said, Waiting
from tobs.core.model import Chat
from tobs.core.ports.services import Emit
from tobs.core.report import RenderReport, RunReport
from tobs.settings import Settings, describe_settings
from tobs.telegram.client import LIBRARY

log = logging.getLogger("tobs.run")
"""What a person sees as an event anyway; it stays off the screen (cli/logs.py)."""

waits = logging.getLogger("tobs.waits")
"""Countdowns, which repeat."""


def begin_log(settings: Settings, command: str, emit: Emit) -> Emit:
    """Log what runs, on what, with which settings; return a listener that logs what it hears, and hands it on."""
    system = f"Python {platform.python_version()}, {LIBRARY}, {platform.platform()}"
    log.info("tobs %s %s on %s; %s", tobs.__version__, command, system, describe_settings(settings))

    def listen(event: Event) -> None:
        _log_event(event)
        emit(event)

    return listen


def log_end(report: RunReport) -> None:
    """Log how an export ended, and each of its chats."""
    for each in report.chats:
        words = "%s: %d new, %d edited, %d deleted in %d pages and %.1f s, %d files here; %s"
        end = each.error or ("interrupted" if each.is_interrupted else "done")
        log.info(
            words,
            each.title,
            each.new,
            each.edited,
            each.deleted,
            each.pages,
            each.fetch_seconds,
            each.media.done,
            end,
        )
    words = "ended after %.1f s with exit code %d, %d files written%s"
    error = f": {report.error}" if report.error else ""
    log.info(words, report.duration_s, report.exit_code, len(report.render.written), error)


def log_drawn(report: RenderReport) -> None:
    """Log what a rendering did."""
    words = "ended: %d files written, %d unchanged, %d removed, %d left alone"
    left = len(report.kept) + len(report.left) + len(report.foreign)
    log.info(words, len(report.written), report.unchanged, len(report.removed), left)


def log_asked(chat: Chat, asked: Asked | None) -> None:
    """Log what Telegram said of a chat that is verified."""
    if asked is None:
        log.info("%s: cannot be asked about any more", chat.title)
        return
    words = "%s: %s messages by Telegram's count, %d empty ids looked up, %d messages found there"
    log.info(words, chat.title, asked.server_count, asked.probed, len(asked.found))


def _log_event(event: Event) -> None:
    match event:
        case ExportStarted():
            log.info("exporting %s into %s", ", ".join(event.chats) or "chats of the list", event.output)
        case Said():
            log.log(logging.WARNING if event.level == "warning" else logging.INFO, "%s", event.text)
        case Waiting():
            waits.info("waiting %.0f s, asked by Telegram (%s)", event.seconds, event.method)
        case Failed():
            log.error(
                "%s%s %s", f"{event.entity_name}: " if event.entity_name else "", event.text, event.hint
            )
