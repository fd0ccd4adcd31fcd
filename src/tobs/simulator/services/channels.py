"""channels.*: channels and supergroups, and their messages by id."""

from typing import Any

from telethon.tl import functions, types

from tobs.core.ids import mark_channel, mark_group
from tobs.simulator.access import account_id, find_channel, open_channel
from tobs.simulator.dispatch import Context, serves
from tobs.simulator.pages import encode_by_id, encode_peers
from tobs.simulator.reading import shown_log
from tobs.simulator.services.history import wanted_ids


@serves(functions.channels.GetMessagesRequest)
def get_messages(context: Context, request: Any) -> Any:
    """Answer messages of one channel in the order asked for, `messageEmpty` for holes."""
    chat = open_channel(context, request.channel)
    ids = wanted_ids(request.id)
    context.served += len(ids)
    log = shown_log(context, chat, chat.log)
    return encode_by_id(context.world, account_id(context), chat, ids, log=log, bend=context.bend)


@serves(functions.channels.GetChannelsRequest)
def get_channels(context: Context, request: Any) -> Any:
    """Answer the channels asked for; one that the account may not read comes as `channelForbidden`."""
    viewer = account_id(context)
    found = [find_channel(context, channel) for channel in request.id]
    return types.messages.Chats([context.world.seen(chat.marked, viewer) for chat in found])


@serves(functions.channels.GetFullChannelRequest)
def get_full_channel(context: Context, request: Any) -> Any:
    """Answer what the info page of a channel shows."""
    chat = open_channel(context, request.channel)
    viewer = account_id(context)
    fields = {"about": "", "available_min_id": chat.hidden_to.get(viewer), **chat.full}
    fields.pop("members", None)
    full = types.ChannelFull(
        chat.entity.id,
        fields.pop("about"),
        read_inbox_max_id=chat.top,
        read_outbox_max_id=chat.top,
        unread_count=0,
        chat_photo=types.PhotoEmpty(0),
        notify_settings=types.PeerNotifySettings(),
        bot_info=[],
        pts=chat.pts,
        participants_count=chat.entity.participants_count,
        **fields,
    )
    wanted = {chat.marked}
    if full.linked_chat_id:
        wanted.add(mark_channel(full.linked_chat_id))
    if full.migrated_from_chat_id:
        wanted.add(mark_group(full.migrated_from_chat_id))
    users, chats = encode_peers(context.world, viewer, wanted)
    return types.messages.ChatFull(full, chats=chats, users=users)
