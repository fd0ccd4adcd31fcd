"""What a client is told that has missed events: the new, the edited and the deleted messages, as they are now."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.core.ids import bare_id, is_channel
from tobs.simulator.access import account_id
from tobs.simulator.dispatch import Context
from tobs.simulator.events import Change, Event
from tobs.simulator.logs import rank_with
from tobs.simulator.model import World
from tobs.simulator.pages import encode_peers
from tobs.simulator.raw import Encoded
from tobs.simulator.reading import shown_log


def state_of(world: World, user_id: int, pts: int | None = None) -> types.updates.State:
    """Return the state of an account, or the one that it had at an earlier pts."""
    now = world.account_updates(user_id).pts
    return types.updates.State(
        now if pts is None else pts, qts=0, date=moment_of(world), seq=1, unread_count=0
    )


def moment_of(world: World) -> datetime:
    """Return what time it is in the world."""
    return datetime.fromtimestamp(world.time(), UTC)


@dataclass(slots=True)
class News:
    """What some events come to: the fields of a difference."""

    messages: list[Encoded] = field(default_factory=list)
    updates: list[Any] = field(default_factory=list)
    users: list[Encoded] = field(default_factory=list)
    chats: list[Encoded] = field(default_factory=list)


def tell_news(context: Context, events: Iterable[Event]) -> News:
    """Return the present state of what the events touched; what is gone by now is only told by its deletion."""
    news, fresh, peers = News(), set[tuple[int, int]](), set[int]()
    last_edits = {(event.chat, event.ids[0]): event for event in events if event.change is Change.EDIT}
    for event in events:
        key = event.chat, event.ids[0]
        if event.change is Change.DELETE:
            news.updates.append(_deletion(event))
            continue
        is_new = event.change is Change.NEW
        if not is_new and (key in fresh or last_edits[key] is not event):
            continue
        found = _find(context, event)
        if found is None:
            continue
        encoded, mentioned = found
        peers |= mentioned
        if is_new:
            fresh.add(key)
            news.messages.append(encoded)
        else:
            news.updates.append(_edition(event, encoded))
    news.users, news.chats = encode_peers(context.world, account_id(context), peers)
    return news


def _find(context: Context, event: Event) -> tuple[Encoded, set[int]] | None:
    chat = context.world.chat(event.chat, account_id(context))
    if chat is None:
        return None
    log = shown_log(context, chat, chat.log)
    rank = rank_with(log, event.ids[0])
    if rank is None:
        return None
    return Encoded(log.page(rank, rank + 1)), log.peers(rank, rank + 1) | {event.chat}


def _edition(event: Event, message: Encoded) -> Any:
    kind = types.UpdateEditChannelMessage if is_channel(event.chat) else types.UpdateEditMessage
    return kind(message, event.pts, event.pts_count)


def _deletion(event: Event) -> Any:
    ids = list(event.ids)
    if is_channel(event.chat):
        return types.UpdateDeleteChannelMessages(bare_id(event.chat), ids, event.pts, event.pts_count)
    return types.UpdateDeleteMessages(ids, event.pts, event.pts_count)
