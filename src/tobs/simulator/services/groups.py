"""messages.getChats and getFullChat: basic groups."""

from typing import Any

from telethon.tl import functions, types

from tobs.simulator.access import account_id, open_group
from tobs.simulator.dispatch import Context, serves
from tobs.simulator.pages import encode_peers


@serves(functions.messages.GetChatsRequest)
def get_chats(context: Context, request: Any) -> Any:
    """Answer the basic groups asked for."""
    viewer = account_id(context)
    found = [open_group(context, group_id) for group_id in request.id]
    return types.messages.Chats([context.world.seen(chat.marked, viewer) for chat in found])


@serves(functions.messages.GetFullChatRequest)
def get_full_chat(context: Context, request: Any) -> Any:
    """Answer what the info page of a basic group shows, with its members."""
    chat = open_group(context, request.chat_id)
    fields = {"about": "", "members": [], **chat.full}
    members: list[int] = fields.pop("members")
    creator, *others = members or [context.world.owner]
    participants = [types.ChatParticipantCreator(creator)]
    participants += [types.ChatParticipant(user_id, creator, chat.entity.date) for user_id in others]
    full = types.ChatFull(
        chat.entity.id,
        fields.pop("about"),
        types.ChatParticipants(chat.entity.id, participants, version=chat.entity.version),
        types.PeerNotifySettings(),
        **fields,
    )
    users, chats = encode_peers(context.world, account_id(context), {chat.marked, *members})
    return types.messages.ChatFull(full, chats=chats, users=users)
