"""updates.*: a world that stands still has a state and no differences."""

from datetime import UTC, datetime
from typing import Any

from telethon.tl import functions, types

from tobs.simulator.access import open_channel
from tobs.simulator.dispatch import Context, serves
from tobs.simulator.model import World


def state_of(world: World) -> types.updates.State:
    """Return the account-wide state: pts counts the messages of private chats and basic groups."""
    pts = 1 + sum(chat.count for chat in world.chats if chat.owner == world.owner)
    return types.updates.State(pts, qts=0, date=_moment(world), seq=1, unread_count=0)


def _moment(world: World) -> datetime:
    return datetime.fromtimestamp(world.now, UTC)


@serves(functions.updates.GetStateRequest)
def get_state(context: Context, request: Any) -> Any:
    """Answer the account-wide state."""
    del request
    return state_of(context.world)


@serves(functions.updates.GetDifferenceRequest)
def get_difference(context: Context, request: Any) -> Any:
    """Answer that nothing has changed."""
    del request
    return types.updates.DifferenceEmpty(_moment(context.world), seq=1)


@serves(functions.updates.GetChannelDifferenceRequest)
def get_channel_difference(context: Context, request: Any) -> Any:
    """Answer that nothing has changed in this channel."""
    chat = open_channel(context, request.channel)
    return types.updates.ChannelDifferenceEmpty(chat.pts, final=True)
