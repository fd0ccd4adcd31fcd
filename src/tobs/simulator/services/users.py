"""users.*: people by their input users."""

from typing import Any

from telethon.tl import functions, types

from tobs.simulator.access import account_id, find_user
from tobs.simulator.dispatch import Context, RpcError, serves
from tobs.simulator.raw import Encoded


@serves(functions.users.GetUsersRequest)
def get_users(context: Context, request: Any) -> list[Any]:
    """Answer the users asked for, `userEmpty` for those that the account cannot see."""
    return [_user_or_empty(context, user) for user in request.id]


def _user_or_empty(context: Context, user: Any) -> Any:
    viewer = account_id(context)
    try:
        return Encoded(context.world.view(find_user(context, user), viewer))
    except RpcError:
        return types.UserEmpty(getattr(user, "user_id", 0))


@serves(functions.users.GetFullUserRequest)
def get_full_user(context: Context, request: Any) -> Any:
    """Answer the profile of one user."""
    viewer = account_id(context)
    user_id = find_user(context, request.id)
    chat = context.world.chat(user_id, viewer)
    known = chat.full if chat else {}
    if chat and chat.protected:
        known = {"noforwards_peer_enabled": True, **known}
    full = types.UserFull(
        user_id,
        types.PeerSettings(),
        types.PeerNotifySettings(),
        common_chats_count=0,
        **known,
    )
    return types.users.UserFull(full, chats=[], users=[context.world.seen(user_id, viewer)])
