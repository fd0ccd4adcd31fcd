"""updates.*: the state of an account and of channels, and what has happened since an earlier one.

Source: core.telegram.org/api/updates. Of the account's own sequence no difference is ever forgotten.
"""

from typing import Any

from telethon.tl import functions, types

from tobs.simulator.access import account_id, open_channel
from tobs.simulator.differences import moment_of, state_of, tell_news
from tobs.simulator.dispatch import Context, RpcError, serves
from tobs.simulator.model import Chat
from tobs.simulator.pages import encode_peers
from tobs.simulator.raw import joined
from tobs.simulator.reading import shown_log
from tobs.simulator.services.dialogs import describe_dialog

SLICE_EVENTS = 100
"""How many events a difference of the account brings, unless the client asks for fewer."""
_LEAST, _MOST = 10, 100  # updates that a user may ask for in a channel


@serves(functions.updates.GetStateRequest)
def get_state(context: Context, request: Any) -> Any:
    """Answer the account-wide state."""
    del request
    return state_of(context.world, account_id(context))


@serves(functions.updates.GetDifferenceRequest)
def get_difference(context: Context, request: Any) -> Any:
    """Answer what has happened in private chats and basic groups; deletions do not name their chat."""
    viewer = account_id(context)
    updates = context.world.account_updates(viewer)
    _check_pts(request.pts, updates.pts)
    bound = request.pts_total_limit
    is_long = bound is not None and request.pts + bound < updates.pts
    if is_long or context.bend.is_too_long or request.pts < updates.first:
        return types.updates.DifferenceTooLong(updates.pts)
    events = updates.since(request.pts)
    if not events:
        return types.updates.DifferenceEmpty(moment_of(context.world), seq=1)
    part = events[: min(request.pts_limit or SLICE_EVENTS, SLICE_EVENTS)]
    news = tell_news(context, part)
    state = state_of(context.world, viewer, part[-1].pts)
    kind = types.updates.Difference if len(part) == len(events) else types.updates.DifferenceSlice
    return kind(news.messages, [], news.updates, news.chats, news.users, state)


@serves(functions.updates.GetChannelDifferenceRequest)
def get_channel_difference(context: Context, request: Any) -> Any:
    """Answer what has happened in a channel, or `channelDifferenceTooLong`, when `World.forgets_after` says so."""
    chat = open_channel(context, request.channel)
    limit = min(max(request.limit, _LEAST), _MOST)
    updates = context.world.sequence(chat.marked)
    _check_pts(request.pts, updates.pts)
    kept = context.world.forgets_after
    oldest = max(updates.first, updates.pts - (limit if kept is None else kept))
    if request.pts < oldest or context.bend.is_too_long:
        return _too_long(context, chat, limit)
    events = updates.since(request.pts)
    if not events:
        return types.updates.ChannelDifferenceEmpty(updates.pts, final=True)
    part = events[:limit]
    news = tell_news(context, part)
    return types.updates.ChannelDifference(
        part[-1].pts,
        news.messages,
        news.updates,
        news.chats,
        news.users,
        final=len(part) == len(events) or None,
    )


def _check_pts(pts: int, current: int) -> None:
    if pts <= 0:
        raise RpcError(400, "PERSISTENT_TIMESTAMP_EMPTY")
    if pts > current:
        raise RpcError(400, "PERSISTENT_TIMESTAMP_INVALID")


def _too_long(context: Context, chat: Chat, limit: int) -> Any:
    log = shown_log(context, chat, chat.log)
    low, high = max(0, len(log) - limit), len(log)
    users, chats = encode_peers(context.world, account_id(context), log.peers(low, high) | {chat.marked})
    messages = joined(log.page(low, high), high - low)
    return types.updates.ChannelDifferenceTooLong(describe_dialog(chat), messages, chats, users, final=True)
