"""messages.checkChatInvite: what an invite link leads to; nobody can join by it here."""

from typing import Any

from telethon.tl import functions, types

from tobs.core.ids import is_channel
from tobs.simulator.access import account_id
from tobs.simulator.dispatch import Context, RpcError, serves


@serves(functions.messages.CheckChatInviteRequest)
def check_chat_invite(context: Context, request: Any) -> Any:
    """Answer the chat to who is in it (its readers), else only how it presents itself."""
    if not request.hash:
        raise RpcError(400, "INVITE_HASH_EMPTY")
    world, viewer = context.world, account_id(context)
    chat = world.chat(world.invites.get(request.hash, 0), viewer)
    if chat is None:
        raise RpcError(400, "INVITE_HASH_EXPIRED")
    if chat.is_open_to(viewer):
        return types.ChatInviteAlready(world.seen(chat.marked, viewer))
    entity = chat.entity
    return types.ChatInvite(
        entity.title,
        types.PhotoEmpty(0),
        entity.participants_count or 0,
        color=0,
        channel=is_channel(chat.marked),
        broadcast=getattr(entity, "broadcast", None),
        megagroup=getattr(entity, "megagroup", None),
    )
