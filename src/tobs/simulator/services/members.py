"""channels.getParticipants: who is in a supergroup."""

from typing import Any

from telethon.tl import functions, types

from tobs.simulator.access import account_id, open_channel
from tobs.simulator.dispatch import Context, RpcError, serves
from tobs.simulator.model import Chat, World
from tobs.simulator.raw import Encoded

_MOST = 200


@serves(functions.channels.GetParticipantsRequest)
def get_participants(context: Context, request: Any) -> Any:
    """Answer members by their ids, all of them or those with a word of their names that begins like each word asked for.

    Those of a channel are for its admins: CHAT_ADMIN_REQUIRED.
    """
    chat = open_channel(context, request.channel)
    if not chat.entity.megagroup:
        raise RpcError(400, "CHAT_ADMIN_REQUIRED")
    match request.filter:
        case types.ChannelParticipantsSearch():
            words = request.filter.q.casefold().split()
        case types.ChannelParticipantsRecent():
            words = []
        case _:
            raise RpcError(400, "INPUT_FILTER_INVALID")
    world, viewer = context.world, account_id(context)
    found = [each for each in _list_members(world, chat) if _fits(world.peers[each], words)]
    shown = found[request.offset : request.offset + min(max(request.limit, 1), _MOST)]
    return types.channels.ChannelParticipants(
        len(found),
        [types.ChannelParticipant(each, chat.entity.date) for each in shown],
        chats=[world.seen(chat.marked, viewer)],
        users=[Encoded(world.view(each, viewer)) for each in shown],
    )


def _list_members(world: World, chat: Chat) -> list[int]:
    """Return the members that the chat says it has, else everybody whom its messages speak of."""
    told: list[int] | None = chat.full.get("members")
    peers = chat.log.peers(0, len(chat.log)) if told is None else set(told)
    return sorted(each for each in peers if each > 0 and each in world.peers)


def _fits(user: Any, words: list[str]) -> bool:
    name = f"{user.first_name or ''} {user.last_name or ''} {user.username or ''}".casefold().split()
    return all(any(part.startswith(word) for part in name) for word in words)
