"""From a request for a page to its answer: the same for histories, topics, comments, saved lists and searches."""

from datetime import datetime
from typing import Any

from telethon.tl import types

from tobs.core.ids import is_channel
from tobs.simulator.access import account_id
from tobs.simulator.bends import Bend
from tobs.simulator.dispatch import Context, Reply
from tobs.simulator.logs import Log
from tobs.simulator.model import Chat
from tobs.simulator.overlay import between
from tobs.simulator.pages import LARGEST_PAGE, Window, cut, encode_by_id, encode_page, is_unchanged
from tobs.simulator.protection import WithheldLog, is_protected
from tobs.simulator.strange import StrangeLog

HIGHEST = 2**31 - 1
"""The highest id that a message can have."""


def read_page(context: Context, chat: Chat, log: Log, request: Any) -> Reply:
    """Answer the page of a log that a request asks for by offset_id, add_offset, limit, max_id and min_id.

    The log is that of the chat or a part of it.
    """
    log = shown_log(context, chat, log)
    window = _window(request, context.bend)
    if context.bend.has_holes and is_channel(chat.marked):
        ids = _ids_with_holes(log, window)
        if ids is not None:
            context.served += len(ids)
            return encode_by_id(
                context.world, account_id(context), chat, ids, log=log, count=len(log), bend=context.bend
            )
    low, high = cut(log, window)
    context.served += high - low
    if is_unchanged(log, low, high, request.hash):
        return types.messages.MessagesNotModified(len(log))
    return encode_page(context.world, account_id(context), chat, low, high, log=log, bend=context.bend)


def shown_log(context: Context, chat: Chat, log: Log) -> Log:
    """Return the part of a log that the request may see: its range of ids, nothing hidden, under takeout no protected media.

    What is strange stays so, whatever asks for it.
    """
    if context.messages_range is not None and not is_channel(chat.marked):
        log = between(log, *context.messages_range)
    if hidden := chat.hidden_to.get(account_id(context), 0):
        log = between(log, hidden + 1, HIGHEST)
    if context.takeout_id is not None:
        log = WithheldLog(log, is_whole=is_protected(chat))
    if context.bend.strange_messages or context.bend.strange_parts:
        log = StrangeLog(log, context.bend)
    return log


def seconds_of(date: datetime | None) -> int:
    """Return a date of a request in UTC seconds, 0 if none was given: without a flag it comes as 1970."""
    return int(date.timestamp()) if date else 0


def _window(request: Any, bend: Bend) -> Window:
    limit = min(max(request.limit, 1), LARGEST_PAGE)
    return Window(
        request.offset_id,
        seconds_of(getattr(request, "offset_date", None)),
        request.add_offset - bend.overlap,
        max(1, int(limit * bend.share)),
        request.max_id,
        request.min_id,
    )


def _ids_with_holes(log: Log, window: Window) -> list[int] | None:
    """Return the ids of a page that counts missing ones as well; None for windows that only messages can place."""
    is_plain = window.offset_id > 0 or not window.offset_date
    if not is_plain or window.add_offset or window.max_id or not len(log):
        return None
    top = log.id_at(len(log) - 1)
    first = min(window.offset_id - 1, top) if window.offset_id else top
    return list(range(first, max(first - window.limit, window.min_id), -1))
