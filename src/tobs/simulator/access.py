"""From the peer that a request names to the chat, refused in the words of the service."""

from typing import Any

from telethon.tl import types

from tobs.core.ids import mark_channel, mark_group
from tobs.simulator.dispatch import Context, RpcError
from tobs.simulator.logs import rank_with
from tobs.simulator.model import Chat, World


def account_id(context: Context) -> int:
    """Return the account that asks. Errors: 401 when nobody is logged in."""
    if context.user_id is None:
        raise RpcError(401, "AUTH_KEY_UNREGISTERED")
    return context.user_id


def open_chat(context: Context, peer: types.TypeInputPeer) -> Chat:
    """Return the chat behind an input peer, or refuse with PEER_ID_INVALID, CHANNEL_INVALID or CHANNEL_PRIVATE."""
    match peer:
        case types.InputPeerSelf() | types.InputPeerUser() | types.InputPeerUserFromMessage():
            return _open_private(context, peer)
        case types.InputPeerChat():
            return open_group(context, peer.chat_id)
        case types.InputPeerChannel() | types.InputPeerChannelFromMessage():
            return open_channel(context, peer)
        case _:
            raise RpcError(400, "PEER_ID_INVALID")


def _open_private(context: Context, peer: Any) -> Chat:
    user_id = find_user(context, peer, "PEER_ID_INVALID")
    viewer = account_id(context)
    if user_id == viewer:
        return context.world.saved(viewer)
    return context.world.chat(user_id, viewer) or context.world.stranger(user_id, viewer)


def find_user(context: Context, user: Any, refusal: str = "USER_ID_INVALID") -> int:
    """Return the id behind an input user or input user peer; an unknown one or a wrong access hash is refused."""
    viewer = account_id(context)
    match user:
        case types.InputPeerSelf() | types.InputUserSelf():
            return viewer
        case types.InputPeerUserFromMessage() | types.InputUserFromMessage():
            user_id, is_right = user.user_id, _is_mentioned(context, user, user.user_id)
        case types.InputPeerUser() | types.InputUser():
            user_id = user.user_id
            is_right = user_id == viewer or user.access_hash == context.world.access_hash(user_id, viewer)
        case _:
            raise RpcError(400, refusal)
    if user_id <= 0 or user_id not in context.world.peers or not is_right:
        raise RpcError(400, refusal)
    return int(user_id)


def open_group(context: Context, group_id: int) -> Chat:
    """Return a basic group of the account, or refuse with CHAT_ID_INVALID."""
    viewer = account_id(context)
    chat = context.world.chat(mark_group(group_id), viewer)
    if chat is None or not chat.is_open_to(viewer):
        raise RpcError(400, "CHAT_ID_INVALID")
    return chat


def open_channel(context: Context, channel: Any) -> Chat:
    """Return the channel behind an input channel or peer, or refuse with CHANNEL_INVALID or CHANNEL_PRIVATE."""
    chat = find_channel(context, channel)
    if not chat.is_open_to(account_id(context)):
        raise RpcError(400, "CHANNEL_PRIVATE")
    return chat


def find_speaker(context: Context, channel: Any) -> int:
    """Return the marked id of a channel that writes in a chat, or refuse with FROM_PEER_INVALID."""
    if not _is_right(context, channel):
        raise RpcError(400, "FROM_PEER_INVALID")
    return mark_channel(channel.channel_id)


def find_channel(context: Context, channel: Any) -> Chat:
    """Return the channel whether or not the account may read it, or refuse with CHANNEL_INVALID."""
    chat = context.world.chat(mark_channel(getattr(channel, "channel_id", 0)), account_id(context))
    if chat is None or not _is_right(context, channel):
        raise RpcError(400, "CHANNEL_INVALID")
    return chat


def _is_right(context: Context, channel: Any) -> bool:
    """Say whether an input channel or peer has the access hash of the account, or a message that speaks of it."""
    match channel:
        case types.InputPeerChannelFromMessage() | types.InputChannelFromMessage():
            return _is_mentioned(context, channel, mark_channel(channel.channel_id))
        case types.InputPeerChannel() | types.InputChannel():
            known = context.world.access_hash(mark_channel(channel.channel_id), account_id(context))
            return bool(channel.access_hash == known)
        case _:
            return False


def mark_input(peer: Any, viewer: int) -> int:
    """Return the marked id of an input peer, 0 for the empty one, for uses that need no access hash."""
    match peer:
        case types.InputPeerSelf():
            return viewer
        case types.InputPeerUser() | types.InputPeerUserFromMessage():
            return int(peer.user_id)
        case types.InputPeerChat():
            return mark_group(peer.chat_id)
        case types.InputPeerChannel() | types.InputPeerChannelFromMessage():
            return mark_channel(peer.channel_id)
        case _:
            return 0


def _is_mentioned(context: Context, source: Any, marked: int) -> bool:
    """Say whether the message that a …FromMessage peer points to speaks of this peer; refuse with MSG_ID_INVALID."""
    log = open_chat(context, source.peer).log
    rank = rank_with(log, source.msg_id)
    if rank is None:
        raise RpcError(400, "MSG_ID_INVALID")
    return marked in log.peers(rank, rank + 1)


def find_username(world: World, name: str) -> Any:
    """Return the user or channel with that public name, without regard to case, or None."""
    for peer in world.peers.values():
        username = getattr(peer, "username", None)
        if username and username.casefold() == name.casefold():
            return peer
    return None
