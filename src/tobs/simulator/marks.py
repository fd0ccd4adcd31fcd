"""Marked ids (see `tobs.core.ids`) from and to TL objects."""

from telethon.tl import types

from tobs.core.ids import bare_id, is_group, is_user, mark_channel, mark_group


def peer_of(marked: int) -> types.TypePeer:
    """Return the TL peer of a marked id."""
    if is_user(marked):
        return types.PeerUser(marked)
    return types.PeerChat(-marked) if is_group(marked) else types.PeerChannel(bare_id(marked))


def marked_of(thing: types.TypePeer) -> int:
    """Return the marked id of a TL peer, or of a `User`, `Chat` or `Channel` object."""
    match thing:
        case types.PeerUser():
            return int(thing.user_id)
        case types.PeerChat():
            return mark_group(int(thing.chat_id))
        case types.PeerChannel():
            return mark_channel(int(thing.channel_id))
        case types.Channel() | types.ChannelForbidden():
            return mark_channel(int(thing.id))
        case types.Chat() | types.ChatForbidden():
            return mark_group(int(thing.id))
        case _:
            return int(thing.id)
